import type { Service } from "../../../kernel/service";
import type { LogGroups } from "../store";
import {
  createLogGroup,
  deleteLogGroup,
  deleteRetentionPolicy,
  describeLogGroups,
  listTagsForResource,
  putRetentionPolicy,
  tagResource,
  untagResource,
} from "./log-groups";
import { createLogStream, deleteLogStream, describeLogStreams } from "./log-streams";
import { putLogEvents } from "./put-log-events";
import { filterLogEvents, getLogEvents } from "./read-events";

/** The operations by the names that AWS gives them. */
const createOperations = (groups: LogGroups): Service["operations"] => ({
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
});

export { createOperations };
