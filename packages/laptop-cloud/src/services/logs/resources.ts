import { acts, inert, physicalName } from "../../kernel/declared";
import type { Place, ResourceKind } from "../../kernel/service";

/** PutRetentionPolicy, "retentionInDays". The provider's 0 means forever. */
const RETENTION_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

const groupArn = ({ region, account }: Pick<Place, "region" | "account">, group: string) =>
  `arn:aws:logs:${region}:${account}:log-group:${group}`;

const logGroup: ResourceKind = {
  properties: {
    ...acts("logGroupClass", "name", "namePrefix", "retentionInDays", "tags"),
    ...inert("the program is not destroyed here", "deletionProtectionEnabled", "skipDestroy"),
    ...inert("logs stay on this machine", "kmsKeyId"),
    ...inert("tags are", "tagsAll"),
  },
  check({ inputs }) {
    const { retentionInDays: days, logGroupClass } = inputs;
    if (logGroupClass !== undefined && logGroupClass !== "STANDARD") {
      return `logGroupClass is ${JSON.stringify(logGroupClass)}: the laptop cloud has "STANDARD"`;
    }
    if (days === undefined || days === 0 || RETENTION_DAYS.includes(days)) return undefined;
    return `retentionInDays is ${JSON.stringify(days)}, but must be one of 0, ${RETENTION_DAYS.join(", ")}`;
  },
  outputs(declared, place) {
    const name = physicalName(declared);
    // The provider gives the ARN without the `:*` that the API appends.
    return { id: name, name, arn: groupArn(place, name) };
  },
};

const logStream: ResourceKind = {
  properties: acts("logGroupName", "name"),
  outputs(declared, place) {
    const stream = physicalName(declared);
    return { id: stream, name: stream, arn: `${groupArn(place, declared.inputs["logGroupName"])}:log-stream:${stream}` };
  },
};

/** The resource types of `aws.cloudwatch` that belong to logs. */
const resources: Record<string, ResourceKind> = {
  "aws:cloudwatch/logGroup:LogGroup": logGroup,
  "aws:cloudwatch/logStream:LogStream": logStream,
};

export { groupArn, RETENTION_DAYS, resources };
