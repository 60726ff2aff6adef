import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { OperationOf } from "../../../kernel/service";
import { invalidParameter } from "../errors";
import { invite } from "../invitation";
import type { Topics } from "../store";
import { parseEndpoint, parseSubscriptionAttributes, type Subscription, subscriptionArn } from "../subscription";
import { pageOf } from "./topics";

const pendingArn = "pending confirmation";

/** Behaves as Subscribe, for functions, queues, delivery streams and e-mail: subscribing again with the same attributes succeeds. */
const subscribe: OperationOf<Topics> = async (topics, input, call) => {
  refuseUnknownParameters(call, input, ["TopicArn", "Protocol", "Endpoint", "Attributes", "ReturnSubscriptionArn"]);
  const topic = topics.get(input.TopicArn);
  const { protocol, endpoint } = parseEndpoint(input.Protocol, input.Endpoint);
  topics.authorize(call, "sns:Subscribe", topic, { "sns:Protocol": protocol, "sns:Endpoint": endpoint });
  const attributes = parseSubscriptionAttributes(input.Attributes ?? {}, protocol);
  const existing = topics.findSubscription(subscriptionArn(topic.arn, protocol, endpoint));
  if (existing !== undefined) checkSame(existing, attributes);
  const subscription = existing ?? (await topics.subscribe(topic, protocol, endpoint, attributes));
  await invite(topics, subscription);
  const { arn, isConfirmed } = subscription.record;
  return { SubscriptionArn: isConfirmed || String(input.ReturnSubscriptionArn) === "true" ? arn : pendingArn };
};

const checkSame = ({ record }: Subscription, requested: Record<string, string>) => {
  if (Object.entries(requested).some(([name, value]) => record.attributes[name] !== value))
    throw invalidParameter("Attributes Reason: Subscription already exists with different attributes");
};

/** Behaves as ConfirmSubscription; differs: tokens do not expire. */
const confirmSubscription: OperationOf<Topics> = async (topics, input, call) => {
  refuseUnknownParameters(call, input, ["TopicArn", "Token", "AuthenticateOnUnsubscribe"]);
  const topic = topics.get(input.TopicArn);
  topics.authorize(call, "sns:ConfirmSubscription", topic);
  const subscription = topics.subscriptionsOf(topic.arn).find(({ record }) => record.token === input.Token);
  if (subscription === undefined) throw invalidParameter("Token");
  await topics.changeSubscription(subscription, { isConfirmed: true });
  return { SubscriptionArn: subscription.record.arn };
};

/** Behaves as Unsubscribe: succeeds for a missing subscription; a declared one is created again at the next start. */
const unsubscribe: OperationOf<Topics> = async (topics, input, call) => {
  refuseUnknownParameters(call, input, ["SubscriptionArn"]);
  call.authorize("sns:Unsubscribe", "*");
  const subscription = topics.findSubscription(String(input.SubscriptionArn));
  if (subscription !== undefined) await topics.unsubscribe(subscription);
  return {};
};

const listSubscriptions: OperationOf<Topics> = async (topics, input, call) => {
  refuseUnknownParameters(call, input, ["NextToken"]);
  call.authorize("sns:ListSubscriptions", "*");
  return listPage(topics, topics.subscriptions(), input.NextToken);
};

const listSubscriptionsByTopic: OperationOf<Topics> = async (topics, input, call) => {
  refuseUnknownParameters(call, input, ["TopicArn", "NextToken"]);
  const topic = topics.get(input.TopicArn);
  topics.authorize(call, "sns:ListSubscriptionsByTopic", topic);
  return listPage(topics, topics.subscriptionsOf(topic.arn), input.NextToken);
};

const listPage = (topics: Topics, subscriptions: Subscription[], after: string | undefined) => {
  const { page, NextToken } = pageOf(
    subscriptions.map(({ record }) => record.arn),
    after,
  );
  return { Subscriptions: page.map(arn => viewOf(topics, topics.getSubscription(arn))), NextToken };
};

const viewOf = (topics: Topics, { record }: Subscription) => ({
  SubscriptionArn: record.isConfirmed ? record.arn : "PendingConfirmation",
  Owner: topics.cloud.place.account,
  Protocol: record.protocol,
  Endpoint: record.endpoint,
  TopicArn: record.topicArn,
});

const getSubscriptionAttributes: OperationOf<Topics> = async (topics, input, call) => {
  refuseUnknownParameters(call, input, ["SubscriptionArn"]);
  call.authorize("sns:GetSubscriptionAttributes", "*");
  const { record } = topics.getSubscription(input.SubscriptionArn);
  const attributes: Record<string, string> = {
    RawMessageDelivery: "false",
    ...(record.attributes["FilterPolicy"] !== undefined && { FilterPolicyScope: "MessageAttributes" }),
    ...record.attributes,
    SubscriptionArn: record.arn,
    TopicArn: record.topicArn,
    Protocol: record.protocol,
    Endpoint: record.endpoint,
    Owner: topics.cloud.place.account,
    PendingConfirmation: String(!record.isConfirmed),
    ConfirmationWasAuthenticated: String(record.isConfirmed && record.protocol !== "email" && record.protocol !== "email-json"),
  };
  return { Attributes: new Map(Object.entries(attributes)) };
};

/** Behaves as SetSubscriptionAttributes. Each start restores what the program declares. */
const setSubscriptionAttributes: OperationOf<Topics> = async (topics, input, call) => {
  refuseUnknownParameters(call, input, ["SubscriptionArn", "AttributeName", "AttributeValue"]);
  call.authorize("sns:SetSubscriptionAttributes", "*");
  const subscription = topics.getSubscription(input.SubscriptionArn);
  const { protocol, attributes } = subscription.record;
  const changed = parseSubscriptionAttributes({ [String(input.AttributeName)]: input.AttributeValue }, protocol, attributes);
  await topics.changeSubscription(subscription, { attributes: changed });
  return {};
};

export {
  confirmSubscription,
  getSubscriptionAttributes,
  listSubscriptions,
  listSubscriptionsByTopic,
  setSubscriptionAttributes,
  subscribe,
  unsubscribe,
};
