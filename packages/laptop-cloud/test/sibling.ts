import type { Call, ServiceDefinition } from "../src/kernel/service";

interface Received {
  operation: string;
  // biome-ignore lint/suspicious/noExplicitAny: inputs have the shapes of SDK commands.
  input: any;
  call: Call;
}

// biome-ignore lint/suspicious/noExplicitAny: see Received.
type Handlers = Record<string, (input: any, call: Call) => object | Promise<object>>;

/** Replaces a service that the one under test calls: it records the requests, and returns the given answers. */
const createSibling = (name: string, handlers: Handlers) => {
  const received: Received[] = [];
  const operations = Object.fromEntries(
    Object.entries(handlers).map(([operation, handle]) => [
      operation,
      async (input: object, call: Call) => {
        received.push({ operation, input, call });
        return handle(input, call);
      },
    ]),
  );
  const definition: ServiceDefinition = {
    name,
    always: true,
    resources: {},
    create: () => ({ start: async () => {}, stop: async () => {}, operations }),
  };
  return { definition, received };
};

export { createSibling };
