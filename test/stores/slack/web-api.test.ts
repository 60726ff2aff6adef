import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { WebClient } from "@slack/web-api";
import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { SlackBusy, SlackRefused } from "#core/errors";
import { createSlacks, type Slack, Slacks } from "#stores/slack/web-api";

interface Call {
  method: string;
  args: Record<string, string>;
  authorization: string | undefined;
}

type Answer = { status?: number; headers?: Record<string, string>; body: unknown } | "nothing";

/** A fake of Slack's Web API that answers as the test says. The stock client calls it. */
const startApi = async () => {
  const calls: Call[] = [];
  const answers: Answer[] = [];
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const args = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString()));
    calls.push({ method: request.url!.replace("/api/", ""), args, authorization: request.headers.authorization });
    const answer = answers.shift() ?? { body: { ok: true } };
    if (answer === "nothing") return;
    response.writeHead(answer.status ?? 200, { "content-type": "application/json", ...answer.headers }).end(JSON.stringify(answer.body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`;
  return { calls, answers, server, url };
};

describe("slack", () => {
  let api: Awaited<ReturnType<typeof startApi>>;
  let slack: Slack;

  beforeEach(async () => {
    api = await startApi();
    slack = createSlacks(undefined, { ACCESS_TOKEN: "xoxb-1", SLACK_URL: api.url }).of("T0001");
  });

  afterEach(async () => {
    api.server.closeAllConnections();
    api.server.close();
    await once(api.server, "close");
  });

  const post = { channel: "C0001", id: "n1", text: "done", blocks: [{ type: "divider" }] };

  it("posts with the id as metadata and returns the ts", async () => {
    api.answers.push({ body: { ok: true, ts: "1.2", channel: "C0001" } });
    expect(await slack.post({ ...post, threadTs: "1.1" })).to.equal("1.2");
    const [{ method, args, authorization }] = api.calls as [Call];
    expect([method, authorization]).to.deep.equal(["chat.postMessage", "Bearer xoxb-1"]);
    expect(args).to.include({ channel: "C0001", text: "done", thread_ts: "1.1", parse: "none", unfurl_links: "false" });
    expect(JSON.parse(args["metadata"]!)).to.deep.equal({ event_type: "slack_fanout_notice", event_payload: { id: "n1" } });
    expect(JSON.parse(args["blocks"]!)).to.deep.equal([{ type: "divider" }]);
  });

  it("posts and updates text without blocks, and removes blocks that an update omits", async () => {
    api.answers.push({ body: { ok: true, ts: "1.2" } });
    await slack.post({ channel: "C0001", id: "n1", text: "done" });
    await slack.update({ channel: "C0001", ts: "1.2", text: "changed" });
    const [posted, changed] = api.calls;
    expect(posted!.args).not.to.have.property("blocks");
    expect([changed!.method, changed!.args]).to.deep.equal([
      "chat.update",
      { channel: "C0001", ts: "1.2", text: "changed", blocks: "[]", parse: "none" },
    ]);
  });

  it("creates canvases and shares them", async () => {
    api.answers.push({ body: { ok: true, canvas_id: "F0001" } });
    expect(await slack.createCanvas("Report", "# Hi")).to.equal("F0001");
    await slack.shareCanvas("F0001", "C0001");
    expect(api.calls.map(({ method, args }) => [method, args])).to.deep.equal([
      ["canvases.create", { title: "Report", document_content: JSON.stringify({ type: "markdown", markdown: "# Hi" }) }],
      ["canvases.access.set", { canvas_id: "F0001", access_level: "read", channel_ids: JSON.stringify(["C0001"]) }],
    ]);
  });

  it("opens direct conversations and asks about files", async () => {
    api.answers.push({ body: { ok: true, channel: { id: "D0001" } } }, { body: { ok: true, file: { id: "F0001", mode: "hosted" } } });
    expect(await slack.openConversation("U0001")).to.equal("D0001");
    expect(await slack.readFile("F0001")).to.deep.equal({ id: "F0001", mode: "hosted" });
    expect(api.calls.map(({ method, args }) => [method, args])).to.deep.equal([
      ["conversations.open", { users: "U0001" }],
      ["files.info", { file: "F0001" }],
    ]);
  });

  describe("finding a posted message", () => {
    const message = (ts: string, id: string, type = "slack_fanout_notice") => ({
      ts,
      metadata: { event_type: type, event_payload: { id } },
    });

    it("searches the channel since a little before the time", async () => {
      api.answers.push({ body: { ok: true, messages: [{ ts: "9" }, message("8", "n2"), message("7", "n1")] } });
      expect(await slack.findPosted({ channel: "C0001", id: "n1" }, 1_763_805_600_000)).to.equal("7");
      const [{ method, args }] = api.calls as [Call];
      expect(method).to.equal("conversations.history");
      expect(args).to.include({ channel: "C0001", oldest: "1763805000", include_all_metadata: "true" });
    });

    it("searches the thread for a notice in a thread", async () => {
      api.answers.push({ body: { ok: true, messages: [message("7", "n1")] } });
      expect(await slack.findPosted({ channel: "C0001", id: "n1", threadTs: "1.1" }, 0)).to.equal("7");
      expect(api.calls[0]).to.deep.include({ method: "conversations.replies" });
      expect(api.calls[0]!.args).to.include({ channel: "C0001", ts: "1.1" });
    });

    it("searches the channel if the thread does not exist", async () => {
      api.answers.push({ body: { ok: false, error: "thread_not_found" } }, { body: { ok: true, messages: [message("7", "n1")] } });
      expect(await slack.findPosted({ channel: "C0001", id: "n1", threadTs: "1.1" }, 0)).to.equal("7");
      expect(api.calls.map(({ method }) => method)).to.deep.equal(["conversations.replies", "conversations.history"]);
    });

    it("throws any other refusal", async () => {
      api.answers.push({ body: { ok: false, error: "channel_not_found" } });
      expect(await rejectionOf(slack.findPosted({ channel: "C0001", id: "n1", threadTs: "1.1" }, 0))).to.be.instanceOf(SlackRefused);
      expect(api.calls).to.have.length(1);
    });

    it("reads several pages, and returns undefined if nothing is found", async () => {
      api.answers.push({ body: { ok: true, messages: [message("9", "n2")], response_metadata: { next_cursor: "next" } } });
      api.answers.push({ body: { ok: true, messages: [message("8", "n1", "another_app")], response_metadata: { next_cursor: "" } } });
      expect(await slack.findPosted({ channel: "C0001", id: "n1" }, 0)).to.equal(undefined);
      expect(api.calls.map(({ args }) => args["cursor"])).to.deep.equal([undefined, "next"]);
    });
  });

  describe("errors", () => {
    const errorOf = async (answer: Answer) => {
      api.answers.push(answer);
      const error = await rejectionOf(slack.post(post));
      expect(api.calls, "the client tries once").to.have.length(1);
      return error as SlackBusy;
    };

    it("contains how long Slack asks to wait", async () => {
      const error = await errorOf({ status: 429, headers: { "retry-after": "30" }, body: { ok: false, error: "ratelimited" } });
      expect(error).to.be.instanceOf(SlackBusy);
      expect(error.retryAfterSeconds).to.equal(30);
    });

    for (const code of ["ratelimited", "internal_error", "service_unavailable"]) {
      it(`throws SlackBusy for ${code}`, async () =>
        expect(await errorOf({ body: { ok: false, error: code } })).to.be.instanceOf(SlackBusy));
    }

    for (const status of [500, 503]) {
      it(`throws SlackBusy for ${status}`, async () => expect(await errorOf({ status, body: {} })).to.be.instanceOf(SlackBusy));
    }

    for (const code of ["channel_not_found", "not_in_channel", "invalid_auth", "is_archived", "missing_scope"]) {
      it(`throws SlackRefused for ${code}`, async () => {
        const error = await errorOf({ body: { ok: false, error: code } });
        expect(error).to.be.instanceOf(SlackRefused);
        expect([error.message, error.context["code"]]).to.deep.equal([`Slack refuses chat.postMessage: ${code}.`, code]);
      });
    }

    it("times out after 2 s", async () => {
      const startMs = performance.now();
      const error = await errorOf("nothing");
      expect(error).to.be.instanceOf(SlackBusy);
      expect(performance.now() - startMs).to.be.within(1900, 10_000);
    });

    it("never contains the token", async () => {
      const errors = [
        await rejectionOf(createSlacks(undefined, { ACCESS_TOKEN: "xoxb-1", SLACK_URL: "http://127.0.0.1:1" }).of("T0001").post(post)),
        await errorOf({ status: 403, body: { ok: false } }),
      ];
      for (const error of errors) {
        const { message, stack, context } = error as SlackRefused;
        expect(JSON.stringify([message, stack, context, String((error as Error).cause)])).not.to.contain("xoxb-1");
      }
    });
  });

  describe("of many workspaces", () => {
    const open = () => {
      const tokens = { of: sinon.stub(), refuse: sinon.stub() };
      const connect = (token: string) => new WebClient(token, { slackApiUrl: `${api.url}/`, retryConfig: { retries: 0 } });
      return { tokens, slack: new Slacks(tokens, connect).of("T0001") };
    };
    const authorizations = () => api.calls.map(({ authorization }) => authorization);

    it("calls with the workspace's token", async () => {
      const { tokens, slack: theirs } = open();
      tokens.of.withArgs("T0001").resolves("xoxb-2");
      await theirs.call("auth.test", {});
      expect(authorizations()).to.deep.equal(["Bearer xoxb-2"]);
      expect(api.calls[0]!.args).not.to.have.property("token");
    });

    for (const code of ["token_revoked", "account_inactive", "invalid_auth", "team_access_not_granted"]) {
      it(`gives a token up that Slack answers with ${code}, without a retry`, async () => {
        const { tokens, slack: theirs } = open();
        tokens.of.resolves("xoxb-2");
        tokens.refuse.withArgs("T0001", "xoxb-2", code !== "team_access_not_granted").resolves(false);
        api.answers.push({ body: { ok: false, error: code } });
        expect(await rejectionOf(theirs.call("auth.test", {}))).to.be.instanceOf(SlackRefused);
        expect(tokens.refuse.callCount).to.equal(1);
        expect(api.calls).to.have.length(1);
      });
    }

    it("takes the new token of an app that was removed and installed again", async () => {
      const { tokens, slack: theirs } = open();
      tokens.of.onFirstCall().resolves("xoxb-2").onSecondCall().resolves("xoxb-3");
      tokens.refuse.resolves(true);
      api.answers.push({ body: { ok: false, error: "token_revoked" } });
      await theirs.call("auth.test", {});
      expect(authorizations()).to.deep.equal(["Bearer xoxb-2", "Bearer xoxb-3"]);
    });

    it("keeps a token after any other refusal", async () => {
      const { tokens, slack: theirs } = open();
      tokens.of.resolves("xoxb-2");
      api.answers.push({ body: { ok: false, error: "channel_not_found" } });
      await rejectionOf(theirs.call("chat.postMessage", {}));
      expect(tokens.refuse.callCount).to.equal(0);
    });
  });
});
