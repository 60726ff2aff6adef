import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { OperationOf } from "../../../kernel/service";
import { readTags } from "../../../kernel/tags";
import { invalidParameter } from "../errors";
import type { Topics } from "../store";
import { isTopicName, parseTopicAttribute, policyOf, type Topic } from "../topic";

/** SNS API reference: lists have pages of a hundred. */
const PAGE_SIZE = 100;

/** Behaves as CreateTopic; differs: refuses FIFO topics. */
const createTopic: OperationOf<Topics> = async (topics, input, call) => {
  refuseUnknownParameters(call, input, ["Name", "Attributes", "Tags"]);
  const name: unknown = input.Name;
  if (!isTopicName(name)) throw invalidParameter("Topic Name");
  const arn = topics.arnOf(name);
  call.authorize("sns:CreateTopic", arn);
  if (topics.find(arn) === undefined) {
    const attributes = Object.entries((input.Attributes ?? {}) as Record<string, string>);
    await topics.put({
      name,
      arn,
      attributes: Object.fromEntries(attributes.map(([attribute, value]) => [attribute, parseTopicAttribute(attribute, value)])),
      tags: readTags(input.Tags),
      declared: false,
    });
  }
  return { TopicArn: arn };
};

/** Behaves as DeleteTopic: succeeds for a missing topic; a declared topic is created again at the next start. */
const deleteTopic: OperationOf<Topics> = async (topics, input, call) => {
  refuseUnknownParameters(call, input, ["TopicArn"]);
  const topic = topics.find(String(input.TopicArn));
  if (topic === undefined) {
    call.authorize("sns:DeleteTopic", String(input.TopicArn));
    return {};
  }
  topics.authorize(call, "sns:DeleteTopic", topic);
  await topics.delete(topic);
  return {};
};

const listTopics: OperationOf<Topics> = async (topics, input, call) => {
  refuseUnknownParameters(call, input, ["NextToken"]);
  call.authorize("sns:ListTopics", "*");
  const { page, NextToken } = pageOf(
    topics.all().map(({ arn }) => arn),
    input.NextToken,
  );
  return { Topics: page.map(TopicArn => ({ TopicArn })), NextToken };
};

/** One page of sorted names. The token is the last name of the previous page. */
const pageOf = (names: string[], after = ""): { page: string[]; NextToken?: string } => {
  const left = names.filter(name => name > after).sort();
  const page = left.slice(0, PAGE_SIZE);
  return { page, NextToken: left.length > PAGE_SIZE ? page.at(-1) : undefined };
};

/** Behaves as GetTopicAttributes; differs: no delivery policies, which act on HTTP endpoints. */
const getTopicAttributes: OperationOf<Topics> = async (topics, input, call) => {
  refuseUnknownParameters(call, input, ["TopicArn"]);
  const topic = topics.get(input.TopicArn);
  topics.authorize(call, "sns:GetTopicAttributes", topic);
  return { Attributes: new Map(Object.entries(attributesOf(topics, topic))) };
};

const attributesOf = (topics: Topics, topic: Topic): Record<string, string> => {
  const { account } = topics.cloud.place;
  const confirmed = topics.subscriptionsOf(topic.arn).filter(({ record }) => record.isConfirmed).length;
  return {
    DisplayName: "",
    ...topic.attributes,
    TopicArn: topic.arn,
    Owner: account,
    Policy: JSON.stringify(policyOf(topic, account)),
    SubscriptionsConfirmed: String(confirmed),
    SubscriptionsPending: String(topics.subscriptionsOf(topic.arn).length - confirmed),
    SubscriptionsDeleted: "0",
  };
};

/** Behaves as SetTopicAttributes. Each start restores what the program declares. */
const setTopicAttributes: OperationOf<Topics> = async (topics, input, call) => {
  refuseUnknownParameters(call, input, ["TopicArn", "AttributeName", "AttributeValue"]);
  const topic = topics.get(input.TopicArn);
  topics.authorize(call, "sns:SetTopicAttributes", topic);
  const name = String(input.AttributeName);
  await topics.put({
    ...topic,
    attributes: { ...topic.attributes, [name]: parseTopicAttribute(name, String(input.AttributeValue ?? "")) },
  });
  return {};
};

export { createTopic, deleteTopic, getTopicAttributes, listTopics, pageOf, setTopicAttributes };
