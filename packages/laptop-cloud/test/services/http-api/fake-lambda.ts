import { AwsError } from "../../../src/kernel/aws-error";
import type { Caller } from "../../../src/kernel/caller";
import type { PolicyStatement, ServiceDefinition } from "../../../src/kernel/service";

// biome-ignore lint/suspicious/noExplicitAny: an event of payload format 2.0, whose fields the tests compare.
type Event = any;

interface Invocation {
  name: string;
  event: Event;
  caller: Caller;
}

const functionArn = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;

/** What lets an HTTP API call a function from `sources`, a pattern of ARNs. */
const permission = (name: string, sources = "*"): PolicyStatement => ({
  Effect: "Allow",
  Principal: { Service: "apigateway.amazonaws.com" },
  Action: "lambda:InvokeFunction",
  Resource: functionArn(name),
  Condition: { ArnLike: { "aws:SourceArn": sources } },
});

/** Lambda as far as the gateway sees it: each function is a JavaScript function. */
const createFakeLambda = (functions: Record<string, (event: Event) => unknown>, permissions: Record<string, PolicyStatement[]> = {}) => {
  const invocations: Invocation[] = [];
  const definition: ServiceDefinition = {
    name: "lambda",
    always: true,
    resources: {
      "aws:lambda/permission:Permission": {
        properties: { action: "acts", function: "acts", principal: "acts", sourceArn: "acts" },
        outputs: ({ name }) => ({ id: name }),
      },
    },
    create: () => ({
      start: async () => {},
      stop: async () => {},
      operations: {
        Invoke: async ({ FunctionName, Payload }: { FunctionName: string; Payload: string }, call) => {
          const name = FunctionName.split(":").at(-1)!;
          const Statement = permissions[name] ?? [permission(name)];
          call.authorize("lambda:InvokeFunction", FunctionName, { resourcePolicy: { Statement } });
          invocations.push({ name, event: JSON.parse(Payload), caller: call.caller });
          try {
            const result = await functions[name]!(JSON.parse(Payload));
            return { StatusCode: 200, Payload: Buffer.from(JSON.stringify(result ?? null)) };
          } catch (error) {
            if (error instanceof AwsError) throw error;
            return { StatusCode: 200, FunctionError: "Unhandled", Payload: Buffer.from(JSON.stringify({ errorMessage: String(error) })) };
          }
        },
      },
    }),
  };
  return { definition, invocations };
};

export { createFakeLambda, functionArn, permission };
