import { stripVTControlCharacters } from "node:util";
import { expect } from "chai";
import { Occurrences } from "../src/kernel/occurrences";
import { Terminal } from "../src/terminal";

describe("the terminal", () => {
  const createOutput = (isTTY: boolean) => {
    const output = { isTTY, text: "", write: (text: string) => (output.text += text) };
    return output;
  };

  /** What the lines look like after the last text was written: a carriage return goes back to the beginning of the line. */
  const linesOf = (text: string) =>
    text.split("\n").map(line => stripVTControlCharacters(line.split("\x1b[2K").at(-1)!).replaceAll("\r", ""));

  it("shows what is in progress in a line that other lines replace", async () => {
    const output = createOutput(true);
    const terminal = new Terminal(output, output);
    await terminal.during("running it", async () => {
      expect(linesOf(output.text)).to.deep.equal(["running it, 0 s"]);
      terminal.print("something else");
      expect(linesOf(output.text)).to.deep.equal(["something else", ""]);
    });
    await terminal.during("running it", async () => undefined);
    expect(linesOf(output.text)).to.deep.equal(["something else", ""]);
  });

  it("writes no progress of short work to a file", async () => {
    const output = createOutput(false);
    await new Terminal(output, output).during("running it", async () => undefined);
    expect(output.text).to.equal("");
  });

  it("repeats the page's address at most once a minute", () => {
    const output = createOutput(false);
    let nowMs = 0;
    const terminal = new Terminal(output, output, () => nowMs);
    for (nowMs of [0, 59_000, 60_000]) terminal.remind("http://127.0.0.1:3000");
    expect(linesOf(output.text)).to.deep.equal(["  see http://127.0.0.1:3000", "  see http://127.0.0.1:3000", ""]);
  });

  const follow = () => {
    const output = createOutput(false);
    const occurrences = new Occurrences();
    const place = { region: "us-east-1", account: "0", awsUrl: "", pageUrl: "" };
    const end = new Terminal(output, output).follow({ occurrences, directory: "/", place }, "all", () => undefined);
    const log = (line: string, detail = {}) =>
      occurrences.record({ atMs: 0, kind: "log", from: "agent", detail: { level: "INFO", line, ...detail } });
    const fail = (requestId: string, error: string) =>
      occurrences.record({ atMs: 0, kind: "invoked", from: "agent", detail: { requestId, error } });
    return { output, end, log, fail };
  };

  it("prints what functions log until it ends, without metrics", () => {
    const { output, end, log } = follow();
    log("ready");
    log('{"_aws":{"Timestamp":1},"AgentTurns":1}');
    end();
    log("killed");
    expect(output.text).to.equal("  agent  ready\n");
  });

  it("prints the error of an invocation once", () => {
    const { output, log, fail } = follow();
    log("now\ta\tERROR\tInvoke Error \t{}", { level: "ERROR", requestId: "a" });
    fail("a", "TypeError: no");
    fail("b", "Sandbox.Timedout: too late");
    expect(linesOf(output.text)).to.deep.equal(["  agent  Invoke Error \t{}", "  agent  Sandbox.Timedout: too late", ""]);
  });
});
