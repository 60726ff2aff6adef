import { expect } from "chai";
import type { CreateCalls } from "../calls";

const createCalls: CreateCalls = ({ laptop, call }) => ({
  notifier: async () => {
    // A separate channel: in those of other notices and of the digest, notices of the calls above may be waiting.
    const Message = JSON.stringify({ id: "artefact", outcome: "error", title: "Alarm", text: "Told by the artefact.", channel: "G0001" });
    const body = { MessageId: "artefact", TopicArn: laptop().endpoints.outputs["errorsTopicArn"], Subject: "Alarm", Message };
    const answer = await call("notifier", { Records: [{ messageId: "m1", receiptHandle: "r1", body: JSON.stringify(body) }] });
    expect(answer).to.deep.equal({ batchItemFailures: [] });
  },
});

export { createCalls };
