import { Declarations } from "../../local/declare";
import { Inventory, type Resource } from "../../local/kernel/inventory";
import type { Declared, Place, ServiceDefinition } from "../../local/kernel/service";

/** Builds an inventory from resources written by hand, in their order. Throws `NotImitated`. */
const declareAll = (definitions: ServiceDefinition[], place: Place, resources: Declared[]): Inventory => {
  const declarations = new Declarations(definitions, place);
  return new Inventory(resources.map(declared => ({ ...declared, ...declarations.complete(declared), secrets: [] }) satisfies Resource));
};

export { declareAll };
