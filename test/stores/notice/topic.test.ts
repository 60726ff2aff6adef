import { SNSClient } from "@aws-sdk/client-sns";
import { expect } from "chai";
import sinon from "sinon";
import { type Notice, parseNotice } from "#core/notice/notice";
import { NoticesTopic } from "#stores/notice/topic";

describe("notices-topic", () => {
  const notice: Notice = { id: "n1", outcome: "success", title: "Your turn", text: "staging is yours.", channel: "C0001" };
  const publish = async (what: Notice) => {
    const client = new SNSClient({ region: "us-east-1" });
    const send = sinon.stub(client, "send").resolves({});
    await new NoticesTopic(client, "arn:successes").publish(what);
    sinon.assert.calledOnce(send);
    return send.args[0]![0].input as {
      TopicArn: string;
      Subject: string;
      Message: string;
      MessageAttributes: Record<string, { DataType: string; StringValue: string }>;
    };
  };

  it("publishes a notice that the notifier can parse and people can read", async () => {
    const { TopicArn, Subject, Message, MessageAttributes } = await publish(notice);
    expect({ TopicArn, Subject }).to.deep.equal({ TopicArn: "arn:successes", Subject: "Your turn" });
    expect(Message).to.match(/^staging is yours\.\n/);
    const details = MessageAttributes["notice"]!.StringValue;
    expect(parseNotice({ messageId: "m1", topicArn: TopicArn, message: Message, details }, "arn:errors")).to.deep.equal(notice);
  });

  it("marks a personal notice, so that e-mail subscriptions filter it out", async () => {
    expect((await publish({ ...notice, user: "U0001" })).MessageAttributes["user"]).to.deep.equal({
      DataType: "String",
      StringValue: "U0001",
    });
    expect((await publish(notice)).MessageAttributes).not.to.have.property("user");
  });
});
