import { AwsError } from "../../../kernel/aws-error";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { Call, OperationOf } from "../../../kernel/service";
import { missingParameter } from "../errors";
import { parseInteger } from "../integer";
import type { MoveTask, MoveTasks } from "../move-tasks";
import type { Queue } from "../queue";
import type { Queues } from "../store";

/** Behaves as StartMessageMoveTask: accepts dead-letter queues of other queues; without a destination, each message returns to its source queue. */
const startMessageMoveTask: OperationOf<{ queues: Queues; tasks: MoveTasks }> = async ({ queues, tasks }, input, call) => {
  refuseUnknownParameters(call, input, ["SourceArn", "DestinationArn", "MaxNumberOfMessagesPerSecond"]);
  const source = queueOfArn(queues, input.SourceArn, "SourceArn");
  for (const action of ["sqs:StartMessageMoveTask", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"])
    call.authorize(action, source.arn, { resourcePolicy: source.settings.policy });
  const mostPerSecond = parseInteger(input.MaxNumberOfMessagesPerSecond, "MaxNumberOfMessagesPerSecond", 1, 500);
  for (const destination of destinationsOf(queues, source, input.DestinationArn))
    call.authorize("sqs:SendMessage", destination.arn, { resourcePolicy: destination.settings.policy });
  if (tasks.of(source.arn).some(({ status }) => status === "RUNNING"))
    throw new AwsError(
      "UnsupportedOperation",
      "There is already a task running. Only one active task is allowed for a source queue arn at a given time.",
    );
  const task = await tasks.start(source, input.DestinationArn, mostPerSecond);
  return { TaskHandle: task.handle };
};

/** Throws `AwsError` for a source that is not a dead-letter queue, and for a missing destination. */
const destinationsOf = (queues: Queues, source: Queue, destinationArn: unknown): Queue[] => {
  const sources = queues.sourcesOf(source);
  if (sources.length === 0) throw new AwsError("InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue.");
  return destinationArn === undefined ? sources : [queueOfArn(queues, destinationArn, "DestinationArn")];
};

const queueOfArn = (queues: Queues, arn: unknown, parameter: string): Queue => {
  if (typeof arn !== "string") throw missingParameter(parameter);
  const queue = queues.byArn(arn);
  if (queue === undefined)
    throw new AwsError("ResourceNotFoundException", `The resource that you specified for the ${parameter} parameter doesn't exist.`, 404);
  return queue;
};

const listMessageMoveTasks: OperationOf<{ queues: Queues; tasks: MoveTasks }> = async ({ queues, tasks }, input, call) => {
  refuseUnknownParameters(call, input, ["SourceArn", "MaxResults"]);
  const source = queueOfArn(queues, input.SourceArn, "SourceArn");
  authorizeOn(call, "sqs:ListMessageMoveTasks", source);
  const most = parseInteger(input.MaxResults, "MaxResults", 1, 10) ?? 1;
  return { Results: tasks.of(source.arn).slice(0, most).map(viewOf) };
};

const viewOf = (task: MoveTask) => ({
  // AWS returns the handle only if the task can still be cancelled.
  TaskHandle: task.status === "RUNNING" ? task.handle : undefined,
  Status: task.status,
  SourceArn: task.sourceArn,
  DestinationArn: task.destinationArn,
  MaxNumberOfMessagesPerSecond: task.mostPerSecond,
  ApproximateNumberOfMessagesMoved: task.moved,
  ApproximateNumberOfMessagesToMove: task.toMove,
  FailureReason: task.failureReason,
  StartedTimestamp: task.startedMs,
});

/** Behaves as CancelMessageMoveTask: messages that were moved stay moved. */
const cancelMessageMoveTask: OperationOf<{ queues: Queues; tasks: MoveTasks }> = async ({ queues, tasks }, input, call) => {
  refuseUnknownParameters(call, input, ["TaskHandle"]);
  const task = tasks.find(String(input.TaskHandle));
  if (task === undefined) throw new AwsError("ResourceNotFoundException", "Task does not exist.", 404);
  authorizeOn(call, "sqs:CancelMessageMoveTask", queueOfArn(queues, task.sourceArn, "SourceArn"));
  if (task.status !== "RUNNING") throw new AwsError("UnsupportedOperation", "Only active tasks can be cancelled.");
  await tasks.cancel(task);
  return { ApproximateNumberOfMessagesMoved: task.moved };
};

const authorizeOn = (call: Call, action: string, queue: Queue) =>
  call.authorize(action, queue.arn, { resourcePolicy: queue.settings.policy });

export { cancelMessageMoveTask, listMessageMoveTasks, startMessageMoveTask };
