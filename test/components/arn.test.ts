import { expect } from "chai";
import { parseArn } from "../../components/arn";

describe("arn", () => {
  it("says where its resource is", () => {
    expect(parseArn("arn:aws-us-gov:sqs:us-gov-west-1:123456789012:jobs")).to.deep.equal({
      partition: "aws-us-gov",
      region: "us-gov-west-1",
      account: "123456789012",
    });
  });

  it("of a bucket has neither region nor account", () => {
    expect(parseArn("arn:aws-cn:s3:::archive")).to.deep.equal({ partition: "aws-cn", region: "", account: "" });
  });

  it("that is missing is taken to be in the partition aws", () => {
    for (const arn of [undefined, ""]) expect(parseArn(arn)).to.deep.equal({ partition: "aws", region: "", account: "" });
  });
});
