import type { Resource } from "../../kernel/service";
import type { Topics } from "./store";
import { parseEndpoint, parseSubscriptionAttributes, subscriptionArn } from "./subscription";
import { parseTopicAttribute } from "./topic";

/** The topic attribute that each input of aws.sns.Topic sets. */
const topicAttributeOfInput: Record<string, string> = { displayName: "DisplayName", policy: "Policy" };

/** The subscription attribute that each input of aws.sns.TopicSubscription sets. */
const subscriptionAttributeOfInput: Record<string, string> = {
  filterPolicy: "FilterPolicy",
  filterPolicyScope: "FilterPolicyScope",
  rawMessageDelivery: "RawMessageDelivery",
  redrivePolicy: "RedrivePolicy",
  subscriptionRoleArn: "SubscriptionRoleArn",
};

/** Throws `AwsError` InvalidParameter. */
const topicAttributesOfInputs = (inputs: Record<string, unknown>): Record<string, string> => {
  const requested = attributesOf(inputs, topicAttributeOfInput);
  return Object.fromEntries(Object.entries(requested).map(([name, value]) => [name, parseTopicAttribute(name, value)]));
};

/** Throws `AwsError` InvalidParameter. */
const readSubscriptionInputs = (inputs: Record<string, unknown>) => {
  const target = parseEndpoint(inputs["protocol"], inputs["endpoint"]);
  const attributes = parseSubscriptionAttributes(attributesOf(inputs, subscriptionAttributeOfInput), target.protocol);
  return { ...target, attributes };
};

const attributesOf = (inputs: Record<string, unknown>, names: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(names)
      .filter(([input]) => inputs[input] !== undefined)
      .map(([input, attribute]) => [attribute, textOf(inputs[input])]),
  );

const textOf = (value: unknown) => (typeof value === "object" ? JSON.stringify(value) : String(value));

/**
 * Creates the topics and subscriptions that the program declares, with exactly the declared attributes. A subscription keeps
 * its confirmation. What the program no longer declares is deleted, as `pulumi up` would do.
 */
const reconcile = async (topics: Topics) => {
  await reconcileTopics(topics);
  await reconcileSubscriptions(topics);
};

const reconcileTopics = async (topics: Topics) => {
  const { inventory } = topics.cloud;
  const declared = new Map(inventory.ofType("aws:sns/topic:Topic").map(resource => [resource.id, resource]));
  for (const topic of topics.all()) if (topic.declared && !declared.has(topic.arn)) await topics.delete(topic);
  const policies = new Map(
    inventory.ofType("aws:sns/topicPolicy:TopicPolicy").map(({ inputs }) => [inputs["arn"] as string, inputs["policy"]]),
  );
  const stray = [...policies.keys()].find(arn => !declared.has(arn));
  if (stray !== undefined) throw new Error(`A topic policy is for ${stray}, which the program does not declare.`);
  for (const [arn, { inputs, outputs }] of declared) {
    const policy: unknown = policies.get(arn) ?? inputs["policy"];
    await topics.put({
      name: outputs["name"],
      arn,
      attributes: topicAttributesOfInputs({ ...inputs, policy }),
      tags: inputs["tags"] ?? {},
      declared: true,
    });
  }
};

const reconcileSubscriptions = async (topics: Topics) => {
  const declared = new Map(
    topics.cloud.inventory.ofType("aws:sns/topicSubscription:TopicSubscription").map(resource => [resource.id, resource]),
  );
  for (const subscription of topics.subscriptions()) {
    const { arn, declared: wasDeclared } = subscription.record;
    if (wasDeclared && !declared.has(arn)) await topics.unsubscribe(subscription);
  }
  for (const resource of declared.values()) await declareSubscription(topics, resource);
};

const declareSubscription = async (topics: Topics, { name, inputs }: Resource) => {
  const topic = topics.find(inputs["topic"]);
  if (topic === undefined) throw new Error(`"${name}" subscribes to the topic ${inputs["topic"]}, which the program does not declare.`);
  const { protocol, endpoint, attributes } = readSubscriptionInputs(inputs);
  const existing = topics.findSubscription(subscriptionArn(topic.arn, protocol, endpoint));
  if (existing === undefined) await topics.subscribe(topic, protocol, endpoint, attributes, true);
  else await topics.changeSubscription(existing, { attributes, declared: true });
};

export { readSubscriptionInputs, reconcile, topicAttributesOfInputs };
