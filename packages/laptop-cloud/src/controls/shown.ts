import type { Inventory, Resource } from "../kernel/inventory";
import { type Program, secretMask, showOutputs } from "../kernel/program";

/** Shorter secrets are masked where they stand alone; longer ones also inside other text (a policy, a template). */
const shortestInside = 8;

/** The inventory and the stack outputs as they may be shown: no secret value, wherever it was copied to, and no code. */
const showInventory = (inventory: Inventory, program: Program) => {
  const hide = createMask([
    ...inventory.resources.flatMap(({ inputs, secrets }) => secrets.map(path => valueAt(inputs, path))),
    ...program.secretOutputs.map(name => program.outputs[name]),
  ]);
  return {
    resources: inventory.shown().map(resource => hide(resource) as Resource),
    outputs: hide(showOutputs(program)),
  };
};

const createMask = (secrets: unknown[]) => {
  const texts = new Set(secrets.filter(secret => typeof secret === "string" && secret !== "") as string[]);
  const long = [...texts].filter(text => text.length >= shortestInside);
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

export { showInventory };
