import type { Inventory } from "../kernel/inventory";
import { isObject, isObjectText } from "../kernel/json";
import { type Program, secretMask } from "../kernel/program";

/** Replaces secrets in text, and in the text, keys and values inside of objects. */
type Hide = (value: unknown) => unknown;

/** Secrets of this length are also masked inside other text, such as a policy. Shorter ones could be parts of ordinary words. */
const MIN_LENGTH_INSIDE = 8;

/** A function that masks the program's secrets wherever they were copied. */
const createMask = (inventory: Inventory, program: Program): Hide => {
  const secrets = [
    ...inventory.resources.flatMap(({ inputs, secrets }) => secrets.map(path => valueAt(inputs, path))),
    ...program.secretOutputs.map(name => program.outputs[name]),
  ];
  const texts = new Set(secrets.flatMap(textsOf));
  const long = [...texts].filter(text => text.length >= MIN_LENGTH_INSIDE).flatMap(text => [text, encodeURIComponent(text)]);
  const hide: Hide = value => {
    if (typeof value === "string")
      return texts.has(value) ? secretMask : long.reduce((text, secret) => text.replaceAll(secret, secretMask), value);
    if (Array.isArray(value)) return value.map(hide);
    if (!isObject(value)) return value;
    if ("__pulumiAsset" in value) return "[asset]";
    if ("__pulumiArchive" in value) return "[archive]";
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, hide(inner)]));
  };
  return hide;
};

/** A secret, and the long texts inside of it if it is JSON. */
const textsOf = (secret: unknown): string[] => {
  if (typeof secret !== "string" || secret === "") return [];
  return [secret, ...(isObjectText(secret) ? leavesOf(JSON.parse(secret)).filter(text => text.length >= MIN_LENGTH_INSIDE) : [])];
};

const leavesOf = (value: unknown): string[] => {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(leavesOf) : [];
};

const valueAt = (value: unknown, path: string): unknown =>
  path.split(".").reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);

export type { Hide };
export { createMask };
