import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Resource } from "@slack-fanout/laptop-cloud/kernel/inventory";
import { expect } from "chai";
import { LaptopProcess } from "../cloud/laptop-process";
import { runWholeProgram } from "../program";
import { ArtefactProcess, artefactNode, readArchive, unpack, zippedBytes } from "./archive";
import { createAllCalls } from "./calls";

/**
 * Loads every archive that the program deploys from a folder outside the project, and calls it, because neither serializing a callback nor
 * bundling its module proves that it works. Its tables and topics are the laptop cloud's.
 */

/** The largest zipped size of a door's archive, in bytes, because size slows cold starts. Commands call more services than messages (KMS, too), read many counts at once, and know the settings of workspaces; the gateway speaks MCP; the dibs API serves its command. */
const mostDoorBytes = { webhook: 128_000, events: 128_000, commands: 162_000, gateway: 246_000, "dibs-api": 150_000 };

/** Settings with which the program deploys every function. */
const features = ["documents", "payroll", "dibs", "onboarding"];
const changes = { joinChannels: "true", digestChannel: "C0002", deletedMessages: "remove", features: JSON.stringify(features) };

/** Settings with the functions that only a stack for many workspaces has. */
const manyChanges = { ...changes, workspaces: "many", tokenRotation: "true", digestChannel: "", messageArchiveDays: "30" };

describe("artefacts", () => {
  let laptop: LaptopProcess;
  let folder: string;
  const functions: Resource[] = [];
  const artefacts = new ArtefactProcess();
  const archives = new Map<string, Record<string, string>>();

  before(async () => {
    laptop = await (await LaptopProcess.create()).start(
      ...Object.entries({ ...changes, features }).flatMap(([key, value]) => ["--config", `${key}=${value}`]),
    );
    folder = await mkdtemp(join(tmpdir(), "slack-fanout-artefacts-"));
    await add(changes);
  });

  /** Runs the program, and unpacks the functions that no earlier run had. */
  const add = async (settings: Record<string, string>) => {
    const { aws: awsUrl, page: pageUrl, region } = laptop.endpoints;
    const { inventory } = await runWholeProgram(settings, { region, account: "000000000000", awsUrl, pageUrl });
    for (const resource of inventory.ofType("aws:lambda/function:Function").filter(({ name }) => !archives.has(name))) {
      archives.set(resource.name, await readArchive(resource.inputs["code"]));
      await unpack(archives.get(resource.name)!, join(folder, resource.name));
      functions.push(resource);
    }
  };
  let added: Promise<void> | undefined;
  /** Adds the functions that only a stack for many workspaces has, once. A run of a few tests may need none of them. */
  const addMany = () => (added ??= add(manyChanges));

  after(async () => {
    artefacts.stop();
    await laptop.remove();
    await rm(folder, { recursive: true });
  });

  /** Calls a function as Lambda would: with its own variables and Lambda's, but without those of this machine. */
  const call = async (name: string, event: unknown) => {
    if (!archives.has(name)) await addMany();
    const { inputs } = functions.find(resource => resource.name === name)!;
    return artefacts.call(join(folder, name), event, {
      ...inputs["environment"].variables,
      AWS_REGION: laptop.endpoints.region,
      AWS_ENDPOINT_URL: laptop.endpoints.aws,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_LAMBDA_FUNCTION_NAME: name,
    });
  };

  const calls = createAllCalls({ laptop: () => laptop, call });

  it("are all called by this test", async () => {
    await addMany();
    expect(functions.map(({ name }) => name).sort()).to.deep.equal(Object.keys(calls).sort());
  });

  for (const [name, check] of Object.entries(calls)) {
    it(`${name}, on Node.js ${artefactNode === process.execPath ? process.versions.node : "as declared"}`, check);
  }

  it("are small", () => {
    for (const [door, most] of Object.entries(mostDoorBytes)) expect(zippedBytes(archives.get(door)!), door).to.be.at.most(most);
  });

  it("contain the wiring and one module each", async () => {
    await addMany();
    for (const [name, texts] of archives) {
      expect(Object.keys(texts), name).to.have.lengthOf(2);
      expect(Object.keys(texts)[1], name).to.match(/^(functions|subscribers)\/[\w/-]+\.js$/);
    }
  });

  it("contain no secret", async () => {
    await addMany();
    const secrets = [
      "local-signing-secret",
      "local-client-secret",
      "local-verification-token",
      "xoxb-local-bot-token",
      "local-agent-token",
      "local-trello-key",
      "local-trello-token",
    ];
    for (const [name, texts] of archives) {
      const text = Object.values(texts).join();
      for (const secret of secrets) expect(text.includes(secret), `${name} holds ${secret}`).to.equal(false);
    }
  });

  it("are the same in every run of the program, such as the laptop cloud's", async () => {
    const run = join(laptop.directory, "cloud/functions");
    const names = (await readdir(run)).filter(name => archives.has(name));
    expect(names.length).to.be.above(30);
    for (const name of names) {
      const code = join(run, name);
      for (const version of (await readdir(code)).filter(each => !each.endsWith(".cache")))
        for (const [file, text] of Object.entries(archives.get(name)!))
          expect((await readFile(join(code, version, file), "utf8")) === text, `${name}/${file}`).to.equal(true);
    }
  });
});
