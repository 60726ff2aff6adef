import { AwsError } from "../../../kernel/aws-error";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { OperationOf } from "../../../kernel/service";
import { queueDoesNotExist } from "../errors";
import { parseInteger } from "../integer";
import { isQueueName, type Queue } from "../queue";
import { type Attributes, defaultAttributes, parseAttributes } from "../queue-attributes";
import type { Queues } from "../store";

/** Behaves as CreateQueue; differs: the name of a deleted queue is free at once; refuses FIFO queues. */
const createQueue: OperationOf<Queues> = async (queues, input, call) => {
  refuseUnknownParameters(call, input, ["QueueName", "Attributes", "tags"]);
  const name: unknown = input.QueueName;
  if (!isQueueName(name))
    throw new AwsError(
      "InvalidParameterValue",
      "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length. The laptop cloud does not imitate FIFO queues.",
    );
  call.authorize("sqs:CreateQueue", queues.arnOf(name));
  const attributes = parseAttributes(input.Attributes ?? {});
  const existing = queues.find(name);
  if (existing === undefined) await queues.create(name, attributes, input.tags ?? {});
  else checkSame(existing, input.Attributes ?? {});
  return { QueueUrl: queues.urlOf(name) };
};

/** Creating an existing queue with the same attributes succeeds. */
const checkSame = (queue: Queue, requested: Record<string, unknown>) => {
  const different = Object.entries(requested).find(([name, value]) => queue.record.attributes[name] !== String(value));
  if (different !== undefined)
    throw new AwsError("QueueNameExists", `A queue already exists with the same name and a different value for attribute ${different[0]}`);
};

/** Behaves as DeleteQueue; differs: takes effect at once, where AWS takes up to a minute; a declared queue is created again at the next start. */
const deleteQueue: OperationOf<Queues> = async (queues, input, call) => {
  refuseUnknownParameters(call, input, ["QueueUrl"]);
  const queue = queues.byUrl(input.QueueUrl);
  call.authorize("sqs:DeleteQueue", queue.arn, { resourcePolicy: queue.settings.policy });
  await queues.delete(queue);
  return {};
};

/** Behaves as PurgeQueue; differs: takes effect at once, where AWS takes up to a minute. */
const purgeQueue: OperationOf<Queues> = async (queues, input, call) => {
  refuseUnknownParameters(call, input, ["QueueUrl"]);
  const queue = queues.byUrl(input.QueueUrl);
  call.authorize("sqs:PurgeQueue", queue.arn, { resourcePolicy: queue.settings.policy });
  await queues.state.batch(queue.purge());
  return {};
};

const getQueueUrl: OperationOf<Queues> = async (queues, input, call) => {
  refuseUnknownParameters(call, input, ["QueueName", "QueueOwnerAWSAccountId"]);
  const { account } = queues.cloud.place;
  const queue = (input.QueueOwnerAWSAccountId ?? account) === account ? queues.find(String(input.QueueName)) : undefined;
  call.authorize("sqs:GetQueueUrl", queues.arnOf(String(input.QueueName)), { resourcePolicy: queue?.settings.policy });
  if (queue === undefined) throw queueDoesNotExist();
  return { QueueUrl: queues.urlOf(queue.name) };
};

const listQueues: OperationOf<Queues> = async (queues, input, call) => {
  refuseUnknownParameters(call, input, ["QueueNamePrefix", "MaxResults", "NextToken"]);
  call.authorize("sqs:ListQueues", queues.arnOf("*"));
  const most = parseInteger(input.MaxResults, "MaxResults", 1, 1000) ?? 1000;
  const after: string = input.NextToken ?? "";
  const names = queues
    .all()
    .map(({ name }) => name)
    .filter(name => name.startsWith(input.QueueNamePrefix ?? "") && name > after)
    .sort();
  const page = names.slice(0, most);
  return {
    QueueUrls: page.map(name => queues.urlOf(name)),
    // AWS returns pages only if the request has MaxResults.
    NextToken: input.MaxResults !== undefined && names.length > most ? page.at(-1) : undefined,
  };
};

/** Behaves as ListDeadLetterSourceQueues; differs: one page. */
const listDeadLetterSourceQueues: OperationOf<Queues> = async (queues, input, call) => {
  refuseUnknownParameters(call, input, ["QueueUrl", "MaxResults"]);
  const queue = queues.byUrl(input.QueueUrl);
  call.authorize("sqs:ListDeadLetterSourceQueues", queue.arn, { resourcePolicy: queue.settings.policy });
  return { queueUrls: queues.sourcesOf(queue).map(({ name }) => queues.urlOf(name)) };
};

/**
 * Behaves as GetQueueAttributes; differs: the counts are exact. ApproximateAgeOfOldestMessage, in seconds, which AWS has only as a
 * metric, is returned if requested by name.
 */
const getQueueAttributes: OperationOf<Queues> = async (queues, input, call) => {
  refuseUnknownParameters(call, input, ["QueueUrl", "AttributeNames"]);
  const queue = queues.byUrl(input.QueueUrl);
  call.authorize("sqs:GetQueueAttributes", queue.arn, { resourcePolicy: queue.settings.policy });
  const wanted: string[] = input.AttributeNames ?? [];
  const all = attributesOf(queue);
  const unknown = wanted.find(name => name !== "All" && !Object.hasOwn(all, name) && !optionalAttributes.includes(name));
  if (unknown !== undefined) throw new AwsError("InvalidAttributeName", `Unknown Attribute ${unknown}.`);
  const chosen = Object.entries(all).filter(([name]) => (wanted.includes("All") && name !== ageAttribute) || wanted.includes(name));
  return chosen.length === 0 ? {} : { Attributes: Object.fromEntries(chosen) };
};

/** Valid names of attributes that may be absent. */
const optionalAttributes = ["Policy", "RedrivePolicy", "RedriveAllowPolicy", "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "FifoQueue"];

const ageAttribute = "ApproximateAgeOfOldestMessage";

const attributesOf = (queue: Queue): Attributes => {
  const { visible, inFlight, delayed, oldestAgeMs } = queue.counts();
  const { createdMs, modifiedMs, attributes } = queue.record;
  return {
    ...attributes,
    QueueArn: queue.arn,
    CreatedTimestamp: String(Math.floor(createdMs / 1000)),
    LastModifiedTimestamp: String(Math.floor(modifiedMs / 1000)),
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    [ageAttribute]: String(Math.floor(oldestAgeMs / 1000)),
  };
};

/** Behaves as SetQueueAttributes; differs: takes effect at once, where AWS takes up to a minute. Each start restores what the program declares. */
const setQueueAttributes: OperationOf<Queues> = async (queues, input, call) => {
  refuseUnknownParameters(call, input, ["QueueUrl", "Attributes"]);
  const queue = queues.byUrl(input.QueueUrl);
  call.authorize("sqs:SetQueueAttributes", queue.arn, { resourcePolicy: queue.settings.policy });
  const attributes = parseAttributes(input.Attributes ?? {}, { ...defaultAttributes, ...queue.record.attributes });
  queues.checkRedrive(queue.arn, attributes);
  await queues.state.batch([queue.change({ attributes })]);
  return {};
};

export {
  createQueue,
  deleteQueue,
  getQueueAttributes,
  getQueueUrl,
  listDeadLetterSourceQueues,
  listQueues,
  purgeQueue,
  setQueueAttributes,
};
