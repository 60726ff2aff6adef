import { physicalName, refusalOf } from "../../kernel/declared";
import type { Declared, Inert, Place, ResourceKind } from "../../kernel/service";
import { isQueueName } from "./queue";
import { attributesOfInputs } from "./reconcile";

const oneRegion: Inert = { inert: "the laptop has one region" };
const notEncrypted: Inert = { inert: "nothing is encrypted at rest" };
const onlyFifo: Inert = { inert: "acts on FIFO queues only, which are refused" };

const queueOutputs = (declared: Declared, { awsUrl, region, account }: Place) => {
  const name = physicalName(declared);
  const url = `${awsUrl}/${account}/${name}`;
  return {
    id: url,
    url,
    name,
    arn: `arn:aws:sqs:${region}:${account}:${name}`,
    region,
    tagsAll: declared.inputs["tags"] ?? {},
    visibilityTimeoutSeconds: declared.inputs["visibilityTimeoutSeconds"] ?? 30,
    maxMessageSize: declared.inputs["maxMessageSize"] ?? 262_144,
    messageRetentionSeconds: declared.inputs["messageRetentionSeconds"] ?? 345_600,
  };
};

const checkQueue = (declared: Declared): string | undefined => {
  if (declared.inputs["fifoQueue"] === true || physicalName(declared).endsWith(".fifo"))
    return `fifoQueue of ${JSON.stringify(physicalName(declared))} is true: the laptop cloud has standard queues only.`;
  if (!isQueueName(physicalName(declared)))
    return `the queue's name is ${JSON.stringify(physicalName(declared))}, but must be up to 80 letters, digits, hyphens and underscores.`;
  return refusalOf(() => attributesOfInputs(declared.inputs));
};

const companion = (property: string): ResourceKind => ({
  properties: { queueUrl: "acts", [property]: "acts", region: oneRegion },
  check: ({ inputs }) => refusalOf(() => attributesOfInputs({ [property]: inputs[property] })),
  outputs: ({ inputs }, { region }) => ({ id: inputs["queueUrl"], region }),
});

const resources: Record<string, ResourceKind> = {
  "aws:sqs/queue:Queue": {
    properties: {
      name: "acts",
      delaySeconds: "acts",
      maxMessageSize: "acts",
      messageRetentionSeconds: "acts",
      receiveWaitTimeSeconds: "acts",
      visibilityTimeoutSeconds: "acts",
      policy: "acts",
      redrivePolicy: "acts",
      redriveAllowPolicy: "acts",
      tags: "acts",
      fifoQueue: "acts",
      contentBasedDeduplication: onlyFifo,
      deduplicationScope: onlyFifo,
      fifoThroughputLimit: onlyFifo,
      kmsMasterKeyId: notEncrypted,
      kmsDataKeyReusePeriodSeconds: notEncrypted,
      sqsManagedSseEnabled: notEncrypted,
      region: oneRegion,
    },
    check: checkQueue,
    outputs: queueOutputs,
  },
  "aws:sqs/queuePolicy:QueuePolicy": companion("policy"),
  "aws:sqs/redrivePolicy:RedrivePolicy": companion("redrivePolicy"),
  "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": companion("redriveAllowPolicy"),
};

export { resources };
