import { type SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { Deadline } from "#core/deadline";
import { NotDurable } from "#core/errors";
import { AgentInbox } from "#stores/agent/inbox";

describe("agent-inbox", () => {
  const make = () => {
    const client = new SQSClient({ region: "us-east-1" });
    const send = sinon.stub(client, "send");
    return { send, inbox: new AgentInbox(client, "https://queue") };
  };

  it("sends a request unchanged", async () => {
    const { send, inbox } = make();
    await inbox.send('{"id":"x"}', new Deadline(5000));
    expect((send.args[0]![0] as SendMessageCommand).input).to.deep.equal({ QueueUrl: "https://queue", MessageBody: '{"id":"x"}' });
  });

  it("throws NotDurable with the cause", async () => {
    const { send, inbox } = make();
    const cause = new Error("throttled");
    send.rejects(cause);
    expect(await rejectionOf(inbox.send("{}", new Deadline(5000))))
      .to.be.instanceOf(NotDurable)
      .with.property("cause", cause);
  });
});
