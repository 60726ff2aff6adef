import { AwsError } from "../../../kernel/aws-error";
import { arnOf } from "../container-definition";
import type { Containers } from "../store";

/** Paging parameters are accepted, but every list has one page. */
const paging = ["maxResults", "nextToken"];

interface InCluster {
  cluster?: string;
}

const clusterArn = ({ cloud }: Containers, cluster: string) => arnOf(cloud.place, `cluster/${cluster}`);

/** An entry of `failures`. */
const missing = (arn: string) => ({ arn, reason: "MISSING" });

/** Throws `AwsError` InvalidParameterException. */
const requireList = (list: string[] | undefined, name: string): string[] => {
  if (list === undefined || list.length === 0) throw new AwsError("InvalidParameterException", `${name} can not be empty.`);
  return list;
};

export type { InCluster };
export { clusterArn, missing, paging, requireList };
