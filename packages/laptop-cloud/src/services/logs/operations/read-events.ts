import { AwsError } from "../../../kernel/aws-error";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { OperationOf } from "../../../kernel/service";
import { compileFilterPattern } from "../filter-pattern";
import type { LogGroup, StoredEvent } from "../log-group";
import { paginate } from "../page";
import type { LogGroups } from "../store";

interface GetLogEventsInput {
  logGroupName?: string;
  logGroupIdentifier?: string;
  logStreamName: string;
  startTime?: number;
  endTime?: number;
  limit?: number;
  nextToken?: string;
  startFromHead?: boolean;
}

interface FilterLogEventsInput {
  logGroupName?: string;
  logGroupIdentifier?: string;
  logStreamNames?: string[];
  logStreamNamePrefix?: string;
  startTime?: number;
  endTime?: number;
  filterPattern?: string;
  limit?: number;
  nextToken?: string;
}

/** Maximum number of events in one answer (GetLogEvents and FilterLogEvents, "limit"). */
const MAX_EVENTS = 10_000;

/**
 * Behaves as GetLogEvents; differs: answers are not limited to 1 MB. Tokens are positions, so a reader can continue with the events
 * that arrived since.
 */
const getLogEvents: OperationOf<LogGroups> = async (groups, input: GetLogEventsInput, call) => {
  refuseUnknownParameters(call, input, [
    "logGroupName",
    "logGroupIdentifier",
    "logStreamName",
    "startTime",
    "endTime",
    "limit",
    "nextToken",
    "startFromHead",
    "unmask",
  ]);
  const name = groupNameIn(input);
  call.authorize("logs:GetLogEvents", `${groups.arnOf(name)}:log-stream:${input.logStreamName}`);
  const group = groups.find(name);
  if (!group.streams.has(input.logStreamName)) throw new AwsError("ResourceNotFoundException", "The specified log stream does not exist.");
  const events = select(group, groups.cloud.clock.nowMs(), input, ({ stream }) => stream === input.logStreamName);
  const [start, end] = windowOf(input, events.length);
  return {
    events: events.slice(start, end).map(({ timestampMs, message, ingestionMs }) => ({
      timestamp: timestampMs,
      message,
      ingestionTime: ingestionMs,
    })),
    nextForwardToken: `f/${end}`,
    nextBackwardToken: `b/${start}`,
  };
};

/** The range of an answer: forwards or backwards from a token, or from the head or the tail. */
const windowOf = ({ nextToken, limit = MAX_EVENTS, startFromHead = false }: GetLogEventsInput, length: number): [number, number] => {
  if (nextToken === undefined) return startFromHead ? [0, Math.min(limit, length)] : [Math.max(0, length - limit), length];
  const [, direction, position] = /^([fb])\/(\d+)$/.exec(nextToken) ?? [];
  if (direction === undefined) throw new AwsError("InvalidParameterException", "The specified nextToken is invalid.");
  const at = Math.min(Number(position), length);
  return direction === "f" ? [at, Math.min(at + limit, length)] : [Math.max(0, at - limit), at];
};

/** Behaves as FilterLogEvents; differs: see `compileFilterPattern` for the patterns. */
const filterLogEvents: OperationOf<LogGroups> = async (groups, input: FilterLogEventsInput, call) => {
  refuseUnknownParameters(call, input, [
    "logGroupName",
    "logGroupIdentifier",
    "logStreamNames",
    "logStreamNamePrefix",
    "startTime",
    "endTime",
    "filterPattern",
    "limit",
    "nextToken",
    "interleaved",
    "unmask",
  ]);
  const name = groupNameIn(input);
  call.authorize("logs:FilterLogEvents", `${groups.arnOf(name)}:log-stream:`);
  const { logStreamNames, logStreamNamePrefix } = input;
  if (logStreamNames !== undefined && logStreamNamePrefix !== undefined) {
    throw new AwsError("InvalidParameterException", "logStreamNames and logStreamNamePrefix can't be used together.");
  }
  const matches = compileFilterPattern(input.filterPattern);
  const isWanted = ({ stream, message }: StoredEvent) =>
    (logStreamNames?.includes(stream) ?? true) && stream.startsWith(logStreamNamePrefix ?? "") && matches(message);
  const events = select(groups.find(name), groups.cloud.clock.nowMs(), input, isWanted);
  const { page, nextToken } = paginate(events, input.nextToken, input.limit, MAX_EVENTS);
  return {
    events: page.map(({ id, stream, timestampMs, message, ingestionMs }) => ({
      logStreamName: stream,
      timestamp: timestampMs,
      message,
      ingestionTime: ingestionMs,
      eventId: id,
    })),
    searchedLogStreams: [],
    nextToken,
  };
};

/** Sorted by timestamp, then by arrival. The end is exclusive. */
const select = (
  group: LogGroup,
  nowMs: number,
  { startTime = 0, endTime = Number.POSITIVE_INFINITY }: { startTime?: number; endTime?: number },
  isWanted: (event: StoredEvent) => boolean,
): StoredEvent[] =>
  group
    .eventsAt(nowMs)
    .filter(event => event.timestampMs >= startTime && event.timestampMs < endTime && isWanted(event))
    .sort((a, b) => a.timestampMs - b.timestampMs);

/** A group by its name or, in newer requests, by its ARN. */
const groupNameIn = ({ logGroupName, logGroupIdentifier }: { logGroupName?: string; logGroupIdentifier?: string }): string => {
  const name = logGroupName ?? logGroupIdentifier?.replace(/^arn:aws:logs:[^:]*:[^:]*:log-group:/, "").replace(/:\*$/, "");
  if (!name) throw new AwsError("InvalidParameterException", "One of logGroupName and logGroupIdentifier is required.");
  return name;
};

export { filterLogEvents, getLogEvents, groupNameIn };
