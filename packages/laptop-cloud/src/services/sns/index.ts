import type { Cloud, Service, ServiceDefinition } from "../../kernel/service";
import { Deliveries } from "./deliveries";
import { invite, serveMailLinks } from "./invitation";
import { publish, publishBatch } from "./operations/publish";
import {
  confirmSubscription,
  getSubscriptionAttributes,
  listSubscriptions,
  listSubscriptionsByTopic,
  setSubscriptionAttributes,
  subscribe,
  unsubscribe,
} from "./operations/subscriptions";
import { listTagsForResource, tagResource, untagResource } from "./operations/tags";
import { createTopic, deleteTopic, getTopicAttributes, listTopics, setTopicAttributes } from "./operations/topics";
import { reconcile } from "./reconcile";
import { resources } from "./resources";
import { Topics } from "./store";

const create = (cloud: Cloud): Service => {
  const topics = new Topics(cloud);
  const deliveries = new Deliveries(topics);
  return {
    start: async () => {
      await topics.load();
      await deliveries.load();
      await reconcile(topics);
      serveMailLinks(cloud);
    },
    resume: async () => {
      for (const subscription of topics.subscriptions()) await invite(topics, subscription);
      deliveries.resume();
    },
    stop: () => deliveries.stop(),
    operations: {
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
    },
  };
};

/** Standard topics with subscriptions of functions, queues and e-mail addresses, durable. */
const sns: ServiceDefinition = { name: "sns", resources, wire: { protocol: "query", version: "2010-03-31" }, create };

export { sns };
