import type { Cloud, Service, ServiceDefinition } from "../../kernel/service";
import { changeMessageVisibility, changeMessageVisibilityBatch } from "./change-message-visibility";
import { reconcile } from "./declared-queues";
import { deleteMessage, deleteMessageBatch } from "./delete-message";
import { queryCodes } from "./errors";
import { cancelMessageMoveTask, listMessageMoveTasks, startMessageMoveTask } from "./message-move-task";
import { MoveTasks } from "./move-tasks";
import { peekMessages } from "./peek-messages";
import {
  createQueue,
  deleteQueue,
  getQueueAttributes,
  getQueueUrl,
  listDeadLetterSourceQueues,
  listQueues,
  purgeQueue,
  setQueueAttributes,
} from "./queue-control";
import { listQueueTags, tagQueue, untagQueue } from "./queue-tags";
import { Queues } from "./queues";
import { receiveMessage } from "./receive-message";
import { resources } from "./resources";
import { sendMessage, sendMessageBatch } from "./send-message";

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
