import type { Service } from "../../../kernel/service";
import type { Deliveries } from "../deliveries";
import type { Topics } from "../store";
import { publish, publishBatch } from "./publish";
import {
  confirmSubscription,
  getSubscriptionAttributes,
  listSubscriptions,
  listSubscriptionsByTopic,
  setSubscriptionAttributes,
  subscribe,
  unsubscribe,
} from "./subscriptions";
import { listTagsForResource, tagResource, untagResource } from "./tags";
import { createTopic, deleteTopic, getTopicAttributes, listTopics, setTopicAttributes } from "./topics";

/** The operations by the names that AWS gives them. */
const createOperations = (topics: Topics, deliveries: Deliveries): Service["operations"] => ({
  Publish: publish(topics, deliveries),
  PublishBatch: publishBatch(topics, deliveries),
  CreateTopic: createTopic(topics),
  DeleteTopic: deleteTopic(topics),
  ListTopics: listTopics(topics),
  GetTopicAttributes: getTopicAttributes(topics),
  SetTopicAttributes: setTopicAttributes(topics),
  Subscribe: subscribe(topics),
  ConfirmSubscription: confirmSubscription(topics),
  Unsubscribe: unsubscribe(topics),
  ListSubscriptions: listSubscriptions(topics),
  ListSubscriptionsByTopic: listSubscriptionsByTopic(topics),
  GetSubscriptionAttributes: getSubscriptionAttributes(topics),
  SetSubscriptionAttributes: setSubscriptionAttributes(topics),
  TagResource: tagResource(topics),
  UntagResource: untagResource(topics),
  ListTagsForResource: listTagsForResource(topics),
});

export { createOperations };
