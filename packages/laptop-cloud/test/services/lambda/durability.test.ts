import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { eventually, startKillableCloud } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { isAlive } from "../../processes";
import { type FunctionUnderTest, startFunctions } from "./functions-under-test";

const worker = (hangs: string): FunctionUnderTest => ({
  code: `exports.handler = async event => {
    console.log("got " + event.word);
    if (process.env.HANGS === "yes" && event.word) await new Promise(r => setTimeout(r, 60_000));
    return process.pid;
  };`,
  inputs: { timeout: 120, environment: { variables: { HANGS: hangs } } },
});

describe("lambda durability", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "slack-fanout-lambda-"));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  /** A cloud in a process of its own, with the client to it. */
  const startToKill = async (functionUnderTest: FunctionUnderTest) => {
    const args = [directory, JSON.stringify([functionUnderTest])];
    const { started: endpoint, kill } = await startKillableCloud<string>(join(__dirname, "killable-cloud.ts"), { args });
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    return { client: new LambdaClient({ endpoint, region: "us-east-1", credentials }), kill };
  };

  it("repeats events that were running or waiting when the cloud was killed, and leaves no process behind", async () => {
    const { client, kill } = await startToKill(worker("yes"));
    const { Payload } = await client.send(new InvokeCommand({ FunctionName: "worker", Payload: "{}" }));
    const pid = Number(Payload!.transformToString());
    const words = Array.from({ length: 12 }, (_, index) => `word-${index}`);
    for (const word of words) {
      const input = { FunctionName: "worker", InvocationType: "Event", Payload: JSON.stringify({ word }) } as const;
      expect((await client.send(new InvokeCommand(input))).StatusCode).to.equal(202);
    }
    await kill();
    await eventually(() => !isAlive(pid));

    const again = await startFunctions({ directory, functions: [worker("no")] });
    try {
      const seen = () =>
        again.cloud.occurrences.all().flatMap(({ kind, detail }) => (kind === "log" ? [String(detail!["line"]).split("\tgot ")[1]!] : []));
      await eventually(() => again.cloud.occurrences.all().filter(({ kind }) => kind === "invoked").length === words.length);
      expect(seen().sort()).to.deep.equal([...words].sort());
    } finally {
      await again.stop();
    }

    const third = await startFunctions({ directory, functions: [worker("no")] });
    try {
      await third.invoke({});
      expect(third.cloud.occurrences.all().filter(({ kind }) => kind === "invoke")).to.have.length(1);
    } finally {
      await third.stop();
    }
  });

  it("leaves no process of a function in an endless loop behind", async () => {
    const code = `exports.handler = async file => {
      require("node:fs").writeFileSync(file, String(process.pid));
      for (;;);
    };`;
    const { client, kill } = await startToKill({ code, inputs: { timeout: 900 } });
    const file = join(directory, "pid");
    await client.send(new InvokeCommand({ FunctionName: "worker", InvocationType: "Event", Payload: JSON.stringify(file) }));
    const pid = await eventually(async () => Number(await readFile(file, "utf8")));

    await kill();

    try {
      await eventually(() => !isAlive(pid), 10_000);
    } finally {
      if (isAlive(pid)) process.kill(pid, "SIGKILL");
    }
  });

  it("keeps the due time of a retry after a restart", async () => {
    const failing: FunctionUnderTest = { code: "exports.handler = async () => { throw new Error('no'); };" };
    const first = await startFunctions({ directory, functions: [failing] });
    await first.invoke({}, { InvocationType: "Event" });
    await eventually(() => first.cloud.occurrences.all().some(({ kind }) => kind === "retry"));
    await first.stop();

    const again = await startFunctions({ directory, functions: [failing] });
    const invocations = () => again.cloud.occurrences.all().filter(({ kind }) => kind === "invoke");
    try {
      again.cloud.clock.advance(30);
      expect(invocations()).to.have.length(0);
      again.cloud.clock.advance(31);
      await eventually(() => invocations().length === 1);
      expect(invocations()[0]!.detail!["attempt"]).to.equal(2);
    } finally {
      await again.stop();
    }
  });

  it("unpacks changed code and deletes the old code", async () => {
    for (const version of [1, 2]) {
      const laptop = await startFunctions({ directory, functions: [{ code: `exports.handler = async () => ${version};` }] });
      try {
        expect((await laptop.invoke({})).answer).to.equal(version);
      } finally {
        await laptop.stop();
      }
    }
  });

  it("repairs unpacked code and the runtime if they were changed", async () => {
    const functions: FunctionUnderTest[] = [{ code: "exports.handler = async () => 'as declared';" }];
    await (await startFunctions({ directory, functions })).stop();
    const unpacked = join(directory, "cloud", "functions");
    const files = (await readdir(unpacked, { recursive: true, withFileTypes: true })).filter(entry => entry.isFile());
    expect(files.map(({ name }) => name)).to.include("index.js");
    // Like a file that was not yet on disk at a power cut.
    for (const { parentPath, name } of files) await writeFile(join(parentPath, name), "");

    const laptop = await startFunctions({ directory, functions });
    try {
      expect((await laptop.invoke({})).answer).to.equal("as declared");
    } finally {
      await laptop.stop();
    }
  });
});
