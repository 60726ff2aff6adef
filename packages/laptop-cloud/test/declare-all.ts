import { Declarations } from "../src/declare";
import { Inventory, type Resource } from "../src/kernel/inventory";
import type { Declared, Place, ServiceDefinition } from "../src/kernel/service";

/** Builds an inventory from resources written by hand, in their order. Throws `NotImitated`. */
const declareAll = (definitions: ServiceDefinition[], place: Place, resources: Declared[]): Inventory => {
  const declarations = new Declarations(definitions, place);
  return new Inventory(resources.map(declared => ({ ...declared, ...declarations.complete(declared), secrets: [] }) satisfies Resource));
};

export { declareAll };
