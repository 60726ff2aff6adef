import { expect } from "chai";
import { findDebuggerPort } from "../../../src/debugger-port";
import { eventually } from "../../laptop";
import { startFunctions } from "./functions-under-test";

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
});
