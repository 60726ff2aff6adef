import { CloudWatchLogsClient, paginateFilterLogEvents } from "@aws-sdk/client-cloudwatch-logs";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { declareRole, startFunctions } from "./functions-under-test";

describe("lambda function logs", () => {
  let laptop: Awaited<ReturnType<typeof startFunctions>>;
  const start = async (code: string, inputs: Record<string, unknown> = {}, role = declareRole()) => {
    laptop = await startFunctions({ functions: [{ code, inputs }], role });
    const logsClient = new CloudWatchLogsClient(laptop.clientConfig);
    /** The group's messages, once one of them matches. */
    const messages = (until: RegExp, logGroupName = "/aws/lambda/worker") =>
      eventually(async () => {
        const found: string[] = [];
        for await (const { events } of paginateFilterLogEvents({ client: logsClient }, { logGroupName })) {
          found.push(...events!.map(({ message }) => message!));
        }
        return found.some(message => until.test(message)) ? found : undefined;
      });
    return { ...laptop, messages };
  };
  afterEach(async () => {
    sinon.restore();
    await laptop.stop();
  });

  it("contain console lines and raw output between Lambda's own lines", async () => {
    const code = `console.info("loading");
      exports.handler = async event => {
        console.warn("two\\nlines %d", 5, { a: 1 });
        process.stdout.write("raw one\\nraw two\\n");
        console.error(new RangeError("far").message);
        require("node:child_process").execSync("echo from a child", { stdio: "inherit" });
      };`;
    const { invoke, messages } = await start(code);
    const { $metadata } = await invoke({});
    const lines = await messages(/^REPORT/);
    const id = $metadata.requestId!;
    const shape = lines.map(line =>
      line
        .replace(/^\d{4}-[^\t]*Z\t/, "")
        .replaceAll(id, "ID")
        .replace(/\tDuration.*/s, ""),
    );
    expect(shape.filter(line => line !== "from a child")).to.deep.equal([
      "undefined\tINFO\tloading",
      "START RequestId: ID Version: $LATEST\n",
      "ID\tWARN\ttwo\nlines 5 { a: 1 }",
      "raw one",
      "raw two",
      "ID\tERROR\tfar",
      "END RequestId: ID\n",
      "REPORT RequestId: ID",
    ]);
    await messages(/^from a child$/);
  });

  it("contain what a function wrote to the runtime's pipe, which does not crash the cloud", async () => {
    const { invoke, messages } = await start(`exports.handler = async () => {
      for (const line of ["no message", "null", '{"kind":"done"}']) require("node:fs").writeSync(4, line + "\\n");
      return "well";
    };`);
    expect((await invoke({})).answer).to.equal("well");
    const lines = await messages(/^REPORT/);
    expect(lines.slice(1, 4)).to.deep.equal(["no message", "null", '{"kind":"done"}']);
  });

  it("contain errors", async () => {
    const { invoke, messages } = await start("exports.handler = async () => { throw new TypeError('bad'); };");
    await invoke({});
    const line = (await messages(/^REPORT/)).find(line => line.includes("Invoke Error"))!;
    expect(line).to.match(/\tERROR\tInvoke Error \{"errorType":"TypeError","errorMessage":"bad","stack":\["TypeError: bad"/);
  });

  it("contain the output before a crash, and timeouts", async () => {
    const { invoke, messages } = await start("exports.handler = () => { console.log('last words'); while (true); };", { timeout: 1 });
    await invoke({});
    const lines = await messages(/^REPORT .*Status: timeout/);
    expect(lines.some(line => line.endsWith("last words"))).to.equal(true);
    expect(lines.some(line => /Task timed out after 1.00 seconds\n$/.test(line))).to.equal(true);
  });

  it("are JSON if configured, from the configured level up", async () => {
    const loggingConfig = { logFormat: "JSON", applicationLogLevel: "WARN", logGroup: "/own/group" };
    const code = `exports.handler = async () => {
      console.info("quiet"); console.warn({ word: "loud" }); console.error("%s!", "text"); console.error(new Error("oops"));
      const cycle = {}; cycle.self = cycle; console.error(cycle);
    };`;
    const { invoke, messages } = await start(code, { loggingConfig });
    const { $metadata } = await invoke({});
    const lines = (await messages(/platform.report/, "/own/group")).map(line => JSON.parse(line));
    expect(lines.map(line => line.type ?? line.level)).to.deep.equal([
      "platform.start",
      "WARN",
      "ERROR",
      "ERROR",
      "ERROR",
      "platform.report",
    ]);
    expect(lines[1]).to.deep.include({ level: "WARN", requestId: $metadata.requestId, message: { word: "loud" } });
    expect(lines[2].message).to.equal("text!");
    expect(lines[3].message).to.deep.include({ errorType: "Error", errorMessage: "oops" });
    expect(lines[4].message).to.contain("[Circular *1]");
    expect(lines[5].record).to.deep.include({ status: "success" });
    expect(lines[5].record.metrics).to.have.keys("durationMs", "billedDurationMs", "memorySizeMB", "maxMemoryUsedMB", "initDurationMs");
  });

  it("accept more and longer lines than one PutLogEvents call", async () => {
    const code = `exports.handler = async () => {
      for (let line = 0; line < 12_000; line++) process.stdout.write("line " + line + "\\n");
      console.log("x".repeat(2_000_000));
      console.log("end");
    };`;
    const { invoke, messages } = await start(code, { timeout: 30 });
    await invoke({});
    const lines = await messages(/^REPORT/);
    expect(lines.filter(line => line.startsWith("line "))).to.have.length(12_000);
    expect(Math.max(...lines.map(line => line.length))).to.be.within(200_000, 1_048_576);
  });

  it("start again after their group was deleted", async () => {
    const { invoke, messages, cloud } = await start("exports.handler = async event => console.log(event.word);");
    await invoke({ word: "before" });
    await messages(/before$/);
    await cloud.call("logs", "DeleteLogGroup", { logGroupName: "/aws/lambda/worker" }, { kind: "administrator" });
    await invoke({ word: "after" });
    await messages(/after$/);
  });

  it("are missing if the role may not write them, which is logged once", async () => {
    const said = sinon.stub(console, "error");
    const { invoke, cloud } = await start("exports.handler = async () => console.log('x');", {}, declareRole(["s3:*"]));
    for (let calls = 0; calls < 3; calls++) await invoke({});
    await eventually(() => said.called);
    await cloud.stop();
    expect(said.getCalls().map(({ args }) => args[0])).to.have.length(1);
    expect(said.firstCall.args[0]).to.match(/"worker" has no logs in \/aws\/lambda\/worker: .*logs:CreateLogStream/);
  });
});
