import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { KmsKeyArn } from "#core/named";
import { parseArn } from "../wiring/arn";
import type { Verbs } from "../wiring/grants";
import { type Edge, edgeTo } from "../wiring/wire";

interface KmsKeyArgs {
  description: string;
  /** The key of the encryption context that every use must give. */
  contextKey: string;
  /** Any resource of the account that administers the key. */
  inAccountOf: { arn: pulumi.Output<string> };
  /** If true, the key can't be deleted. */
  production: boolean;
}

/** What an administrator does with a key, in KMS's groups of actions: everything but using it. */
const ADMINISTRATION = [
  ...["Create*", "Describe*", "Enable*", "List*", "Put*", "Update*", "Revoke*", "Disable*", "Get*", "Delete*"],
  ...["TagResource", "UntagResource", "ScheduleKeyDeletion", "CancelKeyDeletion", "RotateKeyOnDemand"],
];

/** The longest that KMS waits before it deletes a key. What a deleted key has encrypted is lost. */
const DELETION_DAYS = 30;

/** A symmetric KMS key, renewed each year. Its policy lets the account's roles use it under an encryption context only. */
class KmsKey extends aws.kms.Key {
  constructor(name: string, { description, contextKey, inAccountOf, production }: KmsKeyArgs, opts?: pulumi.CustomResourceOptions) {
    const principal = {
      AWS: inAccountOf.arn.apply(arn => {
        const { partition, account } = parseArn(arn);
        return `arn:${partition}:iam::${account}:root`;
      }),
    };
    const policy = pulumi.jsonStringify({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "Administer",
          Effect: "Allow",
          Principal: principal,
          Action: ADMINISTRATION.map(action => `kms:${action}`),
          Resource: "*",
        },
        {
          Sid: "UseUnderContext",
          Effect: "Allow",
          Principal: principal,
          Action: ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"],
          Resource: "*",
          Condition: { StringLike: { [`kms:EncryptionContext:${contextKey}`]: "*" } },
        },
      ],
    });
    super(name, { description, policy, enableKeyRotation: true, deletionWindowInDays: DELETION_DAYS }, { ...opts, protect: production });
  }

  /** The key's ARN for a function, and what the function may do with the key. */
  may(...verbs: Verbs<aws.kms.Key>): Edge<KmsKeyArn> {
    return edgeTo(this, this.arn, verbs);
  }
}

export { KmsKey };
