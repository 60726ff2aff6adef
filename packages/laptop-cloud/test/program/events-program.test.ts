import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { LaptopProcess } from "../../../../test/cloud/laptop-process";

describe("a program with EventBridge and a REST API on the laptop cloud", () => {
  let laptop: LaptopProcess;

  before(async () => {
    laptop = await (await LaptopProcess.create()).start("--program", "packages/laptop-cloud/test/program/events-program");
  });
  after(() => laptop?.remove());

  it("answers requests at the stage's URL", async () => {
    const response = await fetch(`${laptop.endpoints.outputs["url"]}pets/7`);
    expect(await response.json()).to.deep.equal(["/pets/{id}", { id: "7" }]);
  });

  it("runs the callback of a schedule", async () => {
    await laptop.advance(3600);
    const logs = new CloudWatchLogsClient(laptop.client);
    const logGroupName = `/aws/lambda/${laptop.endpoints.outputs["scheduled"]}`;
    await eventually(async () => {
      const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName, filterPattern: "ticked" }));
      return events.some(({ message }) => message!.includes("ticked aws.events"));
    });
  });

  it("sends a bucket's events to a queue, transformed", async () => {
    const { bucket, queueUrl } = laptop.endpoints.outputs;
    const s3 = new S3Client({ ...laptop.client, forcePathStyle: true });
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: "photo.png", Body: "x" }));
    const receive = new ReceiveMessageCommand({ QueueUrl: queueUrl, WaitTimeSeconds: 5 });
    const { Messages } = await new SQSClient(laptop.client).send(receive);
    expect(Messages!.map(({ Body }) => Body)).to.deep.equal(['"photo.png is here"']);
  });
});
