import { Declarations } from "../declare";
import { Inventory, type Resource } from "../kernel/inventory";
import type { Declared, Place, ServiceDefinition } from "../kernel/service";

/** Builds an inventory from resources written by hand, in their order. Throws `NotImitated`. */
const declareAll = (definitions: ServiceDefinition[], place: Place, resources: Declared[]): Inventory => {
  const declarations = new Declarations(definitions, place);
  const complete = (declared: Declared): Resource[] => [
    { ...declared, ...declarations.complete(declared), secrets: [] },
    ...declarations.partsOf(declared).flatMap(complete),
  ];
  return new Inventory(resources.flatMap(complete));
};

export { declareAll };
