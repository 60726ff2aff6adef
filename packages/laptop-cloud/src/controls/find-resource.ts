import { HttpError, quote } from "../kernel/http";
import type { Inventory, Resource } from "../kernel/inventory";

/** The resource of one type by its Pulumi name. `what` is a word for its type, used in the error. Throws `HttpError` 404. */
const findResource = (inventory: Inventory, type: string, name: string | null, what: string): Resource => {
  const found = inventory.ofType(type).find(resource => resource.name === name);
  if (found === undefined) throw new HttpError(404, `${what.replaceAll(" ", "_")}_not_found`, `There is no ${what} ${quote(name)}.`);
  return found;
};

/** The resource with this ARN, or the one that contains it: the table of an index, the bucket of an object. */
const findByArn = (inventory: Inventory, arn: string): Resource | undefined => {
  for (let text = arn; text !== ""; text = text.slice(0, Math.max(text.lastIndexOf("/"), text.lastIndexOf(":"), 0))) {
    const found = inventory.byArn(text);
    if (found !== undefined) return found;
  }
  return undefined;
};

export { findByArn, findResource };
