import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { SendMessageBatchCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import type { Browser, Page } from "playwright-core";
import { findProblems } from "../../../../test/page/axe";
import { startBrowser } from "../../../../test/page/browser";
import { createControls } from "../../src/controls";
import type { Declared } from "../../src/kernel/service";
import { createPage } from "../../src/page-server";
import { monitoring } from "../../src/services/monitoring";
import { s3 } from "../../src/services/s3";
import { sqs } from "../../src/services/sqs";
import { states } from "../../src/services/states";
import { roleArn, startFunctions } from "../services/lambda/functions-under-test";

/** Reports the messages of a batch that it can't process, and throws for a number above 1. */
const code = `exports.handler = async event => {
  if (event.Records) return { batchItemFailures: event.Records.filter(({ body }) => body === "bad").map(({ messageId }) => ({ itemIdentifier: messageId })) };
  console.log("n is " + event.n);
  if (event.n > 1) throw new RangeError("n is " + event.n);
  return { n: event.n };
};`;

const role: Declared = {
  type: "aws:iam/role:Role",
  name: "worker-role",
  inputs: {
    assumeRolePolicy: JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: ["lambda.amazonaws.com", "states.amazonaws.com"] } }],
    }),
    inlinePolicies: [
      { name: "all", policy: JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] }) },
    ],
  },
};

const functionArn = "arn:aws:lambda:us-east-1:000000000000:function:worker";
const definition = JSON.stringify({
  StartAt: "try",
  States: {
    try: { Type: "Task", Resource: functionArn, Catch: [{ ErrorEquals: ["RangeError"], ResultPath: "$.why", Next: "mend" }], End: true },
    mend: { Type: "Pass", Result: { n: 0 }, End: true },
  },
});

const resources: Declared[] = [
  { type: "aws:sqs/queue:Queue", name: "lost", inputs: {} },
  {
    type: "aws:sqs/queue:Queue",
    name: "inbox",
    inputs: { redrivePolicy: JSON.stringify({ deadLetterTargetArn: "arn:aws:sqs:us-east-1:000000000000:lost", maxReceiveCount: 2 }) },
  },
  { type: "aws:sqs/queue:Queue", name: "later", inputs: {} },
  {
    type: "aws:lambda/eventSourceMapping:EventSourceMapping",
    name: "mapping",
    inputs: {
      eventSourceArn: "arn:aws:sqs:us-east-1:000000000000:inbox",
      functionName: "worker",
      functionResponseTypes: ["ReportBatchItemFailures"],
    },
  },
  { type: "aws:s3/bucket:Bucket", name: "shelf", inputs: {} },
  { type: "aws:sfn/stateMachine:StateMachine", name: "steps", inputs: { roleArn, definition } },
  {
    type: "aws:cloudwatch/metricAlarm:MetricAlarm",
    name: "waiting",
    inputs: {
      namespace: "AWS/SQS",
      metricName: "ApproximateNumberOfMessagesVisible",
      dimensions: { QueueName: "later" },
      statistic: "Maximum",
      period: 60,
      evaluationPeriods: 1,
      comparisonOperator: "GreaterThanThreshold",
      threshold: 99,
      treatMissingData: "notBreaching",
    },
  },
];

describe("looking inside resources on the page", () => {
  let browser: Browser;
  let page: Page;
  let laptop: Awaited<ReturnType<typeof startFunctions>>;
  const errors: string[] = [];

  before(async function () {
    browser = await startBrowser(this);
    laptop = await startFunctions({
      functions: [{ code, inputs: { timeout: 20 } }],
      role,
      resources,
      definitions: [
        sqs,
        monitoring,
        s3,
        states,
        createControls(() => ({ outputs: {}, secretOutputs: [], config: {} })),
        createPage({ title: "inside" }),
      ],
    });
    page = await browser.newPage({ viewport: { width: 1280, height: 1000 }, reducedMotion: "reduce" });
    page.on("pageerror", error => errors.push(error.message));
    page.on("console", message => {
      if (message.type() === "error") errors.push(message.text());
    });
    await page.goto(laptop.cloud.place.pageUrl);
    await page.getByText("live", { exact: true }).waitFor();
  });

  afterEach("no error, no problem of accessibility", async () => {
    expect(await findProblems(page, { within: ".panel" })).to.deep.equal([]);
    expect(errors.splice(0)).to.deep.equal([]);
  });

  after(async () => {
    await browser?.close();
    await laptop?.stop();
  });

  const panel = () => page.getByRole("region", { name: "Details" });
  const select = async (name: RegExp, kind: string) => {
    const node = page.getByRole("group", { name: "Diagram of the program" }).getByRole("button", { name });
    if ((await node.getAttribute("aria-pressed")) !== "true") await node.click();
    await panel().locator(".kind").getByText(kind, { exact: true }).waitFor();
  };

  it("a batch that failed in part is not ok", async () => {
    const queue = new SQSClient(laptop.clientConfig);
    const Entries = ["good", "bad"].map((MessageBody, index) => ({ Id: String(index), MessageBody }));
    await queue.send(new SendMessageBatchCommand({ QueueUrl: `${laptop.cloud.place.awsUrl}/000000000000/inbox`, Entries }));
    // The two messages may come in one batch or in two.
    await select(/^worker, function, .*1 reported failure/, "function");
    await panel()
      .getByRole("row", { name: /1 of \d messages failed/ })
      .waitFor();
  });

  it("an invocation is run again with an edited event", async () => {
    await laptop.invoke({ n: 2 }).catch(() => {});
    await select(/^worker, function/, "function");
    await panel()
      .getByRole("row", { name: /RangeError: n is 2/ })
      .getByRole("button", { name: /\d/ })
      .click();
    await panel()
      .getByText(/^RangeError: n is 2\s+at .*index\.js:4:/)
      .waitFor();
    const event = panel().getByRole("textbox", { name: "Event" });
    await event.fill("{ n: 1 }");
    await panel()
      .getByText(/^The event is not JSON: /)
      .waitFor();
    expect(await panel().getByRole("button", { name: "Run again" }).isDisabled()).to.equal(true);
    await event.fill('{ "n": 1 }');
    await panel().getByRole("button", { name: "Run again" }).click();
    await panel().getByText("run again", { exact: true }).waitFor();
    await panel()
      .getByText(/INFO n is 1/)
      .waitFor();
    await page.keyboard.press("Shift+Tab");
    await panel().getByRole("button", { name: "All invocations" }).click();
    await panel()
      .getByRole("row", { name: /run again/ })
      .waitFor();
    await eventually(async () =>
      /[2-9] invocations/.test(await panel().getByRole("list", { name: "The last hour of worker" }).innerText()),
    );
  });

  it("a state machine shows the path of an execution, and what each state got and gave", async () => {
    const client = new SFNClient(laptop.clientConfig);
    const stateMachineArn = "arn:aws:states:us-east-1:000000000000:stateMachine:steps";
    await client.send(new StartExecutionCommand({ stateMachineArn, input: JSON.stringify({ n: 5 }) }));
    await select(/^steps, state machine/, "state machine");
    await panel().getByRole("button", { name: "try, Task, caught" }).click();
    await panel()
      .getByText(/^try 1: RangeError/)
      .waitFor();
    await panel().getByRole("button", { name: "mend, Pass, succeeded" }).focus();
    await page.keyboard.press("Enter");
    await panel().getByRole("listitem").getByText('"n": 0').first().waitFor();
    expect(await panel().locator(".edge.lit").count()).to.equal(1);
  });

  it("an object is previewed, and opens in a tab of its own", async () => {
    const client = new S3Client({ ...laptop.clientConfig, forcePathStyle: true });
    await client.send(
      new PutObjectCommand({ Bucket: "shelf", Key: "a/list.csv", Body: 'name,count\n"Lee, Ann",3\n', Metadata: { by: "ada" } }),
    );
    await select(/^shelf, bucket/, "bucket");
    await panel().getByRole("button", { name: "a/list.csv" }).click();
    await panel().getByRole("row", { name: "Lee, Ann 3" }).waitFor();
    await panel().getByRole("row", { name: "by ada" }).waitFor();
    const [opened] = await Promise.all([page.waitForEvent("popup"), panel().getByRole("link", { name: "Open" }).click()]);
    await opened.getByText("Lee, Ann").waitFor();
    await opened.close();
  });

  it("a queue says what waits, until when, and where its dead letters go", async () => {
    const queue = new SQSClient(laptop.clientConfig);
    const QueueUrl = `${laptop.cloud.place.awsUrl}/000000000000/later`;
    await queue.send(new SendMessageCommand({ QueueUrl, MessageBody: '{"a":1}', DelaySeconds: 900 }));
    await select(/^later, queue/, "queue");
    await panel()
      .getByText(/delayed for 1[45] min \d\d s more, received 0 times/)
      .waitFor();
    await panel().getByText("1 alarm", { exact: true }).click();
    await panel().getByRole("cell", { name: "ApproximateNumberOfMessagesVisible > 99, Maximum of 60 s" }).waitFor();
    await select(/^inbox, queue/, "queue");
    await panel().getByText("Goes to lost after 2 receives.").waitFor();
    await panel()
      .getByRole("button", { name: /dead letter/ })
      .click();
    await panel().getByText("Dead letters of inbox.").waitFor();
  });

  it("keeps its tabs in one row at 390 pixels", async () => {
    await page.setViewportSize({ width: 390, height: 800 });
    const tabs = await page.getByRole("tablist", { name: "Details" }).getByRole("tab").all();
    const tops = await Promise.all(tabs.map(async each => (await each.boundingBox())?.y));
    expect(new Set(tops).size).to.equal(1);
    const last = await tabs.at(-1)!.boundingBox();
    expect(last!.x + last!.width).to.be.at.most(390);
  });
});
