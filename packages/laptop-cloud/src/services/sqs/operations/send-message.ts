import { randomUUID } from "node:crypto";
import { AwsError } from "../../../kernel/aws-error";
import type { Caller } from "../../../kernel/caller";
import { shownNameOf } from "../../../kernel/calls";
import { isGroupId } from "../../../kernel/group-id";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { Call, OperationOf } from "../../../kernel/service";
import { type BatchEntry, runBatch } from "../batch";
import { invalidValue, missingParameter } from "../errors";
import { parseInteger } from "../integer";
import type { NewMessage } from "../message";
import { type MessageAttributes, md5Of, md5OfAttributes, parseMessageAttributes, sizeOfAttributes } from "../message-attributes";
import type { Queue } from "../queue";
import type { Queues } from "../store";
import { tracingOf } from "../tracing";

interface Draft {
  MessageBody?: unknown;
  DelaySeconds?: unknown;
  MessageAttributes?: unknown;
  MessageSystemAttributes?: unknown;
  MessageGroupId?: unknown;
}

const draftParameters = ["MessageBody", "DelaySeconds", "MessageAttributes", "MessageSystemAttributes", "MessageGroupId"];

/** Maximum size of a batch, the same as of one message (SQS developer guide, "Message quotas"). */
const MAX_BATCH_BYTES = 1_048_576;

/** The characters that SQS allows in a body: those of XML 1.0 (SQS API reference, SendMessage). */
const unacceptable = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

const sendMessage: OperationOf<Queues> = async (queues, input, call) => {
  refuseUnknownParameters(call, input, ["QueueUrl", ...draftParameters]);
  const queue = queues.byUrl(input.QueueUrl);
  authorizeSend(call, queue);
  return send(queues, queue, input, call);
};

const sendMessageBatch: OperationOf<Queues> = async (queues, input, call) => {
  refuseUnknownParameters(call, input, ["QueueUrl", "Entries"]);
  const queue = queues.byUrl(input.QueueUrl);
  authorizeSend(call, queue);
  const sizeBytes = ((input.Entries ?? []) as Draft[]).reduce((sum, draft) => sum + sizeOf(draft), 0);
  if (sizeBytes > MAX_BATCH_BYTES)
    throw new AwsError(
      "BatchRequestTooLong",
      `Batch requests cannot be longer than ${MAX_BATCH_BYTES} bytes. You have sent ${sizeBytes} bytes.`,
    );
  return runBatch<Draft & BatchEntry>(input.Entries, entry => {
    refuseUnknownParameters(call, entry, ["Id", ...draftParameters]);
    return send(queues, queue, entry, call);
  });
};

const authorizeSend = (call: Call, queue: Queue) => call.authorize("sqs:SendMessage", queue.arn, { resourcePolicy: queue.settings.policy });

const send = async (queues: Queues, queue: Queue, draft: Draft, call: Call): Promise<object> => {
  const message = parseDraft(queues, queue, draft, call.caller);
  const copies = queues.cloud.weather.strikes("duplicate") ? 2 : 1;
  const changes = Array.from({ length: copies }, () => queue.add(message));
  await queues.state.batch(changes);
  queues.cloud.occurrences.record({
    atMs: queues.cloud.clock.nowMs(),
    kind: "send",
    ...tracingOf(message),
    from: shownNameOf(queues.cloud.inventory, call.caller),
    to: queues.shownName(queue.arn),
    detail: { messageId: message.id, ...(copies > 1 && { copies }) },
  });
  return {
    MessageId: message.id,
    MD5OfMessageBody: md5Of(message.body),
    MD5OfMessageAttributes: md5OfAttributes(message.attributes),
    MD5OfMessageSystemAttributes: md5OfAttributes(parseMessageAttributes(draft.MessageSystemAttributes)),
  };
};

/** Throws `AwsError`. */
const parseDraft = (queues: Queues, queue: Queue, draft: Draft, caller: Caller): NewMessage => {
  const { settings } = queue;
  const delaySeconds = parseInteger(draft.DelaySeconds, "DelaySeconds", 0, 900) ?? settings.delaySeconds;
  const attributes = parseMessageAttributes(draft.MessageAttributes);
  const body = parseBody(draft.MessageBody);
  const sizeBytes = Buffer.byteLength(body) + sizeOfAttributes(attributes);
  if (sizeBytes > settings.maximumMessageBytes)
    throw new AwsError(
      "InvalidParameterValue",
      `One or more parameters are invalid. Reason: Message must be shorter than ${settings.maximumMessageBytes} bytes.`,
    );
  const nowMs = queues.cloud.clock.nowMs();
  return {
    id: randomUUID(),
    body,
    attributes,
    senderId: senderIdOf(caller, queues.cloud.place.account),
    group: parseGroup(draft.MessageGroupId),
    traceHeader: parseTraceHeader(draft.MessageSystemAttributes, caller),
    sentMs: nowMs,
    visibleMs: nowMs + delaySeconds * 1000 + queues.cloud.weather.report.delayMs,
    receives: 0,
    receivesBefore: 0,
  };
};

const parseBody = (body: unknown): string => {
  if (typeof body !== "string" || body === "") throw missingParameter("MessageBody");
  if (unacceptable.test(body)) throw new AwsError("InvalidMessageContents", "Invalid binary character was found in the message body.");
  return body;
};

const parseGroup = (group: unknown): string | undefined => {
  if (group === undefined) return undefined;
  if (typeof group !== "string" || !isGroupId(group))
    throw invalidValue(String(group), "MessageGroupId", "It has 1 to 128 letters, digits and punctuation marks.");
  return group;
};

/** AWSTraceHeader, the only system attribute that senders may set. The default is the caller's trace. */
const parseTraceHeader = (requested: unknown, caller: Caller): string | undefined => {
  const attributes: MessageAttributes = parseMessageAttributes(requested) ?? {};
  const unknown = Object.keys(attributes).find(name => name !== "AWSTraceHeader");
  if (unknown !== undefined) throw invalidValue(unknown, "MessageSystemAttributes", "The only one is AWSTraceHeader.");
  return attributes["AWSTraceHeader"]?.StringValue ?? (caller.trace && `Root=${caller.trace}`);
};

/** A role's id on AWS is random; here it is the role's name. */
const senderIdOf = (caller: Caller, account: string): string => {
  switch (caller.kind) {
    case "administrator":
      return account;
    case "function":
      return `${roleNameOf(caller.roleArn)}:${caller.function}`;
    case "role":
      return `${roleNameOf(caller.roleArn)}:${caller.principal}`;
    case "service":
      return caller.principal;
  }
};

const roleNameOf = (roleArn: string) => roleArn.split("/").at(-1)!;

const sizeOf = (draft: Draft) =>
  Buffer.byteLength(String(draft.MessageBody ?? "")) +
  sizeOfAttributes((draft.MessageAttributes ?? undefined) as MessageAttributes | undefined);

export { sendMessage, sendMessageBatch };
