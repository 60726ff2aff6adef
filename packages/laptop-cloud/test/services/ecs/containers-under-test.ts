import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startLaptop } from "@slack-fanout/laptop-cloud/testing";
import type { Declared, Place } from "../../../src/kernel/service";
import { ecs } from "../../../src/services/ecs";
import { httpApi } from "../../../src/services/http-api";
import { iam } from "../../../src/services/iam";
import { logs } from "../../../src/services/logs";
import { sqs } from "../../../src/services/sqs";
import { ssm } from "../../../src/services/ssm";

const account = "000000000000";
const roleArn = `arn:aws:iam::${account}:role/worker`;
const queueArn = `arn:aws:sqs:us-east-1:${account}:jobs`;
const tokenArn = `arn:aws:ssm:us-east-1:${account}:parameter/token`;
const imageUri = `${account}.dkr.ecr.us-east-1.amazonaws.com/worker:worker`;

interface ContainerUnderTest {
  /** The container's own code: CommonJS; it finds this project's packages by their absolute paths. */
  code: string;
  /** More inputs of its service. */
  service?: Record<string, unknown>;
  container?: Record<string, unknown>;
  taskDefinition?: Record<string, unknown>;
  /** Service principals that the role trusts. */
  trusts?: string;
  actions?: string[];
  more?: Declared[];
}

/** For `require` in a container's code. */
const sdk = (name: string) => JSON.stringify(require.resolve(`@aws-sdk/${name}`));

const declare = (
  folder: string,
  pageUrl: string,
  { service, container, taskDefinition, trusts = "ecs-tasks.amazonaws.com", actions = ["sqs:*"], more = [] }: ContainerUnderTest,
): Declared[] => [
  {
    type: "aws:iam/role:Role",
    name: "worker",
    inputs: {
      assumeRolePolicy: JSON.stringify({ Statement: [{ Effect: "Allow", Principal: { Service: trusts }, Action: "sts:AssumeRole" }] }),
      inlinePolicies: [
        {
          name: "own",
          policy: JSON.stringify({ Statement: [{ Effect: "Allow", Action: actions, Resource: [queueArn, `${tokenArn}*`] }] }),
        },
      ],
    },
  },
  { type: "aws:sqs/queue:Queue", name: "jobs", inputs: { visibilityTimeoutSeconds: 120 } },
  { type: "aws:ecs/cluster:Cluster", name: "main", inputs: {} },
  { type: "awsx:ecr:Repository", name: "worker", inputs: { forceDelete: true } },
  {
    type: "awsx:ecr:Image",
    name: "worker",
    inputs: { repositoryUrl: `${account}.dkr.ecr.us-east-1.amazonaws.com/worker`, context: { path: folder }, platform: "linux/arm64" },
  },
  {
    type: "awsx:ecs:FargateService",
    name: "worker",
    inputs: {
      cluster: `arn:aws:ecs:us-east-1:${account}:cluster/main`,
      assignPublicIp: true,
      desiredCount: 1,
      ...service,
      taskDefinitionArgs: {
        taskRole: { roleArn },
        container: {
          name: "worker",
          image: imageUri,
          command: ["node", "worker.js"],
          cpu: 256,
          memory: 512,
          essential: true,
          environment: [{ name: "PAGE_URL", value: pageUrl }],
          ...container,
        },
        ...taskDefinition,
      },
    },
  },
  ...more,
];

/** A laptop with one container service, `worker`, whose role may do everything to the queue `jobs`. */
const startContainers = async (directory: string, under: ContainerUnderTest) => {
  const folder = join(directory, "image");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "worker.js"), under.code);
  return startLaptop({
    definitions: [iam, logs, ssm, sqs, httpApi, ecs],
    directory,
    resources: ({ pageUrl }: Place) => declare(folder, pageUrl, under),
  });
};

export type { ContainerUnderTest };
export { queueArn, roleArn, sdk, startContainers, tokenArn };
