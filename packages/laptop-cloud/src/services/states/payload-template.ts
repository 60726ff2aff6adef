import { type Data, evaluate } from "./expression";
import type { Json } from "./json";

/** Fills a payload template: the value of a key that ends in `.$` is a path or a call of an intrinsic function. Throws as `evaluate` does. */
const fillTemplate = (template: Json, data: Data): Json => {
  if (Array.isArray(template)) return template.map(item => fillTemplate(item, data));
  if (typeof template !== "object" || template === null) return template;
  return Object.fromEntries(
    Object.entries(template).map(([key, value]) =>
      key.endsWith(".$") ? [key.slice(0, -2), evaluate(String(value), data)] : [key, fillTemplate(value, data)],
    ),
  );
};

export { fillTemplate };
