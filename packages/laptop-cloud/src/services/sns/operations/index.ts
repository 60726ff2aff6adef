import { bindOperations } from "../../../kernel/operations";
import type { Service } from "../../../kernel/service";
import type { Deliveries } from "../deliveries";
import type { Topics } from "../store";
import * as publish from "./publish";
import * as subscriptions from "./subscriptions";
import * as tags from "./tags";
import { createTopic, deleteTopic, getTopicAttributes, listTopics, setTopicAttributes } from "./topics";

const createOperations = (topics: Topics, deliveries: Deliveries): Service["operations"] => ({
  ...bindOperations(topics, { ...subscriptions, ...tags, createTopic, deleteTopic, getTopicAttributes, listTopics, setTopicAttributes }),
  ...bindOperations({ topics, deliveries }, { ...publish }),
});

export { createOperations };
