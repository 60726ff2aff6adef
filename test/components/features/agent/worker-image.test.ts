import { expect } from "chai";
import { arnOfRepository } from "../../../../components/features/agent/worker-image";

describe("worker image", () => {
  const rows: [what: string, url: string | undefined, arn: string, partition?: string][] = [
    [
      "an address of Amazon ECR's",
      "123456789012.dkr.ecr.eu-north-1.amazonaws.com/agent-1a2b/x",
      "arn:aws:ecr:eu-north-1:123456789012:repository/agent-1a2b/x",
    ],
    [
      "an address in China",
      "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/agent",
      "arn:aws-cn:ecr:cn-north-1:123456789012:repository/agent",
      "aws-cn",
    ],
    [
      "an address in a partition that is newer than this program",
      "123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu/agent",
      "arn:aws-eusc:ecr:eusc-de-east-1:123456789012:repository/agent",
      "aws-eusc",
    ],
    ["nothing, as mocks have it", undefined, ""],
    ["an address of a mock's making", "https://mocked/agent", ""],
  ];
  for (const [what, url, arn, partition = "aws"] of rows)
    it(`has the repository's ARN from ${what}`, () => expect(arnOfRepository(url, partition)).to.equal(arn));
});
