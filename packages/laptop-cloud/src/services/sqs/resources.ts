import { acts, inert, physicalName, refusalOf } from "../../kernel/declared";
import type { Declared, Place, ResourceKind } from "../../kernel/service";
import { isQueueName } from "./queue";
import { attributesOfInputs } from "./reconcile";

const notEncrypted = "nothing is encrypted at rest";
const onlyFifo = "acts on FIFO queues only, which are refused";

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
  properties: { ...acts("queueUrl"), [property]: "acts" },
  check: ({ inputs }) => refusalOf(() => attributesOfInputs({ [property]: inputs[property] })),
  outputs: ({ inputs }, { region }) => ({ id: inputs["queueUrl"], region }),
});

const resources: Record<string, ResourceKind> = {
  "aws:sqs/queue:Queue": {
    properties: {
      ...acts("name", "delaySeconds", "maxMessageSize", "messageRetentionSeconds", "receiveWaitTimeSeconds"),
      ...acts("visibilityTimeoutSeconds", "policy", "redrivePolicy", "redriveAllowPolicy", "tags", "fifoQueue"),
      ...inert(onlyFifo, "contentBasedDeduplication", "deduplicationScope", "fifoThroughputLimit"),
      ...inert(notEncrypted, "kmsMasterKeyId", "kmsDataKeyReusePeriodSeconds", "sqsManagedSseEnabled"),
    },
    check: checkQueue,
    outputs: queueOutputs,
  },
  "aws:sqs/queuePolicy:QueuePolicy": companion("policy"),
  "aws:sqs/redrivePolicy:RedrivePolicy": companion("redrivePolicy"),
  "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": companion("redriveAllowPolicy"),
};

export { resources };
