import { AwsError } from "../../../kernel/aws-error";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { OperationOf } from "../../../kernel/service";
import type { LogStream } from "../log-group";
import { paginate } from "../page";
import type { LogGroups } from "../store";
import { groupNameIn } from "./read-events";

interface Named {
  logGroupName: string;
  logStreamName: string;
}

interface DescribeLogStreamsInput {
  logGroupName?: string;
  logGroupIdentifier?: string;
  logStreamNamePrefix?: string;
  orderBy?: "LogStreamName" | "LastEventTime";
  descending?: boolean;
  limit?: number;
  nextToken?: string;
}

/** DescribeLogStreams: "limit". */
const MAX_STREAMS = 50;

const createLogStream: OperationOf<LogGroups> = async (groups, input: Named, call) => {
  refuseUnknownParameters(call, input, ["logGroupName", "logStreamName"]);
  const { logGroupName, logStreamName } = input;
  call.authorize("logs:CreateLogStream", `${groups.arnOf(logGroupName)}:log-stream:${logStreamName}`);
  const group = groups.find(logGroupName);
  if (!/^[^:*]{1,512}$/.test(logStreamName)) {
    throw new AwsError(
      "InvalidParameterException",
      `logStreamName is ${JSON.stringify(logStreamName)}, but must be 1 to 512 characters without : and *.`,
    );
  }
  await groups.createStream(group, logStreamName);
  return {};
};

const deleteLogStream: OperationOf<LogGroups> = async (groups, { logGroupName, logStreamName }: Named, call) => {
  call.authorize("logs:DeleteLogStream", `${groups.arnOf(logGroupName)}:log-stream:${logStreamName}`);
  const group = groups.find(logGroupName);
  if (!group.streams.has(logStreamName)) throw new AwsError("ResourceNotFoundException", "The specified log stream does not exist.");
  await groups.deleteStream(group, logStreamName);
  return {};
};

/** Behaves as DescribeLogStreams; differs: the time of a stream's last event is exact, where AWS updates it within an hour. */
const describeLogStreams: OperationOf<LogGroups> = async (groups, input: DescribeLogStreamsInput, call) => {
  refuseUnknownParameters(call, input, [
    "logGroupName",
    "logGroupIdentifier",
    "logStreamNamePrefix",
    "orderBy",
    "descending",
    "limit",
    "nextToken",
  ]);
  const name = groupNameIn(input);
  call.authorize("logs:DescribeLogStreams", `${groups.arnOf(name)}:log-stream:`);
  const { logStreamNamePrefix = "", orderBy = "LogStreamName", descending = false, limit, nextToken } = input;
  if (orderBy === "LastEventTime" && logStreamNamePrefix !== "") {
    throw new AwsError("InvalidParameterException", "Cannot order by LastEventTime with a logStreamNamePrefix.");
  }
  const streams = [...groups.find(name).streams.values()].filter(stream => stream.name.startsWith(logStreamNamePrefix));
  streams.sort((a, b) => (descending ? -1 : 1) * (compareBy[orderBy](a, b) || compareBy.LogStreamName(a, b)));
  const { page, ...rest } = paginate(streams, nextToken, limit, MAX_STREAMS);
  return { logStreams: page.map(stream => describe(groups.arnOf(name), stream)), ...rest };
};

const compareBy: Record<"LogStreamName" | "LastEventTime", (a: LogStream, b: LogStream) => number> = {
  LogStreamName: (a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)),
  LastEventTime: (a, b) => (a.lastEventMs ?? 0) - (b.lastEventMs ?? 0),
};

const describe = (groupArn: string, stream: LogStream) => ({
  logStreamName: stream.name,
  creationTime: stream.creationMs,
  ...(stream.firstEventMs === undefined ? {} : { firstEventTimestamp: stream.firstEventMs }),
  ...(stream.lastEventMs === undefined ? {} : { lastEventTimestamp: stream.lastEventMs }),
  ...(stream.lastIngestionMs === undefined ? {} : { lastIngestionTime: stream.lastIngestionMs }),
  arn: `${groupArn}:log-stream:${stream.name}`,
  // AWS has returned 0 since 2019.
  storedBytes: 0,
});

export { createLogStream, deleteLogStream, describeLogStreams };
