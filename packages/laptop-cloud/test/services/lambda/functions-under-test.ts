import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { startLaptop } from "@slack-fanout/laptop-cloud/testing";
import type { Declared, Inspection, ServiceDefinition } from "../../../src/kernel/service";
import { iam } from "../../../src/services/iam";
import { lambda } from "../../../src/services/lambda";
import { logs } from "../../../src/services/logs";

interface FunctionUnderTest {
  name?: string;
  /** Source of index.js, CommonJS. */
  code: string;
  files?: Record<string, string>;
  inputs?: Record<string, unknown>;
}

const roleArn = "arn:aws:iam::000000000000:role/worker-role";

/** The role of all functions under test, which may do whatever `actions` say, or anything. */
const declareRole = (actions: string[] = ["*"]): Declared => ({
  type: "aws:iam/role:Role",
  name: "worker-role",
  inputs: {
    assumeRolePolicy: JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "lambda.amazonaws.com" } }],
    }),
    inlinePolicies: [
      { name: "all", policy: JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: actions, Resource: "*" }] }) },
    ],
  },
});

/** A declared function whose index.js is `code`; with defaults that a test can override. */
const declareFunction = ({ name = "worker", code, files = {}, inputs = {} }: FunctionUnderTest): Declared => ({
  type: "aws:lambda/function:Function",
  name,
  inputs: {
    code: {
      __pulumiArchive: true,
      assets: Object.fromEntries(
        Object.entries({ "index.js": code, ...files }).map(([path, text]) => [path, { __pulumiAsset: true, text }]),
      ),
    },
    handler: "index.handler",
    runtime: "nodejs22.x",
    role: roleArn,
    // Long enough for a busy machine. Tests of Lambda's default, 3 s, set it.
    timeout: 30,
    ...inputs,
  },
});

/** Makes a function wait until another of its environments runs too, if the event names a shared folder. */
const meet = `
  const { readdirSync, writeFileSync } = require("node:fs");
  const meet = async meetingPlace => {
    if (meetingPlace === undefined) return;
    writeFileSync(meetingPlace + "/" + process.pid, "");
    while (readdirSync(meetingPlace).length < 2) await new Promise(setImmediate);
  };`;

interface LambdaUnderTest {
  functions: FunctionUnderTest[];
  resources?: Declared[];
  definitions?: ServiceDefinition[];
  directory?: string;
  role?: Declared;
  inspection?: Inspection;
}

/** A laptop cloud with these functions; `invoke` calls "worker" through the stock client. */
const startFunctions = async ({
  functions,
  resources = [],
  definitions = [],
  directory,
  role = declareRole(),
  inspection,
}: LambdaUnderTest) => {
  const laptop = await startLaptop({
    definitions: [iam, logs, ...definitions, lambda],
    resources: [role, ...resources, ...functions.map(declareFunction)],
    directory,
    inspection,
  });
  const client = new LambdaClient({ ...laptop.client, maxAttempts: 1 });
  const invoke = async (payload?: unknown, input: object = {}) => {
    const { Payload, ...output } = await client.send(
      new InvokeCommand({ FunctionName: "worker", Payload: payload === undefined ? undefined : JSON.stringify(payload), ...input }),
    );
    return { ...output, answer: Payload?.length ? JSON.parse(Payload.transformToString()) : undefined };
  };
  return { ...laptop, clientConfig: laptop.client, client, invoke };
};

export type { FunctionUnderTest };
export { declareFunction, declareRole, meet, roleArn, startFunctions };
