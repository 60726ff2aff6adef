import { type AttributeValue, DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import type { Answer, CreateCalls } from "../calls";

/** One call for each of the agent's functions, which shows that it works. */
const createCalls: CreateCalls = ({ laptop, call }) => {
  const listTools = (token: string) =>
    call("gateway", {
      rawPath: "/mcp",
      headers: {
        authorization: `Bearer ${token}`,
        accept: "application/json, text/event-stream",
        "content-type": "application/json",
        "mcp-protocol-version": "2025-06-18",
      },
      requestContext: { http: { method: "POST" } },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list", params: {} }),
    }) as Promise<Answer>;

  /** The unfinished tasks of the channel that the test's slash commands use. */
  const findActive = async (): Promise<Record<string, AttributeValue>[]> => {
    const { Items = [] } = await new DynamoDBClient(laptop().client).send(
      new QueryCommand({
        TableName: laptop().endpoints.outputs["tasksTable"] as string,
        IndexName: "active",
        KeyConditionExpression: "#active = :channel",
        ExpressionAttributeNames: { "#active": "active" },
        ExpressionAttributeValues: { ":channel": { S: "T0001#C0001" } },
      }),
    );
    return Items;
  };

  return {
    gateway: async () => {
      const { statusCode, body } = await listTools("local-agent-token");

      expect(statusCode).to.equal(200);
      expect((JSON.parse(body).result.tools as { name: string }[]).map(({ name }) => name)).to.include.members([
        "post_to_slack",
        "create_trello_card",
      ]);
      expect((await listTools("another")).statusCode).to.equal(401);
    },
    opener: async () => {
      const ts = `${Math.ceil(await laptop().nowMs()) / 1000}`;
      const said = { team: "T0001", channel: "D0002", user: "U0002", text: "post hello", ts, tokens: {}, files: [], mentionsBot: false };
      const envelope = { specversion: "1.0", id: `T0001-D0002-${ts}-events`, source: "slack://T0001/events", type: "slack.message" };
      const Sns = {
        Message: JSON.stringify({ ...envelope, time: new Date(Number(ts) * 1000).toISOString(), data: said }),
        MessageAttributes: { channelType: { Type: "String", Value: "im" } },
      };

      await call("opener", { Records: [{ EventSource: "aws:sns", Sns }] });

      const sessions = await fetch(`${laptop().endpoints.slack}/sessions`);
      expect(((await sessions.json()) as { threadTs: string }[]).map(({ threadTs }) => threadTs)).to.include(ts);
    },
    stopper: async () => {
      await laptop().command("/ask", "sleep 8h");
      const threadOf = async () => (await findActive())[0]?.["thread_ts"]?.S;
      await eventually(async () => (await threadOf()) !== undefined);
      const threadTs = await threadOf();
      const ts = `${Math.ceil(await laptop().nowMs()) / 1000 + 60}`;
      const data = { team: "T0001", channel: "C0001", user: "U0002", text: "stop", ts, threadTs, tokens: {}, files: [] };
      const envelope = { specversion: "1.0", id: `T0001-C0001-${ts}-events`, source: "slack://T0001/events", type: "slack.message", data };

      await call("stopper", { Records: [{ EventSource: "aws:sns", Sns: { Message: JSON.stringify(envelope), MessageAttributes: {} } }] });

      await eventually(async () => (await findActive()).length === 0);
    },
  };
};

export { createCalls };
