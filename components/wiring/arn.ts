/** The location in an ARN, `arn:PARTITION:SERVICE:REGION:ACCOUNT:...`. */
interface ArnPlace {
  /** `aws`, `aws-cn`, `aws-us-gov` or another. */
  partition: string;
  region: string;
  account: string;
}

/** Parses the location. Under Pulumi's mocks a resource may have no ARN; its partition is then `aws`. */
const parseArn = (arn: string | undefined): ArnPlace => {
  const [, partition, , region = "", account = ""] = (arn ?? "").split(":");
  return { partition: partition || "aws", region, account };
};

export { parseArn };
