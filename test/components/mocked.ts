import * as pulumi from "@pulumi/pulumi";
import { skipStackTraces } from "@slack-fanout/laptop-cloud/program/without-stacks";

interface MockedResource {
  type: string;
  name: string;
  // biome-ignore lint/suspicious/noExplicitAny: the inputs of every resource type of @pulumi/aws.
  inputs: Record<string, any>;
  /** Change the resources that a remote component creates. */
  transforms: pulumi.ResourceTransform[];
  /** The resources that must exist first, by inputs or `dependsOn`, as "TYPE NAME". */
  after: string[];
}

/** The engine's interface, as far as it is observed here. */
interface Monitor {
  registerResource(request: Registration, callback: unknown): unknown;
}

interface Registration {
  getType(): string;
  getName(): string;
  getDependenciesList(): string[];
}

interface PulumiInternals {
  getMonitor(): Monitor;
  runInPulumiStack(init: () => Promise<object>): Promise<unknown>;
  waitForRPCs(): Promise<void>;
  isRpcSecret(value: unknown): boolean;
  unwrapRpcSecret(value: unknown): unknown;
}
const internals = pulumi.runtime as unknown as PulumiInternals;

/** The resource types that our components and the program in deploy/ use. Other types and all provider functions are refused. */
const knownTypes =
  /^aws:(acm\/certificate(Validation)?|apigatewayv2\/(api|apiMapping|domainName|integration|route|stage)|appautoscaling\/(policy|target)|bedrock\/(agentcoreAgentRuntime|agentcoreGateway|agentcoreGatewayTarget)|budgets\/budget|cloudwatch\/(dashboard|logGroup|metricAlarm)|dynamodb\/table|ec2\/securityGroup|ecs\/cluster|iam\/(openIdConnectProvider|policy|role|rolePolicy|rolePolicyAttachment)|kinesis\/firehoseDeliveryStream|lambda\/(eventSourceMapping|function|functionEventInvokeConfig|permission)|route53\/record|s3\/\w+|scheduler\/(schedule|scheduleGroup)|sfn\/stateMachine|sns\/(topic|topicSubscription)|sqs\/(queue|queuePolicy)|ssm\/parameter):/;

/** The outputs of @pulumi/awsx's components, which run in another process. */
const awsxOutputs: Record<string, object> = {
  "awsx:ecr:Repository": { url: "000000000000.dkr.ecr.us-east-1.amazonaws.com/agent" },
  "awsx:ecr:Image": { imageUri: "000000000000.dkr.ecr.us-east-1.amazonaws.com/agent@sha256:0" },
  "awsx:ec2:DefaultVpc": { vpcId: "vpc-0", publicSubnetIds: ["subnet-0"] },
  "awsx:ec2:Vpc": { vpcId: "vpc-1", publicSubnetIds: ["subnet-1"] },
};

/** What AWS computes of an API's own domain. */
const domainOutputs: Record<string, object> = {
  "aws:apigatewayv2/domainName:DomainName": {
    domainNameConfiguration: { targetDomainName: "d-1.execute-api.us-east-1.amazonaws.com", hostedZoneId: "ZAWS" },
  },
  "aws:acm/certificate:Certificate": {
    domainValidationOptions: [{ resourceRecordName: "_1.example.com", resourceRecordType: "CNAME", resourceRecordValue: "_2.acm.example" }],
  },
  "aws:route53/record:Record": { fqdn: "_1.example.com" },
};

/**
 * Runs a small program in a stack and returns its resources, in no particular order. Throws its first error; Pulumi reports each error
 * as several unhandled rejections. `arnOf` computes a resource's ARN; undefined for none.
 */
const runMocked = async (
  program: () => void,
  arnOf: (name: string) => string | undefined = name => `arn:aws:mock:us-east-1:000000000000:${name}`,
  stack = "test",
  organization = "organization",
): Promise<{ resources: MockedResource[] }> => {
  const resources: Omit<MockedResource, "after">[] = [];
  const dependencies = new Map<string, string[]>();
  const problems: Error[] = [];
  const heard = (problem: unknown) => void problems.push(problem as Error);
  const mochas = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection").on("unhandledRejection", heard);
  const undo = skipStackTraces();
  try {
    await pulumi.runtime.setMocks(
      {
        newResource: ({ type, name, inputs, custom, transforms = [] }) => {
          const isRemote = type.startsWith("awsx:");
          if (custom !== false && !isRemote && !knownTypes.test(type))
            throw new Error(`"${name}" is a ${type}, which no component of ours makes.`);
          if (custom !== false || isRemote) resources.push({ type, name, inputs: unwrap(inputs) as MockedResource["inputs"], transforms });
          const arn = arnOf(name);
          return {
            id: `${name}-id`,
            state: {
              ...inputs,
              name: inputs.name ?? name,
              arn,
              url: `https://mock/${name}`,
              invokeArn: arn,
              executionArn: arn,
              apiEndpoint: `https://mock/${name}`,
              agentRuntimeArn: arn,
              agentRuntimeId: `${name}-id`,
              gatewayArn: arn,
              gatewayId: `${name}-id`,
              gatewayUrl: `https://mock/${name}`,
              ...domainOutputs[type],
              ...awsxOutputs[type],
            },
          };
        },
        call: ({ token }) => {
          if (token === "aws:index/getPartition:getPartition") return { partition: partitionOf(arnOf("any")) };
          throw new Error(`The program asks ${token}.`);
        },
      },
      "slack-fanout",
      stack,
      false,
      organization,
    );
    listen(internals.getMonitor(), dependencies);
    await internals.runInPulumiStack(async () => {
      program();
      return {};
    });
    await internals.waitForRPCs();
    await new Promise(resolve => setImmediate(resolve));
  } catch (error) {
    problems.push(error as Error);
  } finally {
    undo();
    process.removeListener("unhandledRejection", heard);
    for (const listener of mochas) process.on("unhandledRejection", listener);
  }
  if (problems[0] !== undefined) throw problems[0];
  return { resources: resources.map(resource => ({ ...resource, after: dependencies.get(`${resource.type} ${resource.name}`) ?? [] })) };
};

const partitionOf = (arn: string | undefined) => arn?.split(":")[1] ?? "aws";

/** Records dependencies, which Pulumi does not pass to mocks. */
const listen = (monitor: Monitor, dependencies: Map<string, string[]>) => {
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) => {
    dependencies.set(`${request.getType()} ${request.getName()}`, request.getDependenciesList().map(nameOf));
    return register(request, callback);
  };
};

/** `urn:pulumi:STACK::PROJECT::PARENT_TYPE$TYPE::NAME` */
const nameOf = (urn: string): string => {
  const [, , types, name] = urn.split("::");
  return `${types!.split("$").at(-1)} ${name}`;
};

/** Inputs with secrets in plain text. Assets and archives stay unchanged. */
const unwrap = (value: unknown): unknown => {
  if (internals.isRpcSecret(value)) return unwrap(internals.unwrapRpcSecret(value));
  if (Array.isArray(value)) return value.map(unwrap);
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, unwrap(each)]));
};

export type { MockedResource };
export { runMocked };
