import { isJsonObject, type Json, type JsonObject } from "./json";

/** An operation that Task states can call, and how its input and output are converted. */
interface TaskResource {
  /** In history events: "lambda", "sns". Absent if the resource is a function's ARN, which has its own event types. */
  resourceType?: string;
  /** In history events: "invoke", "publish". */
  resource: string;
  service: string;
  operation: string;
  /** The prefix of the service's errors, "SNS". */
  errorPrefix: string;
  buildInput(parameters: Json): object;
  /** Converts the operation's output. Throws `FunctionFailure`. */
  // biome-ignore lint/suspicious/noExplicitAny: outputs have the shapes of SDK commands.
  readOutput(output: any): Json;
  /** The name of a parameter that is not imitated. */
  unknownParameter?(parameters: Json | undefined): string | undefined;
}

/** An error that a function returned ("Error names in Step Functions"; Lambda, "errorType"). */
class FunctionFailure extends Error {
  override name = "FunctionFailure";

  constructor(
    readonly error: string,
    override readonly cause: string,
  ) {
    super(error);
  }
}

const functionArn = /^arn:aws:lambda:[\w-]+:\d{12}:function:[\w-]+(:[\w$-]+)?$/;
const integrationArn = /^arn:aws:states:::([\w-]+:[\w-]+)$/;

/** Resolves a Task state's `Resource`, or returns a sentence that says why it can't be called. */
const findTaskResource = (arn: Json | undefined): { resource?: TaskResource; refusal?: string } => {
  if (typeof arn !== "string") return { refusal: "but must be an ARN." };
  if (functionArn.test(arn)) return { resource: functionResource(arn) };
  const name = integrationArn.exec(arn)?.[1];
  const resource = name !== undefined && Object.hasOwn(integrations, name) ? integrations[name] : undefined;
  if (resource !== undefined) return { resource };
  return {
    refusal: `but the laptop cloud calls only functions by their ARN, and arn:aws:states::: with ${Object.keys(integrations).join(", ")}.`,
  };
};

const functionResource = (arn: string): TaskResource => ({
  resource: arn,
  service: "lambda",
  operation: "Invoke",
  errorPrefix: "Lambda",
  buildInput: payload => ({ FunctionName: arn, InvocationType: "RequestResponse", Payload: Buffer.from(JSON.stringify(payload)) }),
  readOutput: readFunctionOutput,
});

interface FunctionOutput {
  StatusCode?: number;
  FunctionError?: string;
  ExecutedVersion?: string;
  Payload?: Uint8Array | string;
}

const readFunctionOutput = ({ FunctionError, Payload }: FunctionOutput): Json => {
  const text = Payload === undefined ? "" : Buffer.from(Payload).toString("utf8");
  const payload: Json = text === "" ? null : JSON.parse(text);
  if (FunctionError === undefined) return payload;
  const errorType = isJsonObject(payload) ? payload["errorType"] : undefined;
  // Step Functions reports a missing errorType as Lambda.Unknown.
  throw new FunctionFailure(typeof errorType === "string" && errorType !== "" ? errorType : "Lambda.Unknown", text);
};

const asText = (value: Json | undefined) => (value === undefined || typeof value === "string" ? value : JSON.stringify(value));

const asObject = (parameters: Json): JsonObject => (isJsonObject(parameters) ? parameters : {});

/** Optimised integrations add metadata of the HTTP response. */
const withMetadata = (output: object): Json => ({ ...(output as JsonObject), SdkHttpMetadata: { HttpStatusCode: 200 } });

const integrations: Record<string, TaskResource> = {
  "lambda:invoke": {
    resourceType: "lambda",
    resource: "invoke",
    service: "lambda",
    operation: "Invoke",
    errorPrefix: "Lambda",
    buildInput: parameters => {
      const { Payload, ...rest } = asObject(parameters);
      return { ...rest, Payload: Buffer.from(JSON.stringify(Payload ?? {})) };
    },
    readOutput: (output: FunctionOutput) =>
      withMetadata({
        ExecutedVersion: output.ExecutedVersion ?? "$LATEST",
        Payload: readFunctionOutput(output),
        StatusCode: output.StatusCode ?? 200,
      }),
    unknownParameter: parameters => unknownOf(parameters, ["FunctionName", "Payload", "Qualifier", "InvocationType"]),
  },
  "sns:publish": {
    resourceType: "sns",
    resource: "publish",
    service: "sns",
    operation: "Publish",
    errorPrefix: "SNS",
    buildInput: parameters => ({ ...asObject(parameters), Message: asText(asObject(parameters)["Message"]) }),
    readOutput: withMetadata,
    unknownParameter: parameters =>
      unknownOf(parameters, [
        "TopicArn",
        "Message",
        "Subject",
        "MessageAttributes",
        "MessageStructure",
        "MessageGroupId",
        "MessageDeduplicationId",
      ]),
  },
  "sqs:sendMessage": {
    resourceType: "sqs",
    resource: "sendMessage",
    service: "sqs",
    operation: "SendMessage",
    errorPrefix: "SQS",
    buildInput: parameters => ({ ...asObject(parameters), MessageBody: asText(asObject(parameters)["MessageBody"]) }),
    readOutput: withMetadata,
  },
  "states:startExecution": {
    resourceType: "states",
    resource: "startExecution",
    service: "states",
    operation: "StartExecution",
    errorPrefix: "StepFunctions",
    buildInput: parameters => {
      const { StateMachineArn, Name, Input } = asObject(parameters);
      return { stateMachineArn: StateMachineArn, name: Name, input: asText(Input) };
    },
    readOutput: ({ executionArn, startDate }) =>
      withMetadata({ ExecutionArn: executionArn, StartDate: new Date(startDate * 1000).toISOString() }),
    unknownParameter: parameters => unknownOf(parameters, ["StateMachineArn", "Name", "Input"]),
  },
};

for (const action of ["getItem", "putItem", "updateItem", "deleteItem"]) {
  integrations[`dynamodb:${action}`] = {
    resourceType: "dynamodb",
    resource: action,
    service: "dynamodb",
    operation: action[0]!.toUpperCase() + action.slice(1),
    errorPrefix: "DynamoDB",
    buildInput: asObject,
    readOutput: withMetadata,
  };
}

/** A parameter's name ends in `.$` if its value is a path. */
const unknownOf = (parameters: Json | undefined, known: string[]) =>
  Object.keys(asObject(parameters ?? {})).find(key => !known.includes(key.replace(/\.\$$/, "")));

export type { TaskResource };
export { FunctionFailure, findTaskResource };
