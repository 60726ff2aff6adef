import { bindOperations } from "../../../kernel/operations";
import type { Service } from "../../../kernel/service";
import type { MoveTasks } from "../move-tasks";
import type { Queues } from "../store";
import * as changeMessageVisibility from "./change-message-visibility";
import * as deleteMessage from "./delete-message";
import * as messageMoveTask from "./message-move-task";
import { peekMessages } from "./peek-messages";
import * as queueOperations from "./queues";
import * as receiveMessage from "./receive-message";
import * as sendMessage from "./send-message";
import * as tags from "./tags";

const createOperations = (queues: Queues, tasks: MoveTasks): Service["operations"] => ({
  ...bindOperations(queues, {
    ...changeMessageVisibility,
    ...deleteMessage,
    ...queueOperations,
    ...receiveMessage,
    ...sendMessage,
    ...tags,
    "laptop:PeekMessages": peekMessages,
  }),
  ...bindOperations({ queues, tasks }, { ...messageMoveTask }),
});

export { createOperations };
