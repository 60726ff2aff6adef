import { errors } from "./errors";

/** A rule of a bucket's default encryption, as SDK commands have it. */
interface EncryptionRule {
  ApplyServerSideEncryptionByDefault?: { SSEAlgorithm?: string; KMSMasterKeyID?: string };
  BucketKeyEnabled?: boolean;
}

/** Every bucket has this rule until it gets another ("Setting default server-side encryption behavior"). */
const DEFAULT_ENCRYPTION: EncryptionRule[] = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" }, BucketKeyEnabled: false }];

const ALGORITHMS = ["AES256", "aws:kms", "aws:kms:dsse"];

/** Throws `AwsError` InvalidArgument, MalformedXML for rules that S3 would refuse. */
const verifyEncryption = (rules: readonly EncryptionRule[]): void => {
  const [rule] = rules;
  if (rule === undefined || rules.length > 1) throw errors.malformedXml(`${rules.length} rules, but there must be one.`);
  const { SSEAlgorithm, KMSMasterKeyID } = rule.ApplyServerSideEncryptionByDefault ?? { SSEAlgorithm: "AES256" };
  if (!ALGORITHMS.includes(SSEAlgorithm ?? ""))
    throw errors.malformedXml(`SSEAlgorithm is ${SSEAlgorithm}, but must be one of ${ALGORITHMS.join(", ")}.`);
  if (KMSMasterKeyID !== undefined && SSEAlgorithm === "AES256")
    throw errors.invalidArgument("KMSMasterKeyID", KMSMasterKeyID, "no key with the algorithm AES256");
};

export type { EncryptionRule };
export { DEFAULT_ENCRYPTION, verifyEncryption };
