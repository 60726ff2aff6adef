import type { IncomingMessage } from "node:http";
import type { RestReply, RestRequest, RestRoute } from "../../../kernel/service";
import { configurationDocuments } from "../configuration-documents";
import { replyWithHeaders, replyWithXml } from "../reply";
import { readInput, readPreflight, readUpload } from "../request";
import { requestDocuments } from "../request-documents";

type Place = Pick<RestRoute, "method" | "path" | "operation"> & Partial<RestRoute>;
// biome-ignore lint/suspicious/noExplicitAny: outputs have the shapes of SDK commands; each route writes the one of its operation.
type Output = any;

const bucket = "/{Bucket}";
const object = "/{Bucket}/{Key+}";

/** A route whose output is all headers. */
const headed = (method: string, path: string, operation: string, status = 200): Place => ({
  method,
  path,
  operation,
  write: (output: Output) => replyWithHeaders(status, output),
});

/** A route that answers XML; `shape` turns the output into the document's elements. */
const document = (method: string, path: string, operation: string, root: string, shape: (output: Output) => object): Place => ({
  method,
  path,
  operation,
  write: (output: Output) => replyWithXml(root, shape(output), output),
});

/** A route that takes XML. */
const withBody = (place: Place, parse: (body: Buffer) => object): Place => ({
  ...place,
  read: request => ({ ...readInput(request, subresourceOf(place.path)), ...parse(request.body) }),
});

const asIs = (output: Output) => output;

/** The routes of the operations (Amazon S3 API Reference). Routes with a sub-resource precede those without. */
const places: Place[] = [
  document("GET", "/", "ListBuckets", "ListAllMyBucketsResult", ({ Buckets, ...more }) => ({ ...more, Buckets: { Bucket: Buckets } })),

  document("GET", `${bucket}?location`, "GetBucketLocation", "LocationConstraint", asIs),
  document("GET", `${bucket}?versioning`, "GetBucketVersioning", "VersioningConfiguration", asIs),
  document("GET", `${bucket}?notification`, "GetBucketNotificationConfiguration", "NotificationConfiguration", output => ({
    CloudFunctionConfiguration: output.LambdaFunctionConfigurations.map(({ LambdaFunctionArn, ...rule }: Output) =>
      toNotificationXml(rule, { CloudFunction: LambdaFunctionArn }),
    ),
    QueueConfiguration: output.QueueConfigurations.map(({ QueueArn, ...rule }: Output) => toNotificationXml(rule, { Queue: QueueArn })),
    TopicConfiguration: output.TopicConfigurations.map(({ TopicArn, ...rule }: Output) => toNotificationXml(rule, { Topic: TopicArn })),
    EventBridgeConfiguration: output.EventBridgeConfiguration,
  })),
  {
    method: "GET",
    path: `${bucket}?policy`,
    operation: "GetBucketPolicy",
    write: ({ Policy }: Output) => ({ status: 200, headers: { "content-type": "application/json" }, body: Policy }),
  },
  document(
    "GET",
    `${bucket}?publicAccessBlock`,
    "GetPublicAccessBlock",
    "PublicAccessBlockConfiguration",
    output => output.PublicAccessBlockConfiguration,
  ),
  document("GET", `${bucket}?cors`, "GetBucketCors", "CORSConfiguration", ({ CORSRules }) => ({ CORSRule: CORSRules.map(toCorsRuleXml) })),
  document("GET", `${bucket}?lifecycle`, "GetBucketLifecycleConfiguration", "LifecycleConfiguration", ({ Rules }) => ({
    Rule: Rules.map(toLifecycleRuleXml),
  })),
  document("GET", `${bucket}?ownershipControls`, "GetBucketOwnershipControls", "OwnershipControls", output => ({
    Rule: output.OwnershipControls.Rules,
  })),
  document("GET", `${bucket}?encryption`, "GetBucketEncryption", "ServerSideEncryptionConfiguration", output => ({
    Rule: output.ServerSideEncryptionConfiguration.Rules,
  })),
  document("GET", `${bucket}?tagging`, "GetBucketTagging", "Tagging", toTagging),
  document("GET", `${bucket}?versions`, "ListObjectVersions", "ListVersionsResult", ({ Versions, DeleteMarkers, ...rest }) => ({
    ...rest,
    Version: Versions,
    DeleteMarker: DeleteMarkers,
  })),
  document("GET", `${bucket}?uploads`, "ListMultipartUploads", "ListMultipartUploadsResult", ({ Uploads, ...rest }) => ({
    ...rest,
    Upload: Uploads,
  })),
  document("GET", `${bucket}?list-type=2`, "ListObjectsV2", "ListBucketResult", asIs),
  document("GET", bucket, "ListObjects", "ListBucketResult", asIs),
  withBody(headed("PUT", `${bucket}?versioning`, "PutBucketVersioning"), requestDocuments.versioning),
  withBody(headed("PUT", `${bucket}?policy`, "PutBucketPolicy", 204), body => ({ Policy: body.toString("utf8") })),
  headed("DELETE", `${bucket}?policy`, "DeleteBucketPolicy", 204),
  withBody(headed("PUT", `${bucket}?tagging`, "PutBucketTagging", 204), requestDocuments.tagging),
  headed("DELETE", `${bucket}?tagging`, "DeleteBucketTagging", 204),
  withBody(headed("PUT", `${bucket}?cors`, "PutBucketCors"), configurationDocuments.cors),
  headed("DELETE", `${bucket}?cors`, "DeleteBucketCors", 204),
  withBody(headed("PUT", `${bucket}?lifecycle`, "PutBucketLifecycleConfiguration"), configurationDocuments.lifecycle),
  headed("DELETE", `${bucket}?lifecycle`, "DeleteBucketLifecycle", 204),
  withBody(headed("PUT", `${bucket}?encryption`, "PutBucketEncryption"), configurationDocuments.encryption),
  headed("DELETE", `${bucket}?encryption`, "DeleteBucketEncryption", 204),
  withBody(headed("PUT", `${bucket}?publicAccessBlock`, "PutPublicAccessBlock"), configurationDocuments.publicAccessBlock),
  headed("DELETE", `${bucket}?publicAccessBlock`, "DeletePublicAccessBlock", 204),
  withBody(headed("PUT", `${bucket}?ownershipControls`, "PutBucketOwnershipControls"), configurationDocuments.ownership),
  headed("DELETE", `${bucket}?ownershipControls`, "DeleteBucketOwnershipControls", 204),
  withBody(headed("PUT", bucket, "CreateBucket"), requestDocuments.createBucket),
  headed("HEAD", bucket, "HeadBucket"),
  headed("DELETE", bucket, "DeleteBucket", 204),
  withBody(
    document("POST", `${bucket}?delete`, "DeleteObjects", "DeleteResult", ({ Deleted, Errors }) => ({ Deleted, Error: Errors })),
    requestDocuments.delete,
  ),

  document("GET", `${object}?tagging`, "GetObjectTagging", "Tagging", toTagging),
  withBody(headed("PUT", `${object}?tagging`, "PutObjectTagging"), requestDocuments.tagging),
  headed("DELETE", `${object}?tagging`, "DeleteObjectTagging", 204),

  document("POST", `${object}?uploads`, "CreateMultipartUpload", "InitiateMultipartUploadResult", ({ Bucket, Key, UploadId }) => ({
    Bucket,
    Key,
    UploadId,
  })),
  withBody(
    document("POST", `${object}?uploadId`, "CompleteMultipartUpload", "CompleteMultipartUploadResult", ({ VersionId: _, ...rest }) => rest),
    requestDocuments.completeMultipartUpload,
  ),
  document("GET", `${object}?uploadId`, "ListParts", "ListPartsResult", ({ Parts, ...rest }) => ({ ...rest, Part: Parts })),
  headed("DELETE", `${object}?uploadId`, "AbortMultipartUpload", 204),
  {
    ...document("PUT", `${object}?uploadId`, "UploadPartCopy", "CopyPartResult", output => output.CopyPartResult),
    header: "x-amz-copy-source",
  },
  { ...headed("PUT", `${object}?uploadId`, "UploadPart"), streams: true, read: readUpload },

  { ...document("PUT", object, "CopyObject", "CopyObjectResult", output => output.CopyObjectResult), header: "x-amz-copy-source" },
  { ...headed("PUT", object, "PutObject"), streams: true, read: readUpload },
  { method: "GET", path: object, operation: "GetObject", write: writeObject },
  headed("HEAD", object, "HeadObject"),
  headed("DELETE", object, "DeleteObject", 204),

  { ...headed("OPTIONS", object, "Preflight"), read: readPreflight },
  { ...headed("OPTIONS", bucket, "Preflight"), read: readPreflight },
];

const routes: RestRoute[] = places.map(({ write, ...place }) => ({
  read: request => readInput(request, subresourceOf(place.path)),
  ...place,
  write: ({ CorsHeaders = {}, ...output }: Output, request) => {
    const reply = write!(output, request);
    return { ...reply, headers: { ...reply.headers, ...CorsHeaders } };
  },
}));

function subresourceOf(path: string): string | undefined {
  return path.split("?", 2)[1]?.split("=", 1)[0];
}

function writeObject({ Body, ...output }: Output, _request: RestRequest): RestReply {
  return replyWithHeaders(output.ContentRange === undefined ? 200 : 206, output, Body);
}

function toTagging({ TagSet }: Output) {
  return { TagSet: { Tag: TagSet } };
}

function toCorsRuleXml({ AllowedHeaders, AllowedMethods, AllowedOrigins, ExposeHeaders, ...rest }: Output) {
  return {
    ...rest,
    AllowedHeader: AllowedHeaders,
    AllowedMethod: AllowedMethods,
    AllowedOrigin: AllowedOrigins,
    ExposeHeader: ExposeHeaders,
  };
}

function toLifecycleRuleXml({ Filter, Transitions, NoncurrentVersionTransitions, ...rest }: Output) {
  const and = Filter?.And;
  return {
    ...rest,
    Filter: and === undefined ? Filter : { And: { ...and, Tags: undefined, Tag: and.Tags } },
    Transition: Transitions,
    NoncurrentVersionTransition: NoncurrentVersionTransitions,
  };
}

function toNotificationXml({ Id, Events, Filter }: Output, destination: object) {
  const rules = Filter?.Key.FilterRules;
  return { Id, ...destination, Event: Events, ...(rules === undefined ? {} : { Filter: { S3Key: { FilterRule: rules } } }) };
}

/**
 * The path as it was sent, because a URL parser would resolve the dots of a key like `a/../b`. A bucket in the host name,
 * `BUCKET.s3.localhost:PORT` or `BUCKET.localhost:PORT`, is put in front.
 */
const readPath = ({ url = "/", headers }: IncomingMessage): string => {
  const path = url.split("?", 1)[0]!;
  const named = /^(.+?)\.(?:s3\.)?localhost(?::\d+)?$/.exec(headers.host ?? "")?.[1];
  return named === undefined ? path : `/${named}${path}`;
};

export { readPath, routes };
