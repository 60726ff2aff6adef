import { eventually, startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { createControls } from "../../src/controls";
import type { Program } from "../../src/kernel/program";
import type { ServiceDefinition } from "../../src/kernel/service";

const program: Program = { outputs: { url: "http://127.0.0.1/", token: "a-secret-output" }, secretOutputs: ["token"], config: {} };

/** Two resource types of a service that does nothing. */
const things: ServiceDefinition = {
  name: "things",
  resources: {
    "test:index:Thing": { properties: { colour: "acts", password: "acts", note: "acts" }, outputs: ({ name }) => ({ id: name }) },
    "aws:lambda/function:Function": { properties: {}, outputs: ({ name }) => ({ id: name }) },
    "awsx:ecs:FargateService": { properties: {}, outputs: ({ name }) => ({ id: name }) },
  },
  create: () => ({ operations: { Look: async () => ({}) }, start: async () => {}, stop: async () => {} }),
};

describe("controls", () => {
  let laptop: Awaited<ReturnType<typeof startLaptop>>;

  const get = async (path: string) => {
    const response = await fetch(`${laptop.cloud.place.pageUrl}/control/${path}`);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const post = async (path: string, body: unknown, method = "POST") => {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const response = await fetch(`${laptop.cloud.place.pageUrl}/control/${path}`, { method, body: text });
    return { status: response.status, body: (await response.json()) as Record<string, unknown>, headers: response.headers };
  };

  beforeEach(async () => {
    laptop = await startLaptop({
      definitions: [things, createControls(() => program)],
      resources: [
        { type: "test:index:Thing", name: "lamp", inputs: { colour: "red", password: "hunter2-hunter2", note: "is hunter2-hunter2" } },
        { type: "aws:lambda/function:Function", name: "webhook", inputs: {} },
        { type: "awsx:ecs:FargateService", name: "agent", inputs: {} },
      ],
    });
    laptop.cloud.inventory.resources[0]!.secrets.push("password");
  });

  afterEach(() => laptop.stop());

  describe("clock", () => {
    it("moves time forward", async () => {
      const before = (await get("clock")).body["nowMs"] as number;
      const { body } = await post("clock", { advanceSeconds: 3600 });
      expect(body["nowMs"]).to.be.within(before + 3_600_000, before + 3_660_000);
      expect(laptop.cloud.clock.nowMs()).to.be.at.least(before + 3_600_000);
    });

    it("says where a move ends, and cancels it", async () => {
      let isSlow = true;
      laptop.cloud.clock.keepPace({
        get isAtWork() {
          return isSlow;
        },
        settle: async () => {
          await new Promise(setImmediate);
          return laptop.cloud.clock.nowMs() + 1000;
        },
      });
      const moving = post("clock", { advanceSeconds: 1_000_000_000 });
      await eventually(async () => (await get("clock")).body["targetMs"] !== null);
      expect((await get("clock")).body["targetMs"]).to.be.closeTo(Date.now() + 1_000_000_000_000, 60_000);
      const { body } = await post("clock", { cancel: true });
      expect(body["targetMs"]).to.equal(null);
      expect((await moving).body["nowMs"]).to.be.below(Date.now() + 1_000_000_000_000);
      isSlow = false;
      await post("clock", { advanceSeconds: 3600 });
      expect((await get("clock")).body["targetMs"]).to.equal(null);
    });

    it("goes back to the machine's time", async () => {
      await post("clock", { advanceSeconds: 3600 });
      const { body } = await post("clock", { now: true });
      expect(body["nowMs"]).to.be.closeTo(Date.now(), 60_000);
      expect(laptop.cloud.clock.offsetMs).to.equal(0);
    });

    for (const { input, quotes } of [
      { input: {}, quotes: "undefined" },
      { input: { now: false }, quotes: "now is false" },
      { input: { now: true, advanceSeconds: 60 }, quotes: "without advanceSeconds" },
      { input: { cancel: true, now: true }, quotes: "without advanceSeconds and cancel" },
      { input: { cancel: 1 }, quotes: "cancel is 1" },
      { input: { advanceSeconds: -1 }, quotes: "-1" },
      { input: { advanceSeconds: "60" }, quotes: '"60"' },
      { input: { advanceSeconds: 1e300 }, quotes: "1e+300" },
      { input: { seconds: 60 }, quotes: '"seconds"' },
      { input: "[]", quotes: '"[]"' },
      { input: "{", quotes: '"{"' },
    ]) {
      it(`refuses ${JSON.stringify(input)}, and does not move the clock`, async () => {
        const { status, body } = await post("clock", input);
        expect(status).to.equal(400);
        expect(body["message"]).to.contain(quotes);
        expect(laptop.cloud.clock.offsetMs).to.equal(0);
      });
    }
  });

  describe("weather", () => {
    it("changes the named faults, and reports all", async () => {
      await post("weather", { duplicate: true });
      const { body } = await post("weather", { kill: { function: "webhook", call: 2, when: "after" } });
      expect(body).to.deep.include({ duplicate: true, snsDown: false, kill: { function: "webhook", call: 2, when: "after" } });
      expect((await get("weather")).body).to.deep.equal(body);
    });

    it("refuses to kill an unknown function, naming it", async () => {
      const { status, body } = await post("weather", { duplicate: true, kill: [{ function: "webhok", call: 1, when: "before" }] });
      expect(status).to.equal(400);
      expect(body["message"]).to.equal('kill.function is "webhok", which is not a function of the program: there are agent, webhook.');
      expect((await get("weather")).body).to.deep.include({ duplicate: false, kill: null });
      expect((await post("weather", { kill: { function: "agent", call: 1, when: "before" } })).status).to.equal(200);
      expect((await post("weather", { kill: null })).body["kill"]).to.equal(null);
    });

    it("refuses an unknown fault, naming it", async () => {
      const { status, body } = await post("weather", { rain: true });
      expect(status).to.equal(400);
      expect(body["message"]).to.contain('"rain"');
      expect((await post("weather", { delayMs: -1 })).status).to.equal(400);
    });
  });

  it("answers 405 with the allowed methods, and 404 with the known controls", async () => {
    const refused = await post("clock", {}, "DELETE");
    expect(refused.status).to.equal(405);
    expect(refused.headers.get("allow")).to.equal("GET, POST");
    expect((await post("inventory", {})).status).to.equal(405);
    for (const [place, what] of [
      ["service", "container service"],
      ["queue", "queue"],
      ["bucket", "bucket"],
      ["machine", "state machine"],
    ] as const) {
      const nowhere = await get(`${place}?name=nowhere`);
      expect(nowhere.status).to.equal(404);
      expect(nowhere.body["message"]).to.equal(`There is no ${what} "nowhere".`);
    }
    const missing = await get("clocks");
    expect(missing.status).to.equal(404);
    expect(missing.body["message"]).to.contain("inventory");
  });

  it("masks secrets in resources and outputs wherever they were copied to", async () => {
    const { body } = await get("inventory");
    const text = JSON.stringify(body);
    expect(text).to.not.contain("hunter2").and.not.contain("a-secret-output");
    expect(body["outputs"]).to.deep.equal({ url: "http://127.0.0.1/", token: "[secret]" });
    const [lamp] = body["resources"] as { name: string; inputs: object }[];
    expect(lamp!.inputs).to.deep.equal({ colour: "red", password: "[secret]", note: "is [secret]" });
  });

  it("reports grants and their use", async () => {
    expect((await get("permissions")).body).to.have.keys("grants", "denials");
  });

  describe("calls and traces", () => {
    it("finds the trace of a message, sorted by time", async () => {
      const { cloud } = laptop;
      cloud.occurrences.record({ atMs: 1, kind: "http", trace: "1-a", from: "slack", to: "webhook" });
      await cloud.call("things", "Look", {}, { kind: "administrator", trace: "1-a" });
      cloud.occurrences.record({ atMs: 2, kind: "publish", trace: "1-a", message: "T-C-1-webhook" });
      cloud.occurrences.record({ atMs: 3, kind: "http", trace: "1-b" });

      const { body } = await get("traces?message=T-C-1-webhook");
      expect(body["traces"]).to.deep.equal(["1-a"]);
      expect((body["steps"] as { kind: string }[]).map(({ kind }) => kind)).to.deep.equal(["http", "publish", "call"]);
      expect((await get("traces?trace=1-b")).body["steps"]).to.have.length(1);
      expect((await get("traces?message=unknown")).body).to.deep.equal({ traces: [], steps: [] });
      expect((await get("traces")).status).to.equal(400);
    });

    it("lists every call, or those of one function", async () => {
      await laptop.cloud.call("things", "Look", {}, { kind: "administrator" });
      const calls = (await get("calls")).body as unknown as object[];
      expect(calls).to.have.length(1);
      expect(calls[0]).to.include({ function: null, service: "things", action: "things:Look", resource: null, allowed: true });
      expect((await get("calls?function=webhook")).body).to.have.length(0);
    });
  });

  describe("stream", () => {
    /** Reads server-sent events until one satisfies `is`. */
    const readUntil = async (reader: ReadableStreamDefaultReader<string>, is: (event: string) => boolean) => {
      let text = "";
      while (!text.split("\n\n").some(is)) {
        const { value, done } = await reader.read();
        if (done) throw new Error(`the stream ended after ${text}`);
        text += value;
      }
      return text;
    };

    it("sends events as they happen", async () => {
      const response = await fetch(`${laptop.cloud.place.pageUrl}/control/stream`);
      expect(response.headers.get("content-type")).to.match(/^text\/event-stream/);
      const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
      await readUntil(reader, event => event.startsWith("event: weather"));

      laptop.cloud.occurrences.record({ atMs: 5, kind: "publish", to: "messages" });
      await readUntil(reader, event => event === 'event: occurrence\ndata: {"atMs":5,"kind":"publish","to":"messages"}');
      await post("clock", { advanceSeconds: 1 });
      await readUntil(reader, event => event.startsWith("event: clock"));
      await post("weather", { snsDown: true });
      await readUntil(reader, event => event.startsWith("event: weather") && event.includes('"snsDown":true'));
      await reader.cancel();
    });
  });

  it("refuses pages of other origins", async () => {
    const response = await fetch(`${laptop.cloud.place.pageUrl}/control/clock`, { headers: { origin: "http://example.com" } });
    expect(response.status).to.equal(403);
  });
});
