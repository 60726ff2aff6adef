/** Where a resource is, as its ARN says it: `arn:PARTITION:SERVICE:REGION:ACCOUNT:...`. */
interface ArnPlace {
  /** `aws`, `aws-cn`, `aws-us-gov` or another. */
  partition: string;
  region: string;
  account: string;
}

/** Reads where a resource is. One without an ARN, as only Pulumi's mocks make it, is taken to be in the partition `aws`. */
const parseArn = (arn: string | undefined): ArnPlace => {
  const [, partition, , region = "", account = ""] = (arn ?? "").split(":");
  return { partition: partition || "aws", region, account };
};

export type { ArnPlace };
export { parseArn };
