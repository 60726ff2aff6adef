import type { Cloud, Service, ServiceDefinition } from "../../kernel/service";
import { queryCodes } from "./errors";
import { MoveTasks } from "./move-tasks";
import { changeMessageVisibility, changeMessageVisibilityBatch } from "./operations/change-message-visibility";
import { deleteMessage, deleteMessageBatch } from "./operations/delete-message";
import { cancelMessageMoveTask, listMessageMoveTasks, startMessageMoveTask } from "./operations/message-move-task";
import { peekMessages } from "./operations/peek-messages";
import {
  createQueue,
  deleteQueue,
  getQueueAttributes,
  getQueueUrl,
  listDeadLetterSourceQueues,
  listQueues,
  purgeQueue,
  setQueueAttributes,
} from "./operations/queues";
import { receiveMessage } from "./operations/receive-message";
import { sendMessage, sendMessageBatch } from "./operations/send-message";
import { listQueueTags, tagQueue, untagQueue } from "./operations/tags";
import { reconcile } from "./reconcile";
import { resources } from "./resources";
import { Queues } from "./store";

const create = (cloud: Cloud): Service => {
  const queues = new Queues(cloud);
  const tasks = new MoveTasks(queues);
  return {
    start: async () => {
      await queues.load();
      await tasks.load();
      await reconcile(queues);
    },
    resume: async () => tasks.resume(),
    stop: () => tasks.stop(),
    operations: {
      SendMessage: sendMessage(queues),
      SendMessageBatch: sendMessageBatch(queues),
      ReceiveMessage: receiveMessage(queues),
      DeleteMessage: deleteMessage(queues),
      DeleteMessageBatch: deleteMessageBatch(queues),
      ChangeMessageVisibility: changeMessageVisibility(queues),
      ChangeMessageVisibilityBatch: changeMessageVisibilityBatch(queues),
      CreateQueue: createQueue(queues),
      DeleteQueue: deleteQueue(queues),
      PurgeQueue: purgeQueue(queues),
      GetQueueUrl: getQueueUrl(queues),
      ListQueues: listQueues(queues),
      GetQueueAttributes: getQueueAttributes(queues),
      SetQueueAttributes: setQueueAttributes(queues),
      ListDeadLetterSourceQueues: listDeadLetterSourceQueues(queues),
      TagQueue: tagQueue(queues),
      UntagQueue: untagQueue(queues),
      ListQueueTags: listQueueTags(queues),
      StartMessageMoveTask: startMessageMoveTask(queues, tasks),
      ListMessageMoveTasks: listMessageMoveTasks(queues, tasks),
      CancelMessageMoveTask: cancelMessageMoveTask(queues, tasks),
      "laptop:PeekMessages": peekMessages(queues),
    },
  };
};

/** Standard queues, durable. */
const sqs: ServiceDefinition = {
  name: "sqs",
  resources,
  wire: { protocol: "aws-json", version: "1.0", target: "AmazonSQS", queryCodes },
  create,
};

export { sqs };
