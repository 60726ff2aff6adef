import { DescribeExecutionCommand, GetExecutionHistoryCommand, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { eventually, startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { AwsError } from "../../../src/kernel/aws-error";
import type { ServiceDefinition } from "../../../src/kernel/service";
import { iam } from "../../../src/services/iam";
import { states } from "../../../src/services/states";
import { createSibling } from "../../sibling";

/** A function's answer: a result, or an error in Lambda's format. */
// biome-ignore lint/suspicious/noExplicitAny: payloads are any JSON.
type Handler = (payload: any, attempt: number) => unknown;

/** A function's own error. */
class FunctionError extends Error {
  constructor(
    readonly errorType: string | undefined,
    message: string,
  ) {
    super(message);
  }
}

const functionArn = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
const roleArn = "arn:aws:iam::000000000000:role/pipeline";
const machineArn = "arn:aws:states:us-east-1:000000000000:stateMachine:pipeline";

const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "states.amazonaws.com" }, Action: "sts:AssumeRole" }],
});
const grants = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "states:StartExecution", Resource: machineArn }],
});

/** Lambda as Step Functions sees it, with functions that are plain callbacks. */
const createFunctions = (handlers: Record<string, Handler>) => {
  const attempts = new Map<string, number>();
  return createSibling("lambda", {
    Invoke: async ({ FunctionName, Payload }) => {
      const name: string = FunctionName.split(":").at(-1);
      const attempt = (attempts.get(name) ?? 0) + 1;
      attempts.set(name, attempt);
      try {
        const result = await handlers[name]!(JSON.parse(Buffer.from(Payload).toString()), attempt);
        return { StatusCode: 200, ExecutedVersion: "$LATEST", Payload: Buffer.from(JSON.stringify(result)) };
      } catch (error) {
        if (error instanceof AwsError) throw error;
        const { errorType, message } = error as FunctionError;
        return { StatusCode: 200, FunctionError: "Unhandled", Payload: Buffer.from(JSON.stringify({ errorType, errorMessage: message })) };
      }
    },
  });
};

interface MachineOptions {
  functions?: Record<string, Handler>;
  siblings?: ServiceDefinition[];
  directory?: string;
}

/** A laptop cloud with one state machine, `pipeline`, in front of functions that are plain callbacks. */
const startMachine = async (definition: object, { functions = {}, siblings = [], directory }: MachineOptions = {}) => {
  const lambda = createFunctions(functions);
  const laptop = await startLaptop({
    definitions: [states, iam, lambda.definition, ...siblings],
    resources: [
      { type: "aws:iam/role:Role", name: "pipeline", inputs: { assumeRolePolicy: trust } },
      { type: "aws:iam/rolePolicy:RolePolicy", name: "pipeline", inputs: { role: "pipeline", policy: grants } },
      {
        type: "aws:sfn/stateMachine:StateMachine",
        name: "pipeline",
        inputs: { definition: JSON.stringify(definition), roleArn },
      },
    ],
    directory,
  });
  const client = new SFNClient(laptop.client);

  const start = async (input: unknown = {}, name?: string) => {
    const { executionArn } = await client.send(
      new StartExecutionCommand({ stateMachineArn: machineArn, name, input: JSON.stringify(input) }),
    );
    return executionArn!;
  };
  const describe = (executionArn: string) => client.send(new DescribeExecutionCommand({ executionArn }));
  /** Waits for the end. */
  const finish = (executionArn: string) =>
    eventually(async () => {
      const execution = await describe(executionArn);
      return execution.status === "RUNNING" ? undefined : { ...execution, result: execution.output && JSON.parse(execution.output) };
    });
  return {
    ...laptop,
    sfn: client,
    invocations: lambda.received,
    start,
    describe,
    finish,
    run: async (input?: unknown, name?: string) => (await finish(await start(input, name)))!,
    history: async (executionArn: string) =>
      (await client.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }))).events!,
    stop: async () => {
      client.destroy();
      await laptop.stop();
    },
  };
};

export { FunctionError, functionArn, machineArn, roleArn, startMachine };
