import { AwsError } from "../../kernel/aws-error";

/** The messages for missing settings of a bucket, by error code. */
const missingSettings = {
  NoSuchBucketPolicy: "The bucket policy does not exist",
  NoSuchCORSConfiguration: "The CORS configuration does not exist",
  NoSuchLifecycleConfiguration: "The lifecycle configuration does not exist",
  NoSuchPublicAccessBlockConfiguration: "The public access block configuration was not found",
  NoSuchTagSet: "The TagSet does not exist",
  OwnershipControlsNotFoundError: "The bucket ownership controls were not found",
};

/** Amazon S3's errors ("Error responses", API reference), by their codes. */
const errors = {
  badDigest: (what: string) => new AwsError("BadDigest", `The ${what} you specified did not match the calculated checksum.`),
  bucketAlreadyOwnedByYou: (bucket: string) =>
    new AwsError("BucketAlreadyOwnedByYou", "Your previous request to create the named bucket succeeded and you already own it.", 409, {
      BucketName: bucket,
    }),
  bucketNotEmpty: (bucket: string) =>
    new AwsError("BucketNotEmpty", "The bucket you tried to delete is not empty.", 409, { BucketName: bucket }),
  entityTooLarge: () => new AwsError("EntityTooLarge", "Your proposed upload exceeds the maximum allowed object size."),
  entityTooSmall: (partNumber: number) =>
    new AwsError("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size.", 400, { PartNumber: partNumber }),
  illegalLocationConstraint: (constraint: string) =>
    new AwsError(
      "IllegalLocationConstraintException",
      `The ${constraint} location constraint is incompatible for the region specific endpoint this request was sent to.`,
    ),
  incompleteBody: () =>
    new AwsError("IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header."),
  invalidArgument: (name: string, value: unknown, mustBe: string) =>
    new AwsError("InvalidArgument", `${name} is ${JSON.stringify(value)}, but must be ${mustBe}.`, 400, {
      ArgumentName: name,
      ArgumentValue: value,
    }),
  invalidBucketName: (bucket: string) =>
    new AwsError("InvalidBucketName", "The specified bucket is not valid.", 400, { BucketName: bucket }),
  invalidDigest: () => new AwsError("InvalidDigest", "The Content-MD5 you specified is not valid."),
  invalidLocationConstraint: (constraint: string) =>
    new AwsError("InvalidLocationConstraint", "The specified location-constraint is not valid", 400, { LocationConstraint: constraint }),
  invalidPart: (partNumber: number) =>
    new AwsError(
      "InvalidPart",
      "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
      400,
      { PartNumber: partNumber },
    ),
  invalidPartOrder: () =>
    new AwsError(
      "InvalidPartOrder",
      "The list of parts was not in ascending order. The parts list must be specified in order by part number.",
    ),
  invalidRange: (sizeBytes: number) =>
    new AwsError("InvalidRange", "The requested range is not satisfiable", 416, { ActualObjectSize: sizeBytes }).withHeaders({
      "content-range": `bytes */${sizeBytes}`,
    }),
  invalidRequest: (message: string) => new AwsError("InvalidRequest", message),
  invalidStorageClass: (storageClass: string) =>
    new AwsError("InvalidStorageClass", "The storage class you specified is not valid", 400, { StorageClassRequested: storageClass }),
  invalidTag: (message: string) => new AwsError("InvalidTag", message),
  keyTooLong: () => new AwsError("KeyTooLongError", "Your key is too long", 400, { MaxSizeAllowed: 1024 }),
  malformedXml: (message: string) =>
    new AwsError("MalformedXML", `The XML you provided was not well-formed or did not validate against our published schema: ${message}`),
  metadataTooLarge: () => new AwsError("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size"),
  methodNotAllowed: (headers: Record<string, string>) =>
    new AwsError("MethodNotAllowed", "The specified method is not allowed against this resource.", 405).withHeaders(headers),
  noSuchBucket: (bucket: string) => new AwsError("NoSuchBucket", "The specified bucket does not exist", 404, { BucketName: bucket }),
  noSuchKey: (key: string, headers: Record<string, string> = {}) =>
    new AwsError("NoSuchKey", "The specified key does not exist.", 404, { Key: key }).withHeaders(headers),
  noSuchSetting: (code: keyof typeof missingSettings, bucket: string) =>
    new AwsError(code, missingSettings[code], 404, { BucketName: bucket }),
  noSuchUpload: (uploadId: string) =>
    new AwsError(
      "NoSuchUpload",
      "The specified multipart upload does not exist. The upload ID might be invalid, or the multipart upload might have been aborted or completed.",
      404,
      { UploadId: uploadId },
    ),
  noSuchVersion: (key: string, versionId: string) =>
    new AwsError("NoSuchVersion", "The specified version does not exist.", 404, { Key: key, VersionId: versionId }),
  preconditionFailed: (condition: string) =>
    new AwsError("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412, { Condition: condition }),
};

export { errors };
