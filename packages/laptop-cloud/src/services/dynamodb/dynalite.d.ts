/** The part of dynalite 4 that is called here. It ships no types. */

declare module "dynalite/db" {
  type Item = import("./attribute-value").Item;

  const db: {
    checkConditional(request: object, item: Item | undefined): Error | null | undefined;
    createIndexKey(item: Item, table: object, keySchema: object[]): string;
    createKey(item: Item, table: object): string;
    mapPaths(paths: (string | (string | number)[])[], item: Item): Item;
    toLexiStr(value: string, type: "S" | "N" | "B"): string;
    validateItem(item: Item, table: object): Error | null | undefined;
    validateKey(key: Item, table: object): Error | null | undefined;
  };
  export default db;
}

declare module "dynalite/validations" {
  const validations: {
    checkTypes(request: object, types: object): object;
    checkValidations(request: object, types: object, custom: unknown, store: { options: { maxItemSize: number } }): void;
  };
  export default validations;
}

declare module "dynalite/validations/*" {
  const validation: { types: Record<string, object | string>; custom?: unknown };
  export default validation;
}

declare module "dynalite/actions/*" {
  const action: import("./action").Action;
  export default action;
}

declare module "dynalite/db/*" {
  const parser: import("./parsers").Parser;
  export default parser;
}
