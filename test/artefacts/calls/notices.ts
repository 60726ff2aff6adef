import { expect } from "chai";
import type { CreateCalls } from "../calls";

const createCalls: CreateCalls = ({ laptop, call }) => ({
  notifier: async () => {
    // A separate channel: in the usual one, notices of the calls above may be waiting.
    const Message = JSON.stringify({ id: "artefact", outcome: "error", title: "Alarm", text: "Told by the artefact.", channel: "C0002" });
    const body = { MessageId: "artefact", TopicArn: laptop().endpoints.outputs["errorsTopicArn"], Subject: "Alarm", Message };
    const answer = await call("notifier", { Records: [{ messageId: "m1", receiptHandle: "r1", body: JSON.stringify(body) }] });
    expect(answer).to.deep.equal({ batchItemFailures: [] });
  },
});

export { createCalls };
