import type { Inventory, Resource } from "../kernel/inventory";
import { maskedOutputs, type Program, secretMask } from "../kernel/program";
import type { InventoryReport } from "../protocol";

/** Secrets of this length are also masked inside other text, such as a policy. Shorter ones could be parts of ordinary words. */
const MIN_LENGTH_INSIDE = 8;

/** The inventory and the stack outputs without code. Secret values are masked wherever they were copied. */
const buildInventoryReport = (inventory: Inventory, program: Program): InventoryReport => {
  const hide = createMask([
    ...inventory.resources.flatMap(({ inputs, secrets }) => secrets.map(path => valueAt(inputs, path))),
    ...program.secretOutputs.map(name => program.outputs[name]),
  ]);
  return {
    revision: inventory.revision,
    resources: inventory.shown().map(resource => hide(resource) as Resource),
    outputs: hide(maskedOutputs(program)) as InventoryReport["outputs"],
  };
};

const createMask = (secrets: unknown[]) => {
  const texts = new Set(secrets.filter(secret => typeof secret === "string" && secret !== "") as string[]);
  const long = [...texts].filter(text => text.length >= MIN_LENGTH_INSIDE);
  const hide = (value: unknown): unknown => {
    if (typeof value === "string")
      return texts.has(value) ? secretMask : long.reduce((text, secret) => text.replaceAll(secret, secretMask), value);
    if (Array.isArray(value)) return value.map(hide);
    if (typeof value !== "object" || value === null) return value;
    if ("__pulumiAsset" in value) return "[asset]";
    if ("__pulumiArchive" in value) return "[archive]";
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, hide(inner)]));
  };
  return hide;
};

const valueAt = (value: unknown, path: string): unknown =>
  path.split(".").reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);

export { buildInventoryReport };
