import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { BucketName } from "#core/named";
import type { Verbs } from "../wiring/grants";
import { type Edge, edgeTo } from "../wiring/wire";

interface BucketArgs {
  /** If true, the bucket can't be deleted and keeps old versions of objects for 30 days. Otherwise it is deleted with its stack and all objects. */
  production: boolean;
  /** Days after which objects are deleted. Default: never. */
  expiresAfterDays?: number | undefined;
  /** Objects whose keys begin with `prefix` are deleted sooner, after `days`. */
  sooner?: { prefix: string; days: number } | undefined;
}

/** Days after which the parts of an unfinished multipart upload are removed. */
const ABANDONED_PARTS_DAYS = 2;

/** How many days an overwritten or deleted object of a production bucket can be restored. */
const OLD_VERSIONS_DAYS = 30;

/** The same where objects expire: they must not stay much longer as old versions. */
const EXPIRED_DAYS = 1;

/** Without this rule a versioned bucket would keep all old versions, at a cost. */
const buildOldVersions = (noncurrentDays: number): aws.types.input.s3.BucketLifecycleConfigurationRule => ({
  id: "old-versions",
  status: "Enabled",
  filter: {},
  noncurrentVersionExpiration: { noncurrentDays },
  expiration: { expiredObjectDeleteMarker: true },
});

/** A private bucket that accepts encrypted connections only. S3 encrypts objects by default. */
class Bucket extends aws.s3.Bucket {
  constructor(name: string, { production, expiresAfterDays, sooner }: BucketArgs, opts?: pulumi.CustomResourceOptions) {
    super(name, { forceDestroy: !production }, { ...opts, protect: production });
    const about = { ...opts, parent: this };
    const block = new aws.s3.BucketPublicAccessBlock(
      name,
      { bucket: this.id, blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
      about,
    );
    new aws.s3.BucketPolicy(
      name,
      {
        bucket: this.id,
        policy: pulumi.jsonStringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Deny",
              Principal: "*",
              Action: "s3:*",
              Resource: [this.arn, pulumi.interpolate`${this.arn}/*`],
              Condition: { Bool: { "aws:SecureTransport": "false" } },
            },
          ],
        }),
      },
      // S3 refuses two changes of a bucket's access at once.
      { ...about, dependsOn: [block] },
    );
    const versioning = production
      ? [new aws.s3.BucketVersioning(name, { bucket: this.id, versioningConfiguration: { status: "Enabled" } }, about)]
      : [];
    new aws.s3.BucketLifecycleConfiguration(
      name,
      {
        bucket: this.id,
        rules: [
          {
            id: "abandoned-parts",
            status: "Enabled",
            filter: {},
            abortIncompleteMultipartUpload: { daysAfterInitiation: ABANDONED_PARTS_DAYS },
          },
          ...(production ? [buildOldVersions(expiresAfterDays === undefined ? OLD_VERSIONS_DAYS : EXPIRED_DAYS)] : []),
          ...(expiresAfterDays === undefined
            ? []
            : [{ id: "expired", status: "Enabled", filter: {}, expiration: { days: expiresAfterDays } }]),
          ...(sooner === undefined
            ? []
            : [{ id: "sooner", status: "Enabled", filter: { prefix: sooner.prefix }, expiration: { days: sooner.days } }]),
        ],
      },
      { ...about, dependsOn: versioning },
    );
  }

  /** The bucket's name for a function, and what the function may do with its objects. */
  may(...verbs: Verbs<aws.s3.Bucket>): Edge<BucketName> {
    return edgeTo(this, this.bucket, verbs);
  }
}

export { Bucket };
