import { isObject, isObjectText } from "../../kernel/json";
import type { buildRequestEvent } from "./request-event";

type RequestEvent = ReturnType<typeof buildRequestEvent> & { headers: Record<string, string> };

/** A route that calls an AWS service without a function. */
interface ServiceIntegration {
  kind: "service";
  /** "events" */
  service: string;
  operation: string;
  roleArn: string;
  buildInput(event: RequestEvent): object;
}

interface Subtype {
  service: string;
  operation: string;
  required: string[];
  optional: string[];
  buildInput(parameters: Record<string, string>): object;
}

/** "Integration subtype reference" (API Gateway developer guide). */
const subtypes: Record<string, Subtype> = {
  "EventBridge-PutEvents": {
    service: "events",
    operation: "PutEvents",
    required: ["Detail", "DetailType", "Source"],
    optional: ["EventBusName"],
    buildInput: parameters => ({ Entries: [parameters] }),
  },
  "SQS-SendMessage": {
    service: "sqs",
    operation: "SendMessage",
    required: ["QueueUrl", "MessageBody"],
    optional: ["DelaySeconds"],
    buildInput: ({ DelaySeconds, ...parameters }) => ({
      ...parameters,
      ...(DelaySeconds === undefined ? {} : { DelaySeconds: Number(DelaySeconds) }),
    }),
  },
  "StepFunctions-StartExecution": {
    service: "states",
    operation: "StartExecution",
    required: ["StateMachineArn"],
    optional: ["Input", "Name"],
    buildInput: ({ StateMachineArn, Input, Name }) => ({ stateMachineArn: StateMachineArn, input: Input, name: Name }),
  },
};

/** `$request.body.customer.name`, `$context.requestId` */
const EXPRESSION = /^\$(request\.(?:header|querystring|path)|request\.body|context|stageVariables)(?:\.([\w-]+(?:\.[\w-]+)*))?$/;

/** A sentence about what is wrong, or not imitated, in the inputs of an integration with a subtype. */
const refuseServiceIntegration = (inputs: Record<string, unknown>): string | undefined => {
  const { integrationSubtype, credentialsArn, requestParameters } = inputs;
  const subtype = subtypes[String(integrationSubtype)];
  if (subtype === undefined)
    return `integrationSubtype is ${JSON.stringify(integrationSubtype)}: the laptop cloud imitates ${Object.keys(subtypes).join(", ")}.`;
  if (credentialsArn === undefined) return "credentialsArn is missing.";
  const parameters = (requestParameters ?? {}) as Record<string, string>;
  const absent = subtype.required.find(name => parameters[name] === undefined);
  if (absent !== undefined) return `requestParameters.${absent} is missing.`;
  return Object.entries(parameters)
    .map(([name, value]) => refuseParameter(subtype, name, value))
    .find(refusal => refusal !== undefined);
};

const refuseParameter = ({ required, optional }: Subtype, name: string, value: string): string | undefined => {
  if (![...required, ...optional].includes(name)) return `requestParameters sets ${name}, which the laptop cloud does not imitate.`;
  return (value.startsWith("$") && !EXPRESSION.test(value)) || value.includes("$" + "{")
    ? `requestParameters.${name} is ${JSON.stringify(value)}, an expression that the laptop cloud does not imitate.`
    : undefined;
};

/** The inputs have been checked. */
const readServiceIntegration = (inputs: Record<string, unknown>): ServiceIntegration => {
  const { service, operation, buildInput } = subtypes[String(inputs["integrationSubtype"])]!;
  const parameters = Object.entries(inputs["requestParameters"] as Record<string, string>);
  return {
    kind: "service",
    service,
    operation,
    roleArn: String(inputs["credentialsArn"]),
    buildInput: event =>
      buildInput(
        Object.fromEntries(
          parameters.map(([name, value]) => [name, evaluate(value, event)] as const).filter(([, value]) => value !== undefined),
        ) as Record<string, string>,
      ),
  };
};

/** Undefined if the request lacks what the expression names. */
const evaluate = (value: string, event: RequestEvent): string | undefined => {
  const [, root, path] = EXPRESSION.exec(value) ?? [];
  switch (root) {
    case undefined:
      return value;
    case "request.body":
      return path === undefined ? bodyOf(event) : textOf(propertyAt(parseBody(event), path.split(".")));
    case "request.header":
      return event.headers[path!.toLowerCase()];
    case "request.querystring":
      return event.queryStringParameters?.[path!];
    case "request.path":
      return event.pathParameters?.[path!];
    case "stageVariables":
      return event.stageVariables?.[path!];
    default:
      return textOf(propertyAt(event.requestContext, path!.split(".")));
  }
};

const bodyOf = ({ body = "", isBase64Encoded }: RequestEvent): string =>
  isBase64Encoded ? Buffer.from(body, "base64").toString("utf8") : body;

const parseBody = (event: RequestEvent): unknown => (isObjectText(bodyOf(event)) ? JSON.parse(bodyOf(event)) : undefined);

const propertyAt = (value: unknown, path: string[]): unknown =>
  path.reduce((inner, name) => (isObject(inner) && Object.hasOwn(inner, name) ? inner[name] : undefined), value);

const textOf = (value: unknown): string | undefined => (value === undefined || typeof value === "string" ? value : JSON.stringify(value));

export type { RequestEvent, ServiceIntegration };
export { readServiceIntegration, refuseServiceIntegration };
