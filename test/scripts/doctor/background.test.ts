import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import sinon from "sinon";
import { Background } from "../../../scripts/doctor/background";
import { runLooks } from "../../../scripts/doctor/finding";
import type { StackOutputs } from "../../../scripts/stack-outputs";

describe("doctor: background", () => {
  const region = "us-east-1";
  const make = (config: Record<string, string> = {}, { page, ...more }: { page?: string; installationsTable?: string } = {}) => {
    const parts = {
      outputs: { successesTopicArn: "successes", errorsTopicArn: "errors", redrivables: {}, ...more } as unknown as StackOutputs,
      config,
      sns: new SNSClient({ region }),
      sqs: new SQSClient({ region }),
      cloudwatch: new CloudWatchClient({ region }),
      lambda: new LambdaClient({ region }),
      page,
    };
    return { ...parts, background: new Background(parts) };
  };

  it("warns of a new account, which runs ten functions at once", async () => {
    const { background, lambda } = make();
    const send = sinon.stub(lambda, "send");
    send.resolves({ AccountLimit: { UnreservedConcurrentExecutions: 10 } });
    expect(await background.lookAtQuotas()).to.include({
      state: "warning",
      seen: "This account runs at most 10 Lambda functions at once.",
    });
    send.resolves({ AccountLimit: { UnreservedConcurrentExecutions: 1000 } });
    expect(await background.lookAtQuotas()).to.include({ state: "ok" });
  });

  it("finds an address whose invitation has expired, and that nobody would be told of failures", async () => {
    const { background, sns } = make({ errorEmails: '["oncall@example.com"]' });
    sinon.stub(sns, "send").resolves({ Subscriptions: [] });
    const findings = await background.lookAtMail();
    expect(findings.map(({ seen }) => seen)).to.deep.equal([
      "oncall@example.com (errorEmails) is not subscribed.",
      "Nobody would be told of failures.",
    ]);
    expect(findings.at(-1)).to.include({ todo: "Confirm an address of errorEmails." });
  });

  it("says where the laptop's e-mails are, which is no problem", async () => {
    const { background, sns } = make({ errorEmails: '["oncall@example.com"]', notifyChannel: "C0001" }, { page: "http://127.0.0.1:3000" });
    const pending = { Protocol: "email", Endpoint: "oncall@example.com", SubscriptionArn: "PendingConfirmation" };
    sinon.stub(sns, "send").resolves({ Subscriptions: [pending] });
    expect((await background.lookAtMail()).map(({ state, todo }) => ({ state, todo }))).to.deep.equal([
      { state: "warning", todo: "Follow the link in AWS's e-mail. It is under Mail on http://127.0.0.1:3000." },
    ]);
  });

  it("finds that a channel tells nobody of failures in a stack of many workspaces", async () => {
    const { background, sns } = make({ notifyChannel: "C0001" }, { installationsTable: "installations" });
    sinon.stub(sns, "send").resolves({ Subscriptions: [] });
    expect(await background.lookAtMail()).to.deep.equal([
      {
        about: "e-mail",
        state: "problem",
        seen: "Nobody would be told of failures.",
        todo: "Set errorEmails, run pulumi up, and confirm the address.",
      },
    ]);
  });

  it("finds alarms of other stacks to be none of its own", async () => {
    const { background, cloudwatch } = make();
    const alarm = { AlarmName: "theirs", AlarmActions: ["another topic"], StateValue: "ALARM" };
    sinon.stub(cloudwatch, "send").resolves({ MetricAlarms: [alarm] });
    expect((await background.lookAtAlarms()).map(({ seen }) => seen)).to.deep.equal(["The stack has no alarms in this region."]);
  });

  it("goes on if something can't be read", async () => {
    const { background, lambda } = make({ notifyChannel: "C0001" });
    sinon.stub(lambda, "send").rejects(new Error("The security token included in the request is expired"));
    const looks = background.looks().filter(({ about }) => ["quotas", "permissions"].includes(about));
    expect((await runLooks(looks)).map(({ state }) => state)).to.deep.equal(["problem", "off"]);
  });
});
