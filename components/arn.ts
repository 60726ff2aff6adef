/** Where a resource is, as its ARN says it: `arn:PARTITION:SERVICE:REGION:ACCOUNT:...`. */
interface ArnPlace {
  /** `aws`, `aws-cn` or `aws-us-gov`. */
  partition: string;
  region: string;
  account: string;
}

/** Reads where a resource is. One without an ARN, as only Pulumi's mocks make it, is taken to be in the partition `aws`. */
const parseArn = (arn: string | undefined): ArnPlace => {
  const [, partition, , region = "", account = ""] = (arn ?? "").split(":");
  return { partition: partition || "aws", region, account };
};

/** The partition that a region belongs to. Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
const partitionOf = (region: string): string => {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
};

export type { ArnPlace };
export { parseArn, partitionOf };
