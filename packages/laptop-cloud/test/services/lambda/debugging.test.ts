import { expect } from "chai";
import { findDebuggerPort } from "../../../src/debugger-port";
import { iam } from "../../../src/services/iam";
import { lambda } from "../../../src/services/lambda";
import { logs } from "../../../src/services/logs";
import { declareAll } from "../../declare-all";
import { eventually } from "../../laptop";
import { declareFunction, declareRole, startFunctions } from "./functions-under-test";

describe("a function that is debugged", () => {
  let laptop: Awaited<ReturnType<typeof startFunctions>>;
  let port: number;

  before(async () => {
    port = await findDebuggerPort();
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

  const readAddresses = () =>
    laptop.cloud.occurrences
      .all()
      .filter(({ kind }) => kind === "debugger")
      .map(({ detail }) => String(detail!["url"]));

  it("tells where its debugger listens before its first invocation", async () => {
    const [address] = await eventually(() => (readAddresses().length > 0 ? readAddresses() : undefined));

    expect(address).to.match(new RegExp(`^ws://127\\.0\\.0\\.1:${port}/`));
  });

  it("has no time limit, and one environment", async () => {
    const answers = await Promise.all([laptop.invoke(1500), laptop.invoke(0)]);

    expect(answers.map(({ answer }) => answer).sort()).to.deep.equal([1, 2]);
    expect(readAddresses()).to.have.lengthOf(1);
  });

  it("logs what it says, and not what Node says of the debugger", async () => {
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
    expect(readAddresses().at(-1)).to.equal(target!.webSocketDebuggerUrl);
  });
});
