import { randomBytes } from "node:crypto";
import { AwsError } from "../../../kernel/aws-error";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { OperationOf } from "../../../kernel/service";
import { extractMetrics } from "../embedded-metrics";
import { type StoredEvent, sizeOf } from "../log-group";
import type { LogGroups } from "../store";

interface PutLogEventsInput {
  logGroupName: string;
  logStreamName: string;
  logEvents: { timestamp: number; message: string }[];
}

/** PutLogEvents: a batch holds 10,000 events and 1 MB; events are at most 14 days old and 2 hours ahead. */
const MAX_EVENTS = 10_000;
const MAX_BYTES = 1_048_576;
const MAX_AGE_MS = 14 * 86_400_000;
const MAX_AHEAD_MS = 2 * 3_600_000;

/** Behaves as PutLogEvents; differs: sequence tokens are neither returned nor checked; AWS has ignored them since 2023. */
const putLogEvents: OperationOf<LogGroups> = async (groups, input: PutLogEventsInput, call) => {
  refuseUnknownParameters(call, input, ["logGroupName", "logStreamName", "logEvents", "sequenceToken", "entity"]);
  const { logGroupName, logStreamName, logEvents } = input;
  call.authorize("logs:PutLogEvents", `${groups.arnOf(logGroupName)}:log-stream:${logStreamName}`);
  const group = groups.find(logGroupName);
  if (!group.streams.has(logStreamName)) throw new AwsError("ResourceNotFoundException", "The specified log stream does not exist.");
  validate(logEvents);
  const nowMs = groups.cloud.clock.nowMs();
  const tooOld = logEvents.findLastIndex(({ timestamp }) => timestamp < nowMs - MAX_AGE_MS);
  const tooNew = logEvents.findIndex(({ timestamp }) => timestamp > nowMs + MAX_AHEAD_MS);
  const taken = logEvents.slice(tooOld + 1, tooNew === -1 ? undefined : tooNew);
  groups.append(
    group,
    taken.map(({ timestamp, message }) => toStored(logStreamName, timestamp, message, nowMs)),
  );
  await extractMetrics(
    groups,
    logGroupName,
    taken.map(({ message }) => message),
  );
  if (tooOld === -1 && tooNew === -1) return {};
  return {
    rejectedLogEventsInfo: {
      ...(tooOld === -1 ? {} : { tooOldLogEventEndIndex: tooOld + 1 }),
      ...(tooNew === -1 ? {} : { tooNewLogEventStartIndex: tooNew }),
    },
  };
};

const validate = (events: PutLogEventsInput["logEvents"]) => {
  if (!Array.isArray(events) || events.length === 0 || events.length > MAX_EVENTS) {
    throw new AwsError("InvalidParameterException", `logEvents must hold from 1 to ${MAX_EVENTS} events.`);
  }
  if (events.some(({ message }) => typeof message !== "string" || message === "")) {
    throw new AwsError("InvalidParameterException", "Log event message must not be empty.");
  }
  if (events.reduce((bytes, event) => bytes + sizeOf(event), 0) > MAX_BYTES) {
    throw new AwsError("InvalidParameterException", `Log event batch size exceeds the maximum of ${MAX_BYTES} bytes.`);
  }
  if (events.some(({ timestamp }, index) => index > 0 && timestamp < events[index - 1]!.timestamp)) {
    throw new AwsError("InvalidParameterException", "Log events in a single PutLogEvents request must be in chronological order.");
  }
};

const toStored = (stream: string, timestampMs: number, message: string, ingestionMs: number): StoredEvent => ({
  id: randomBytes(16).toString("hex"),
  stream,
  timestampMs,
  ingestionMs,
  message,
});

export { putLogEvents };
