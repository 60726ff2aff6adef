import type { Service } from "../../../kernel/service";
import type { MoveTasks } from "../move-tasks";
import type { Queues } from "../store";
import { changeMessageVisibility, changeMessageVisibilityBatch } from "./change-message-visibility";
import { deleteMessage, deleteMessageBatch } from "./delete-message";
import { cancelMessageMoveTask, listMessageMoveTasks, startMessageMoveTask } from "./message-move-task";
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
} from "./queues";
import { receiveMessage } from "./receive-message";
import { sendMessage, sendMessageBatch } from "./send-message";
import { listQueueTags, tagQueue, untagQueue } from "./tags";

/** The operations by the names that AWS gives them. */
const createOperations = (queues: Queues, tasks: MoveTasks): Service["operations"] => ({
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
});

export { createOperations };
