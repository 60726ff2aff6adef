import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { buildAskEnvelope } from "#core/agent/task-request";
import { bundleCallbacks } from "../../components/bundling/bundle";
import { makeAgent } from "../components/features/agent/agent-program";
import { runMocked } from "../components/mocked";
import { ArtefactProcess, readArchive, unpack } from "./archive";

/** A fake of AgentCore Runtime, which the laptop cloud does not imitate, with the dispatcher's table and queue. */
describe("artefacts on AgentCore", () => {
  let folder: string;
  let server: Server;
  let url: string;
  const artefacts = new ArtefactProcess();
  let calls: { name: string; body: string; token: string | undefined }[];

  beforeEach(() => {
    calls = [];
  });

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "slack-fanout-agentcore-"));
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const body = Buffer.concat(chunks).toString();
      const name = String(request.headers["x-amz-target"] ?? request.url);
      calls.push({ name, body, token: request.headers.authorization });
      const sent = name.endsWith("SendMessage") ? createHash("md5").update(JSON.parse(body).MessageBody).digest("hex") : undefined;
      // SNS speaks XML.
      if (name === "/") return response.end("<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>");
      response.setHeader("content-type", "application/json");
      if (name === "/api/mcp") return response.end(JSON.stringify({ jsonrpc: "2.0", id: 1, result: { structuredContent: { ts: "1.2" } } }));
      return response.end(JSON.stringify({ MessageId: "1", MD5OfMessageBody: sent }));
    });
    await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { resources } = await runMocked(() => {
      bundleCallbacks();
      makeAgent({ agent: "agentcore" });
    });
    const dispatcher = resources.find(({ type, name }) => type === "aws:lambda/function:Function" && name === "agent-dispatcher")!;
    const texts = await readArchive(dispatcher.inputs["code"] as pulumi.asset.AssetArchive);
    // The SDK calls SQS at the queue's URL.
    const here = Object.entries(texts).map(([file, text]) => [file, text.replaceAll("https://mock", url)]);
    await unpack(Object.fromEntries(here), folder);
  });

  after(async () => {
    artefacts.stop();
    await new Promise(resolve => server.close(resolve));
    await rm(folder, { recursive: true });
  });

  const call = (handovers: number) => {
    const ask = { team: "T0001", channel: "C0001", user: "U0001", text: "post hello", triggerId: "1.2" };
    const { envelope } = buildAskEnvelope(ask, Date.now());
    const record = { body: envelope, messageAttributes: { handovers: { stringValue: String(handovers) } } };
    return artefacts
      .call(
        folder,
        { Records: [record] },
        {
          AWS_REGION: "us-east-1",
          AWS_ENDPOINT_URL: url,
          AWS_ACCESS_KEY_ID: "test",
          AWS_SECRET_ACCESS_KEY: "test",
          MCP_TOKEN: "hush",
        },
      )
      .then(() => envelope);
  };

  it("agent-dispatcher hands a task to the runtime, and watches it", async () => {
    const envelope = await call(0);

    expect(calls.map(({ name }) => name.replace(/^\/runtimes\/.*\/invocations.*$/, "invocations"))).to.deep.equal([
      "DynamoDB_20120810.TransactWriteItems",
      "DynamoDB_20120810.GetItem",
      "invocations",
      "AmazonSQS.SendMessage",
    ]);
    expect(calls[2]!.body).to.equal(envelope);
    expect(JSON.parse(calls[3]!.body)).to.deep.include({ MessageBody: envelope, DelaySeconds: 300 });
  });

  it("agent-dispatcher fails a task: publishes a notice, updates the card, then ends the task", async () => {
    await call(3);

    expect(calls.map(({ name }) => name)).to.deep.equal([
      "DynamoDB_20120810.TransactWriteItems",
      "DynamoDB_20120810.GetItem",
      "/",
      "DynamoDB_20120810.Query",
      "/api/mcp",
      "DynamoDB_20120810.TransactWriteItems",
    ]);
    expect(calls[4]!.token).to.equal("Bearer hush");
    expect(JSON.parse(calls[4]!.body).params).to.deep.include({ name: "report_progress" });
  });
});
