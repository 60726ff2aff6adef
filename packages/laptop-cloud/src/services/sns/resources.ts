import { acts, inert, physicalName, refusalOf } from "../../kernel/declared";
import type { Declared, Place, ResourceKind } from "../../kernel/service";
import { readSubscriptionInputs, topicAttributesOfInputs } from "./reconcile";
import { isMail, parseEndpoint, subscriptionArn } from "./subscription";
import { isTopicName, topicArn } from "./topic";

const onlyHttp = "acts on HTTP endpoints only, which are refused";
const onlyFifo = "acts on FIFO topics only, which are refused";
const noDeliveryLogs = "deliveries show on the page instead of in delivery logs";

const feedback = Object.fromEntries(
  ["application", "firehose", "http", "lambda", "sqs"]
    .flatMap(endpoint => ["FailureFeedbackRoleArn", "SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate"].map(name => endpoint + name))
    .map(property => [property, noDeliveryLogs]),
);

const topicOutputs = (declared: Declared, place: Place) => {
  const arn = topicArn(physicalName(declared), place);
  return { id: arn, arn, name: physicalName(declared), owner: place.account, region: place.region, tagsAll: declared.inputs["tags"] ?? {} };
};

const checkTopic = (declared: Declared): string | undefined => {
  if (declared.inputs["fifoTopic"] === true || physicalName(declared).endsWith(".fifo"))
    return `fifoTopic of ${JSON.stringify(physicalName(declared))} is true: the laptop cloud has standard topics only.`;
  if (!isTopicName(physicalName(declared)))
    return `the topic's name is ${JSON.stringify(physicalName(declared))}, but must be up to 256 letters, digits, hyphens and underscores.`;
  return refusalOf(() => topicAttributesOfInputs(declared.inputs));
};

const subscriptionOutputs = ({ inputs }: Declared, { account, region }: Place) => {
  const { protocol } = parseEndpoint(inputs["protocol"], inputs["endpoint"]);
  const arn = subscriptionArn(inputs["topic"], inputs["protocol"], inputs["endpoint"]);
  return {
    id: arn,
    arn,
    ownerId: account,
    region,
    filterPolicyScope: inputs["filterPolicyScope"] ?? "MessageAttributes",
    pendingConfirmation: isMail(protocol),
    confirmationWasAuthenticated: !isMail(protocol),
  };
};

const resources: Record<string, ResourceKind> = {
  "aws:sns/topic:Topic": {
    properties: {
      ...acts("name", "displayName", "policy", "tags", "fifoTopic"),
      ...feedback,
      ...inert(onlyFifo, "contentBasedDeduplication", "fifoThroughputScope", "archivePolicy"),
      ...inert(onlyHttp, "deliveryPolicy"),
      ...inert("nothing is encrypted at rest", "kmsMasterKeyId"),
      ...inert("messages are not signed", "signatureVersion"),
      ...inert("every message is traced", "tracingConfig"),
    },
    check: checkTopic,
    outputs: topicOutputs,
  },
  "aws:sns/topicSubscription:TopicSubscription": {
    properties: {
      ...acts("topic", "protocol", "endpoint", "filterPolicy", "filterPolicyScope", "rawMessageDelivery", "redrivePolicy"),
      ...acts("subscriptionRoleArn"),
      ...inert(onlyHttp, "deliveryPolicy", "confirmationTimeoutInMinutes", "endpointAutoConfirms"),
    },
    check: ({ inputs }) => refusalOf(() => readSubscriptionInputs(inputs)),
    outputs: subscriptionOutputs,
  },
  "aws:sns/topicPolicy:TopicPolicy": {
    properties: acts("arn", "policy"),
    check: ({ inputs }) => refusalOf(() => topicAttributesOfInputs({ policy: inputs["policy"] })),
    outputs: ({ inputs }, { account, region }) => ({ id: inputs["arn"], owner: account, region }),
  },
};

export { resources };
