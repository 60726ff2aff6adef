import { SQSClient } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import sinon from "sinon";
import { AgentWatches, HANDOVERS } from "#stores/agent/watches";

describe("agent-watches", () => {
  it("sends a delayed copy with the number of handovers", async () => {
    const client = new SQSClient({ region: "us-east-1" });
    const send = sinon.stub(client, "send").resolves({});
    const body = JSON.stringify({ data: { team: "T0001" } });
    await new AgentWatches(client, "https://tasks").put(body, 2, 900);
    sinon.assert.calledOnce(send);
    expect(send.args[0]![0].input).to.deep.equal({
      QueueUrl: "https://tasks",
      MessageBody: body,
      MessageGroupId: "T0001",
      DelaySeconds: 900,
      MessageAttributes: { [HANDOVERS]: { DataType: "Number", StringValue: "2" } },
    });
  });
});
