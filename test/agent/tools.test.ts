import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { GatewayTools } from "../../agent/tools";
import { buildMessage, startWorkplace, type Workplace } from "./workplace";

describe("tools", () => {
  let place: Workplace;
  let id: string;
  beforeEach(async () => {
    place = await startWorkplace();
    id = buildMessage("x").id;
    await place.tasks.accept(
      { id, team: "T0001", channel: "C0001", user: "U0001", text: "x", threadTs: "1763805600.000100", createdAtMs: place.nowMs() },
      place.nowMs(),
    );
  });
  afterEach(() => place.stop());

  const createTools = (token = "secret") =>
    new GatewayTools({ url: "http://127.0.0.1/mcp", token }, place.log, place.nowMs, place.gateway.fetch);
  const options = (key = "step-0001", signal = AbortSignal.timeout(10_000)) => ({ key, signal });
  const bind = (tools = createTools()) => tools.bind(id, { onWaiting: () => {} });

  it("hides the arguments and tools of the worker", async () => {
    const list = await createTools().list(AbortSignal.timeout(10_000));

    expect(list.map(({ name }) => name))
      .to.include("post_to_slack")
      .and.not.include("report_progress");
    for (const { inputSchema } of list) expect(JSON.stringify(inputSchema)).to.not.match(/idempotencyKey|"task"/);
  });

  it("returns the result of a tool, or the rule that refused the call", async () => {
    expect(await bind().call("read_words", {}, options())).to.deep.equal({ ok: true, result: { words: [{ word: "lunch", count: 12 }] } });
    expect(await bind().call("refuse", {}, options())).to.deep.equal({ ok: false, rule: "channel", message: "C0009 is not allowed." });
    expect(await bind().call("no_such_tool", {}, options())).to.include({ ok: false });
  });

  it("refuses a brain that calls the worker's own tools", async () => {
    const outcome = await bind().call("report_progress", { state: "done", steps: [] }, options());
    expect(outcome).to.deep.equal({ ok: false, rule: "arguments", message: 'There is no tool "report_progress".' });
    expect(place.gateway.cards.size).to.equal(0);
  });

  it("retries a call under the same key after an outage", async () => {
    const tools = createTools();
    await bind(tools).call("read_words", {}, options());
    const before = place.gateway.requests.length;
    place.gateway.outages = 2;

    expect(await bind(tools).call("post_to_slack", { text: "one" }, options("step-0002"))).to.include({ ok: true });
    expect(place.gateway.requests.length - before).to.equal(3);
    expect(place.gateway.effects.map(({ key }) => key)).to.deep.equal(["step-0002"]);
  });

  it("retries a call that the gateway could not finish", async () => {
    let failures = 1;
    const fetchGateway = async (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
      const request = JSON.parse(String(init?.body ?? "{}")) as { id?: number; method?: string };
      if (request.method !== "tools/call" || failures === 0) return place.gateway.fetch(url, init);
      failures -= 1;
      return Response.json({ jsonrpc: "2.0", id: request.id, error: { code: -32603, message: "The call was not finished." } });
    };
    const tools = new GatewayTools({ url: "http://127.0.0.1/mcp", token: "secret" }, place.log, place.nowMs, fetchGateway);

    expect(await bind(tools).call("post_to_slack", { text: "one" }, options())).to.include({ ok: true });
    expect(failures).to.equal(0);
  });

  it("gives up at once if the gateway refuses its token", async () => {
    expect(await rejectionOf(bind(createTools("wrong")).call("read_words", {}, options()))).to.have.property(
      "message",
      "The gateway refuses the worker's token: deploy both with the same agentToken.",
    );
    expect(place.lines).to.deep.equal([]);
  });

  it("explains a long outage in a sentence", async () => {
    place.gateway.outages = Number.POSITIVE_INFINITY;
    const realNow = performance.now.bind(performance);
    let passedMs = 0;
    const clock = sinon.stub(performance, "now").callsFake(() => {
      passedMs += 200_000;
      return realNow() + passedMs;
    });
    try {
      expect(await rejectionOf(bind().call("read_words", {}, options()))).to.have.property(
        "message",
        "The gateway did not answer read_words for 5 minutes.",
      );
    } finally {
      clock.restore();
    }
  });

  it("stops retrying with the signal's reason", async () => {
    place.gateway.outages = Number.POSITIVE_INFINITY;
    const controller = new AbortController();
    const calling = rejectionOf(bind().call("read_words", {}, options("k", controller.signal)));
    const reason = new Error("enough");
    setImmediate(() => controller.abort(reason));

    expect(await calling).to.equal(reason);
  });
});
