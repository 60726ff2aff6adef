import { createHash } from "node:crypto";
import type { Place } from "../../kernel/service";
import type { Bucket, Version } from "./bucket";
import type { Cause } from "./cause";
import { encodeListed } from "./listing";
import { bucketArn } from "./names";

interface EventContext {
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

/** Detail types and reasons of "Amazon S3 event message structure" for EventBridge, by the names of event notifications. */
const busNames: Record<string, { detailType: string; reason?: string; deletionType?: string }> = {
  "ObjectCreated:Put": { detailType: "Object Created", reason: "PutObject" },
  "ObjectCreated:Post": { detailType: "Object Created", reason: "POST Object" },
  "ObjectCreated:Copy": { detailType: "Object Created", reason: "CopyObject" },
  "ObjectCreated:CompleteMultipartUpload": { detailType: "Object Created", reason: "CompleteMultipartUpload" },
  "ObjectRemoved:Delete": { detailType: "Object Deleted", reason: "DeleteObject", deletionType: "Permanently Deleted" },
  "ObjectRemoved:DeleteMarkerCreated": { detailType: "Object Deleted", reason: "DeleteObject", deletionType: "Delete Marker Created" },
  "LifecycleExpiration:Delete": { detailType: "Object Deleted", reason: "Lifecycle Expiration", deletionType: "Permanently Deleted" },
  "LifecycleExpiration:DeleteMarkerCreated": {
    detailType: "Object Deleted",
    reason: "Lifecycle Expiration",
    deletionType: "Delete Marker Created",
  },
  "ObjectTagging:Put": { detailType: "Object Tags Added" },
  "ObjectTagging:Delete": { detailType: "Object Tags Deleted" },
};

/** The entry of PutEvents for a change. Unlike in a record, the key is not encoded. */
const buildBusEntry = (place: Place, bucket: Bucket, version: Version, { sequencer, cause, createdMs }: EventContext) => {
  const { detailType, reason, deletionType } = busNames[cause.eventName]!;
  const isCreated = detailType === "Object Created" && !version.deleteMarker;
  const detail = {
    version: "0",
    bucket: { name: bucket.name },
    object: {
      key: version.key,
      ...(isCreated ? { size: version.sizeBytes } : {}),
      ...(version.deleteMarker || deletionType !== undefined ? {} : { etag: version.etag }),
      ...(bucket.record.versioning === undefined ? {} : { "version-id": version.versionId }),
      sequencer,
    },
    "request-id": cause.call?.id ?? sequencer,
    requester: cause.call === undefined || cause.call.caller.kind === "service" ? "s3.amazonaws.com" : place.account,
    "source-ip-address": cause.call === undefined ? undefined : "127.0.0.1",
    reason,
    "deletion-type": deletionType,
  };
  return {
    Source: "aws.s3",
    DetailType: detailType,
    Time: createdMs / 1000,
    Resources: [bucketArn(bucket.name)],
    Detail: JSON.stringify(detail),
  };
};

const principalOf = ({ call }: Cause): string => {
  if (call === undefined || call.caller.kind === "service") return "s3.amazonaws.com";
  if (call.caller.kind === "administrator") return "AWS:administrator";
  return `AWS:${call.caller.roleArn}`;
};

export type { EventContext };
export { buildBusEntry, buildEventRecord };
