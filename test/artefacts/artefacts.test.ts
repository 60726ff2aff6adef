import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Resource } from "@slack-fanout/laptop-cloud/kernel/inventory";
import { expect } from "chai";
import { LaptopProcess } from "../cloud/laptop-process";
import { Tables } from "../cloud/tables";
import { runWholeProgram } from "../program";
import { createAgentCalls } from "./agent-calls";
import { artefactNode, callArtefact, readArchive, unpack, zippedBytes } from "./archive";
import { createDibsCalls } from "./dibs-calls";
import { createPipelineCalls } from "./pipeline-calls";

/**
 * Loads every archive that the program deploys from a folder outside the project, and calls it, because neither serializing a callback nor
 * bundling its module proves that it works. Its tables and topics are the laptop cloud's.
 */

/** The largest zipped size of a door's archive, in bytes, because size slows cold starts. Commands call more services than messages; the gateway speaks MCP. */
const mostDoorBytes = { webhook: 128_000, events: 128_000, commands: 146_000, gateway: 225_000, "dibs-api": 140_000 };

interface Answer {
  statusCode: number;
  body: string;
}

describe("artefacts", () => {
  let laptop: LaptopProcess;
  let tables: Tables;
  let folder: string;
  let functions: Resource[];
  const archives = new Map<string, Record<string, string>>();

  before(async () => {
    laptop = await (await LaptopProcess.create()).start();
    tables = new Tables(laptop);
    folder = await mkdtemp(join(tmpdir(), "slack-fanout-artefacts-"));
    const { aws: awsUrl, page: pageUrl, region } = laptop.endpoints;
    const { inventory } = await runWholeProgram({}, { region, account: "000000000000", awsUrl, pageUrl });
    functions = inventory.ofType("aws:lambda/function:Function");
    for (const { name, inputs } of functions) {
      archives.set(name, await readArchive(inputs["code"]));
      await unpack(archives.get(name)!, join(folder, name));
    }
  });

  after(async () => {
    await laptop.remove();
    await rm(folder, { recursive: true });
  });

  /** Calls a function as Lambda would: with its own variables and Lambda's, but without those of this machine. */
  const call = (name: string, event: unknown) => {
    const { inputs } = functions.find(resource => resource.name === name)!;
    return callArtefact(join(folder, name), event, {
      ...inputs["environment"].variables,
      AWS_REGION: laptop.endpoints.region,
      AWS_ENDPOINT_URL: laptop.endpoints.aws,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_LAMBDA_FUNCTION_NAME: name,
    });
  };

  const request = (body: string, headers: Record<string, string>) => ({
    version: "2.0",
    rawPath: "/",
    headers,
    requestContext: { http: { method: "POST" } },
    body: Buffer.from(body).toString("base64"),
    isBase64Encoded: true,
  });

  const form = "application/x-www-form-urlencoded";

  const notice = (text: string, id: string) => ({
    Records: [
      {
        EventSource: "aws:sns",
        Sns: {
          Message: JSON.stringify({
            specversion: "1.0",
            id,
            source: "slack://T0001/webhook",
            type: "slack.message",
            subject: "C0001/1763805600.000200",
            time: "2025-11-22T10:00:00.000Z",
            data: { team: "T0001", channel: "C0001", user: "U0001", text, ts: "1763805600.000200", tokens: { [text]: 1 }, files: [] },
          }),
          MessageAttributes: {},
        },
      },
    ],
  });

  /** One call for each function of the program, which shows that it works. */
  const calls: Record<string, () => Promise<void>> = {
    webhook: async () => {
      const body = new URLSearchParams({
        token: "local-verification-token",
        team_id: "T0001",
        channel_id: "C0001",
        user_id: "U0001",
        timestamp: "1763805600.000100",
        text: "artefact grüße",
      });

      const { statusCode, body: answer } = (await call("webhook", request(body.toString(), { "content-type": form }))) as Answer;

      expect([statusCode, JSON.parse(answer)]).to.deep.equal([200, { text: "`artefact` = 1\n`grüße` = 1" }]);
    },
    events: async () => {
      const event = {
        type: "message",
        channel: "C0001",
        channel_type: "channel",
        user: "U0001",
        text: "an #artefact",
        ts: "1763805600.000300",
      };
      const body = JSON.stringify({ type: "event_callback", team_id: "T0001", api_app_id: "A0001", event_id: "EvArtefact", event });

      const { statusCode } = (await call(
        "events",
        request(body, { "content-type": "application/json", ...(await laptop.sign(body)) }),
      )) as Answer;

      expect(statusCode).to.equal(200);
      expect((await tables.counts(["#artefact"]))["#artefact"]).to.be.oneOf([1, 11]);
    },
    commands: async () => {
      const body = new URLSearchParams({
        command: "/words",
        text: "3",
        team_id: "T0001",
        api_app_id: "A0001",
        user_id: "U0001",
        trigger_id: "1.1",
      }).toString();

      const { statusCode, body: answer } = (await call(
        "commands",
        request(body, { "content-type": form, ...(await laptop.sign(body)) }),
      )) as Answer;

      expect(statusCode).to.equal(200);
      expect(JSON.parse(answer)).to.include({ response_type: "ephemeral" });
    },
    relay: async () => {
      expect(await call("relay", {})).to.equal(null);
      expect(await tables.pending()).to.deep.equal([]);
    },
    multiplier: async () => {
      await call("multiplier", notice("multiplied", "T0001-C0001-1-webhook"));
      await call("multiplier", notice("multiplied", "T0001-C0001-1-webhook"));

      expect(await tables.counts(["multiplied"])).to.deep.equal({ multiplied: 10 });
    },
    leaderboard: async () => {
      await call("leaderboard", notice("boarded", "T0001-C0001-2-webhook"));

      expect(await tables.boardCounts(["boarded"], "2025-11-22")).to.deep.equal([1]);
    },
    logger: async () => {
      expect(await call("logger", notice("logged", "T0001-C0001-3-webhook"))).to.equal(null);
    },
    ...createPipelineCalls(() => laptop, call),
    ...createDibsCalls(() => laptop, call),
    ...createAgentCalls(() => laptop, call),
  };

  it("are all called by this test", () => {
    expect(functions.map(({ name }) => name).sort()).to.deep.equal(Object.keys(calls).sort());
  });

  for (const [name, check] of Object.entries(calls)) {
    it(`${name}, on Node.js ${artefactNode === process.execPath ? process.versions.node : "as declared"}`, check);
  }

  it("are small", () => {
    for (const [door, most] of Object.entries(mostDoorBytes)) expect(zippedBytes(archives.get(door)!), door).to.be.at.most(most);
  });

  it("contain the wiring and one module each", () => {
    for (const [name, texts] of archives) {
      expect(Object.keys(texts), name).to.have.lengthOf(2);
      expect(Object.keys(texts)[1], name).to.match(/^(functions|subscribers)\/[\w/-]+\.js$/);
    }
  });

  it("contain no secret", () => {
    const secrets = [
      "local-signing-secret",
      "local-verification-token",
      "xoxb-local-bot-token",
      "local-agent-token",
      "local-trello-key",
      "local-trello-token",
    ];
    for (const [name, texts] of archives) {
      for (const secret of secrets) expect(Object.values(texts).join().includes(secret), `${name} holds ${secret}`).to.equal(false);
    }
  });

  it("are the same in every run of the program", async () => {
    const { aws: awsUrl, page: pageUrl, region } = laptop.endpoints;
    const { inventory } = await runWholeProgram({}, { region, account: "000000000000", awsUrl, pageUrl });

    for (const { name, inputs } of inventory.ofType("aws:lambda/function:Function")) {
      expect(hashOf(await readArchive(inputs["code"])), name).to.equal(hashOf(archives.get(name)!));
    }
  });
});

const hashOf = (texts: Record<string, string>) => createHash("sha256").update(JSON.stringify(texts)).digest("hex");
