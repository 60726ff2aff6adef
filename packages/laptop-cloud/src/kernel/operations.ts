import type { Operation, OperationOf } from "./service";

/** Hands a part of a service to operations, and names them as AWS does: `getItem` becomes `GetItem`, `laptop:ListTimers` stays. */
const bindOperations = <Part>(part: Part, operations: Record<string, OperationOf<Part>>): Record<string, Operation> =>
  Object.fromEntries(
    Object.entries(operations).map(([name, operation]) => [
      name.replace(/^[a-z]+(?!\w*:)/, first => first[0]!.toUpperCase() + first.slice(1)),
      (input, call) => operation(part, input, call),
    ]),
  );

export { bindOperations };
