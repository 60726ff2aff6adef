import type { Cloud, Service, ServiceDefinition } from "../../kernel/service";
import {
  createLogGroup,
  deleteLogGroup,
  deleteRetentionPolicy,
  describeLogGroups,
  listTagsForResource,
  putRetentionPolicy,
  tagResource,
  untagResource,
} from "./operations/log-groups";
import { createLogStream, deleteLogStream, describeLogStreams } from "./operations/log-streams";
import { putLogEvents } from "./operations/put-log-events";
import { filterLogEvents, getLogEvents } from "./operations/read-events";
import { logGroupResource, logStreamResource } from "./resources";
import { LogGroups } from "./store";

const create = (cloud: Cloud): Service => {
  const groups = new LogGroups(cloud);
  return {
    start: () => groups.start(),
    stop: () => groups.stop(),
    operations: {
      CreateLogGroup: createLogGroup(groups),
      DeleteLogGroup: deleteLogGroup(groups),
      DescribeLogGroups: describeLogGroups(groups),
      PutRetentionPolicy: putRetentionPolicy(groups),
      DeleteRetentionPolicy: deleteRetentionPolicy(groups),
      ListTagsForResource: listTagsForResource(groups),
      TagResource: tagResource(groups),
      UntagResource: untagResource(groups),
      CreateLogStream: createLogStream(groups),
      DeleteLogStream: deleteLogStream(groups),
      DescribeLogStreams: describeLogStreams(groups),
      PutLogEvents: putLogEvents(groups),
      GetLogEvents: getLogEvents(groups),
      FilterLogEvents: filterLogEvents(groups),
    },
  };
};

/** Amazon CloudWatch Logs. Always there, because functions make their log groups themselves where the program does not. */
const logs: ServiceDefinition = {
  name: "logs",
  resources: {
    "aws:cloudwatch/logGroup:LogGroup": logGroupResource,
    "aws:cloudwatch/logStream:LogStream": logStreamResource,
  },
  always: true,
  wire: { protocol: "aws-json", version: "1.1", target: "Logs_20140328" },
  create,
};

export { logs };
