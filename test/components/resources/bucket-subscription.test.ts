import * as aws from "@pulumi/aws";
import { expect } from "chai";
import { BucketSubscription } from "../../../components/resources/bucket-subscription";
import { runMocked } from "../mocked";
import { find, makeFeatureArgs, nothing } from "../registered";

const arn = (name: string) => `arn:aws:mock:us-east-1:000000000000:${name}`;

describe("bucket subscription", () => {
  const subscribe = () =>
    runMocked(() => {
      new BucketSubscription("start", {
        ...makeFeatureArgs(),
        ...nothing,
        bucket: new aws.s3.Bucket("uploads"),
        timeoutSeconds: 10,
      });
    });

  it("invokes the function for each new object, however it was uploaded", async () => {
    const { resources } = await subscribe();
    expect(find(resources, "aws:s3/bucketNotification:BucketNotification")["lambdaFunctions"]).to.deep.equal([
      { lambdaFunctionArn: arn("start"), events: ["s3:ObjectCreated:*"] },
    ]);
  });

  it("allows invocations by this account's bucket only", async () => {
    const { resources } = await subscribe();
    expect(find(resources, "aws:lambda/permission:Permission")).to.include({
      principal: "s3.amazonaws.com",
      sourceArn: arn("uploads"),
      // Somebody else may create a bucket with the name of a deleted one.
      sourceAccount: "000000000000",
    });
  });

  it("retries twice, then keeps a dead letter and raises an alarm", async () => {
    const { resources } = await subscribe();
    expect(find(resources, "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig")).to.include({ maximumRetryAttempts: 2 });
    expect(find(resources, "aws:lambda/function:Function")["deadLetterConfig"]).to.deep.equal({ targetArn: arn("start-dead-letters") });
    expect(find(resources, "aws:cloudwatch/metricAlarm:MetricAlarm", "start-dead-letters")).to.deep.include({
      dimensions: { QueueName: "start-dead-letters" },
      alarmActions: [arn("errors")],
    });
  });

  it("sends events only after the permission and the retries exist", async () => {
    const { resources } = await subscribe();
    const notification = resources.find(({ type }) => type === "aws:s3/bucketNotification:BucketNotification");
    expect(notification?.after).to.include.members([
      "aws:lambda/permission:Permission start",
      "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig start",
    ]);
  });
});
