import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { Inspector } from "../../../../../test/cloud/inspector";
import type { RunningCloud } from "../../../src/cloud";
import { iam } from "../../../src/services/iam";
import { lambda } from "../../../src/services/lambda";
import { logs } from "../../../src/services/logs";
import { declareAll } from "../../../src/testing/declare-all";
import { declareFunction, declareRole, startFunctions } from "./functions-under-test";

/** Where the debuggers of functions listened, in order. */
const listAddresses = ({ occurrences }: Pick<RunningCloud, "occurrences">): string[] =>
  occurrences
    .all()
    .filter(({ kind }) => kind === "debugger")
    .map(({ detail }) => String(detail!["url"]));

/** A server on a port that no other test uses. Debuggers' usual port may be in use. */
const occupyPort = async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, free: () => new Promise(resolve => server.close(resolve)) };
};

const findFreePort = async (): Promise<number> => {
  const { port, free } = await occupyPort();
  await free();
  return port;
};

describe("a function that waits for its debugger", () => {
  it("waits with the new code after an edit", async () => {
    const port = await findFreePort();
    const declare = (version: number) => ({ code: `exports.handler = async () => "version ${version}";` });
    const inspection = { name: "worker", waits: true, port, findMap: () => undefined };
    const laptop = await startFunctions({ functions: [declare(1)], inspection });
    try {
      const answer = laptop.invoke();
      const [first] = await eventually(() => listAddresses(laptop.cloud).length > 0 && listAddresses(laptop.cloud));

      await laptop.cloud.apply(declareAll([iam, logs, lambda], laptop.cloud.place, [declareRole(), declareFunction(declare(2))]).resources);

      const [, second] = await eventually(() => listAddresses(laptop.cloud).length > 1 && listAddresses(laptop.cloud));
      expect(second).to.not.equal(first);
      const inspector = await Inspector.connect(second!);
      await inspector.run();
      expect((await answer).answer).to.equal("version 2");
      inspector.close();
    } finally {
      await laptop.stop();
    }
  });
});

describe("a function whose debugger's port is in use", () => {
  it("gets another port", async () => {
    const { port, free } = await occupyPort();
    const inspection = { name: "worker", waits: false, port, findMap: () => undefined };
    const laptop = await startFunctions({ functions: [{ code: "exports.handler = async () => 1;" }], inspection });
    try {
      expect((await laptop.invoke()).answer).to.equal(1);
      const [address] = listAddresses(laptop.cloud);
      expect(address)
        .to.match(/^ws:\/\/127\.0\.0\.1:[1-9]/)
        .and.not.include(`:${port}/`);
    } finally {
      await laptop.stop();
      await free();
    }
  });
});

describe("a function that is debugged", () => {
  let laptop: Awaited<ReturnType<typeof startFunctions>>;
  let port: number;

  before(async () => {
    port = await findFreePort();
    laptop = await startFunctions({
      functions: [
        {
          code: "let count = 0; exports.handler = async ms => { await new Promise(resolve => setTimeout(resolve, ms)); return ++count; };",
          inputs: { timeout: 1 },
        },
      ],
      inspection: { name: "worker", waits: false, port, findMap: () => undefined },
    });
  });
  after(() => laptop.stop());

  it("reports its debugger's address before its first invocation", async () => {
    const [address] = await eventually(() => (listAddresses(laptop.cloud).length > 0 ? listAddresses(laptop.cloud) : undefined));

    expect(address).to.match(new RegExp(`^ws://127\\.0\\.0\\.1:${port}/`));
  });

  it("has no time limit, and one environment", async () => {
    const answers = await Promise.all([laptop.invoke(1500), laptop.invoke(0)]);

    expect(answers.map(({ answer }) => answer).sort()).to.deep.equal([1, 2]);
    expect(listAddresses(laptop.cloud)).to.have.lengthOf(1);
  });

  it("logs its own output, without Node's messages about the debugger", async () => {
    const { LogResult = "" } = await laptop.invoke(0, { LogType: "Tail" });

    expect(Buffer.from(LogResult, "base64").toString()).to.include("START RequestId").and.not.include("Debugger");
  });

  it("has a debugger on the same port after two edits during an invocation", async () => {
    const edit = async (version: number) => {
      const code = `exports.handler = async () => "version ${version}";`;
      await laptop.cloud.apply(declareAll([iam, logs, lambda], laptop.cloud.place, [declareRole(), declareFunction({ code })]).resources);
    };
    const running = laptop.invoke(500);
    await edit(2);
    await edit(3);
    await running;

    expect((await laptop.invoke(0)).answer).to.equal("version 3");
    const [target] = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as { webSocketDebuggerUrl: string }[];
    expect(listAddresses(laptop.cloud).at(-1)).to.equal(target!.webSocketDebuggerUrl);
  });
});
