import { AwsError } from "../kernel/aws-error";
import { pageReader } from "../kernel/caller";
import { HttpError, quote } from "../kernel/http";
import type { Cloud, Resource } from "../kernel/service";
import type { LogLine } from "../protocol";

/** Each execution environment writes to a stream of its own; a warm function has few. */
const MAX_STREAMS = 4;
const MAX_LINES = 100;

/** The latest log lines of a function or a container service, by Pulumi name, sorted by time. Throws `HttpError` 404. */
const readLogs = async (cloud: Cloud, functionName: string): Promise<LogLine[]> => {
  const resource = cloud.inventory.resources.find(({ type, name }) => Object.hasOwn(LOG_GROUP_OF, type) && name === functionName);
  if (resource === undefined) throw new HttpError(404, "function_not_found", `There is no function ${quote(functionName)}.`);
  const group = LOG_GROUP_OF[resource.type]!(resource);
  if (group === undefined) return [];
  const streams = await readStreams(cloud, group);
  const lines = await Promise.all(streams.map(stream => readStream(cloud, group, stream)));
  return lines
    .flat()
    .sort((a, b) => a.atMs - b.atMs)
    .slice(-MAX_LINES);
};

/** The log group of a resource, by type. */
const LOG_GROUP_OF: Record<string, (resource: Resource) => string | undefined> = {
  "aws:lambda/function:Function": ({ inputs, outputs }) => inputs["loggingConfig"]?.logGroup ?? `/aws/lambda/${outputs["name"]}`,
  "awsx:ecs:FargateService": ({ outputs }) => outputs["logGroup"]?.name,
};

const readStreams = async (cloud: Cloud, logGroupName: string): Promise<string[]> => {
  const input = { logGroupName, orderBy: "LastEventTime", descending: true, limit: MAX_STREAMS };
  try {
    const { logStreams = [] } = await cloud.call("logs", "DescribeLogStreams", input, pageReader);
    return (logStreams as { logStreamName: string }[]).map(({ logStreamName }) => logStreamName);
  } catch (error) {
    // A group that the program does not declare is created with the first line.
    if (error instanceof AwsError && error.code === "ResourceNotFoundException") return [];
    throw error;
  }
};

const readStream = async (cloud: Cloud, logGroupName: string, logStreamName: string): Promise<LogLine[]> => {
  const input = { logGroupName, logStreamName, limit: MAX_LINES, startFromHead: false };
  const { events = [] } = await cloud.call("logs", "GetLogEvents", input, pageReader);
  return (events as { timestamp: number; message: string }[]).map(({ timestamp, message }) => ({
    atMs: timestamp,
    stream: logStreamName,
    message,
  }));
};

export { readLogs };
