import { createHash } from "node:crypto";
import type { Place, PolicyDocument } from "../../kernel/service";

/** A symmetric key as it is stored. */
interface Key {
  /** A UUID. */
  id: string;
  arn: string;
  description: string;
  policy: PolicyDocument;
  isEnabled: boolean;
  tags: Record<string, string>;
  /** The material of each rotation, 32 bytes in base64, the current one last. */
  material: string[];
  createdMs: number;
  /** When it is to be deleted. Until then it can't be used, and the deletion can be cancelled. */
  deletionMs?: number;
  /** The period of automatic rotation; undefined if that is off. */
  rotationDays?: number;
  /** The waiting period before deletion, if the program declares the key. It is scheduled for deletion when the program no longer does. */
  declaredWindowDays?: number;
}

/** "Deleting AWS KMS keys" (KMS developer guide). */
const DEFAULT_WINDOW_DAYS = 30;
const MIN_WINDOW_DAYS = 7;

/** "Rotating AWS KMS keys" (KMS developer guide). */
const DEFAULT_ROTATION_DAYS = 365;
const MIN_ROTATION_DAYS = 90;
const MAX_ROTATION_DAYS = 2560;

const keyArn = (id: string, { region, account }: Place) => `arn:aws:kms:${region}:${account}:key/${id}`;

const aliasArn = (name: string, { region, account }: Place) => `arn:aws:kms:${region}:${account}:${name}`;

/** AWS chooses a random id. Here it follows from the Pulumi name, so that it stays the same at each start. */
const declaredKeyId = (name: string): string => {
  const hex = createHash("sha256").update(name).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join("-");
};

/** CreateAlias, KMS API reference. `alias/aws/` is reserved for AWS's own keys. */
const isAliasName = (name: unknown): name is string =>
  typeof name === "string" && /^alias\/[A-Za-z0-9/_-]{1,250}$/.test(name) && !name.startsWith("alias/aws/");

/** "Default key policy" (KMS developer guide): the account decides by its roles' policies. */
const defaultPolicy = ({ account }: Place): PolicyDocument => ({
  Version: "2012-10-17",
  Statement: [
    {
      Sid: "Enable IAM User Permissions",
      Effect: "Allow",
      Principal: { AWS: `arn:aws:iam::${account}:root` },
      Action: "kms:*",
      Resource: "*",
    },
  ],
});

export type { Key };
export {
  aliasArn,
  DEFAULT_ROTATION_DAYS,
  DEFAULT_WINDOW_DAYS,
  declaredKeyId,
  defaultPolicy,
  isAliasName,
  keyArn,
  MAX_ROTATION_DAYS,
  MIN_ROTATION_DAYS,
  MIN_WINDOW_DAYS,
};
