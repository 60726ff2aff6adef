import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { expect } from "chai";
import sinon from "sinon";
import { Deadline } from "#core/deadline";
import { ToolAudit } from "#stores/agent/tool-audit";

const NOW_MS = 1_763_805_600_000;

describe("tool-audit", () => {
  const entry = { task: "t1", tool: "post_to_slack", outcome: "ok" as const, request: "step-1", atMs: NOW_MS };
  const put = async (more: object = {}) => {
    const client = new DynamoDBClient({ region: "us-east-1" });
    const send = sinon.stub(client, "send").resolves({});
    await new ToolAudit(client, "tasks").put({ ...entry, ...more }, new Deadline(5000));
    sinon.assert.calledOnce(send);
    return (send.args[0]![0].input as { Item: object }).Item;
  };

  it("keeps a call for a quarter, in a row whose key sorts by time and is the same for a repeated call", async () => {
    expect(await put()).to.deep.equal({
      task: { S: "t1" },
      item: { S: "audit#2025-11-22T10:00:00.000Z#step-1" },
      tool: { S: "post_to_slack" },
      outcome: { S: "ok" },
      expires_at: { N: String(NOW_MS / 1000 + 90 * 86_400) },
    });
  });

  it("records which rule refused the call, where and why", async () => {
    const item = await put({ outcome: "refused", rule: "channel", channel: "C0009", detail: "x".repeat(600) });
    expect(item).to.deep.include({
      outcome: { S: "refused" },
      rule: { S: "channel" },
      channel: { S: "C0009" },
      detail: { S: "x".repeat(500) },
    });
  });
});
