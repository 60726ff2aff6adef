import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { buildAskEnvelope } from "#core/task-request";
import { bundleCallbacks } from "../../components/bundle";
import { makeAgent } from "../components/agent-program";
import { runMocked } from "../components/mocked";
import { callArtefact, readArchive, unpack } from "./archive";

/** What the laptop cloud does not imitate: AgentCore's runtime, as far as the dispatcher sees it, and the table and queue beside it. */
describe("artefacts on AgentCore", function () {
  this.timeout(60_000);

  let folder: string;
  let server: Server;
  let url: string;
  let calls: { name: string; body: string }[];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "slack-fanout-agentcore-"));
    calls = [];
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const body = Buffer.concat(chunks).toString();
      const name = String(request.headers["x-amz-target"] ?? request.url);
      calls.push({ name, body });
      const sent = name.endsWith("SendMessage") ? createHash("md5").update(JSON.parse(body).MessageBody).digest("hex") : undefined;
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ MessageId: "1", MD5OfMessageBody: sent }));
    });
    await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { resources } = await runMocked(() => {
      bundleCallbacks();
      makeAgent({ agent: "agentcore" });
    });
    const dispatcher = resources.find(({ type, name }) => type === "aws:lambda/function:Function" && name === "agent-dispatcher")!;
    const texts = await readArchive(dispatcher.inputs["code"] as pulumi.asset.AssetArchive);
    // SQS is called where the queue's URL says.
    const here = Object.entries(texts).map(([file, text]) => [file, text.replaceAll("https://mock", url)]);
    await unpack(Object.fromEntries(here), folder);
  });

  after(async () => {
    await new Promise(resolve => server.close(resolve));
    await rm(folder, { recursive: true });
  });

  it("agent-dispatcher hands a task to the runtime, and looks after it", async () => {
    const { envelope } = buildAskEnvelope(
      { team: "T0001", channel: "C0001", user: "U0001", text: "post hello", triggerId: "1.2" },
      Date.now(),
    );

    await callArtefact(
      folder,
      { Records: [{ body: envelope, messageAttributes: {} }] },
      {
        AWS_REGION: "us-east-1",
        AWS_ENDPOINT_URL: url,
        AWS_ACCESS_KEY_ID: "test",
        AWS_SECRET_ACCESS_KEY: "test",
      },
    );

    expect(calls.map(({ name }) => name.replace(/^\/runtimes\/.*\/invocations.*$/, "invocations"))).to.deep.equal([
      "DynamoDB_20120810.PutItem",
      "DynamoDB_20120810.GetItem",
      "invocations",
      "AmazonSQS.SendMessage",
    ]);
    expect(calls[2]!.body).to.equal(envelope);
    expect(JSON.parse(calls[3]!.body)).to.deep.include({ MessageBody: envelope, DelaySeconds: 300 });
  });
});
