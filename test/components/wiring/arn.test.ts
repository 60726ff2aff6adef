import { expect } from "chai";
import { parseArn } from "../../../components/wiring/arn";

describe("arn", () => {
  it("contains partition, region and account", () => {
    expect(parseArn("arn:aws-us-gov:sqs:us-gov-west-1:123456789012:jobs")).to.deep.equal({
      partition: "aws-us-gov",
      region: "us-gov-west-1",
      account: "123456789012",
    });
  });

  it("of a bucket has no region or account", () => {
    expect(parseArn("arn:aws-cn:s3:::archive")).to.deep.equal({ partition: "aws-cn", region: "", account: "" });
  });

  it("that is missing has the partition aws", () => {
    for (const arn of [undefined, ""]) expect(parseArn(arn)).to.deep.equal({ partition: "aws", region: "", account: "" });
  });
});
