import { createHash } from "node:crypto";
import type { Place } from "../../kernel/service";
import type { Bucket, Version } from "./bucket";
import type { Cause } from "./cause";
import { encodeListed } from "./listing";
import { bucketArn } from "./names";

interface EventContext {
  /** Id of the notification's rule. */
  ruleId: string;
  sequencer: string;
  cause: Cause;
  createdMs: number;
}

/** One record of an event message, version 2.1 ("Event message structure"). The key is URL-encoded, a space as "+". */
const buildEventRecord = (place: Place, bucket: Bucket, version: Version, { ruleId, sequencer, cause, createdMs }: EventContext) => ({
  eventVersion: "2.1",
  eventSource: "aws:s3",
  awsRegion: place.region,
  eventTime: new Date(createdMs).toISOString(),
  eventName: cause.eventName,
  userIdentity: { principalId: principalOf(cause) },
  requestParameters: { sourceIPAddress: "127.0.0.1" },
  responseElements: {
    "x-amz-request-id": cause.call?.id ?? sequencer,
    "x-amz-id-2": createHash("sha256").update(sequencer).digest("base64"),
  },
  s3: {
    s3SchemaVersion: "1.0",
    configurationId: ruleId,
    bucket: { name: bucket.name, ownerIdentity: { principalId: place.account }, arn: bucketArn(bucket.name) },
    object: {
      key: encodeListed(version.key),
      ...(version.deleteMarker || cause.eventName.endsWith(":Delete") ? {} : { size: version.sizeBytes, eTag: version.etag }),
      ...(bucket.record.versioning === undefined ? {} : { versionId: version.versionId }),
      sequencer,
    },
  },
});

const principalOf = ({ call }: Cause): string => {
  if (call === undefined || call.caller.kind === "service") return "s3.amazonaws.com";
  if (call.caller.kind === "administrator") return "AWS:administrator";
  return `AWS:${call.caller.roleArn}`;
};

export { buildEventRecord };
