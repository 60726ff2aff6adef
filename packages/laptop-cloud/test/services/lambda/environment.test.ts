import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { buildSync } from "esbuild";
import { sqs } from "../../../src/services/sqs";
import { declareRole, type FunctionUnderTest, meet, startFunctions } from "./functions-under-test";

/** A bundle with a stock client, as a program would ship one. */
const bundleWithSqsClient = (source: string) =>
  buildSync({
    stdin: { contents: source, resolveDir: resolve(__dirname) },
    bundle: true,
    write: false,
    platform: "node",
    target: "node20",
    mainFields: ["module", "main"],
    minify: true,
  }).outputFiles[0]!.text;

describe("lambda execution environment", () => {
  let laptop: Awaited<ReturnType<typeof startFunctions>>;
  let meetingPlace: string;
  const start = async (code: string, more: Partial<FunctionUnderTest> = {}, others: Partial<Parameters<typeof startFunctions>[0]> = {}) => {
    laptop = await startFunctions({ functions: [{ code, ...more }], ...others });
    return laptop;
  };
  beforeEach(async () => {
    meetingPlace = await mkdtemp(join(tmpdir(), "slack-fanout-test-"));
  });
  afterEach(async () => {
    await laptop.stop();
    await rm(meetingPlace, { recursive: true });
  });

  it("has the function's and Lambda's variables, and none of the machine's", async () => {
    const { invoke, cloud } = await start(
      "exports.handler = async () => ({ ...process.env, cwd: process.cwd(), send: typeof process.send });",
      {
        inputs: { environment: { variables: { WORD: "hello" } }, memorySize: 256 },
      },
    );
    const { cwd, send, ...variables } = (await invoke({})).answer;
    expect(Object.keys(variables).sort()).to.deep.equal([
      "AWS_ACCESS_KEY_ID",
      "AWS_DEFAULT_REGION",
      "AWS_ENDPOINT_URL",
      "AWS_EXECUTION_ENV",
      "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
      "AWS_LAMBDA_FUNCTION_NAME",
      "AWS_LAMBDA_FUNCTION_VERSION",
      "AWS_LAMBDA_INITIALIZATION_TYPE",
      "AWS_LAMBDA_LOG_GROUP_NAME",
      "AWS_LAMBDA_LOG_STREAM_NAME",
      "AWS_REGION",
      "AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED",
      "AWS_SECRET_ACCESS_KEY",
      "AWS_SESSION_TOKEN",
      "LAMBDA_TASK_ROOT",
      "LANG",
      "PATH",
      "TZ",
      "WORD",
      "_HANDLER",
      "_X_AMZN_TRACE_ID",
    ]);
    expect(variables).to.include({
      WORD: "hello",
      TZ: ":UTC",
      AWS_REGION: "us-east-1",
      AWS_ENDPOINT_URL: cloud.place.awsUrl,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "256",
      AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/worker",
      AWS_EXECUTION_ENV: "AWS_Lambda_nodejs22.x",
      _HANDLER: "index.handler",
      LAMBDA_TASK_ROOT: cwd,
    });
    expect(variables._X_AMZN_TRACE_ID).to.match(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=1$/);
    expect(variables.AWS_LAMBDA_LOG_STREAM_NAME).to.match(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/);
    expect(send).to.equal("undefined");
  });

  it("gives the handler Lambda's context", async () => {
    const { invoke } = await start(
      "exports.handler = async (event, context) => ({ ...context, left: context.getRemainingTimeInMillis() });",
      { inputs: { timeout: 70, name: "physical-name" } },
    );
    const { answer } = await invoke(
      {},
      { FunctionName: "physical-name", ClientContext: Buffer.from('{"custom":{"a":1}}').toString("base64") },
    );
    expect(answer).to.include({
      functionName: "physical-name",
      functionVersion: "$LATEST",
      invokedFunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:physical-name",
      memoryLimitInMB: "128",
      logGroupName: "/aws/lambda/physical-name",
      callbackWaitsForEmptyEventLoop: true,
    });
    expect(answer.clientContext).to.deep.equal({ custom: { a: 1 } });
    expect(answer.left).to.be.within(10_000, 70_000);
  });

  it("resolves its own modules, and no package of this project", async () => {
    expect(existsSync(resolve(__dirname, "../../../../../node_modules/chai"))).to.equal(true);
    // The state directory lies inside the project, as .local does: Node looks for packages in every folder above.
    const directory = resolve(__dirname, `../../../../../.local-test-${process.pid}`);
    const code = `
      const own = require("./own"); const path = require("node:path");
      const attempt = name => { try { require(name); return "found"; } catch (error) { return error.code; } };
      exports.handler = async event => {
        const imported = await import(event.name).then(() => "found", error => error.code);
        return { own: own.value, builtin: typeof path.join, required: attempt(event.name), above: attempt("../../../../package.json"), imported };
      };`;
    try {
      const { invoke } = await start(code, { files: { "own.js": "exports.value = 42;" } }, { directory });
      expect((await invoke({ name: "chai" })).answer).to.deep.equal({
        own: 42,
        builtin: "function",
        required: "MODULE_NOT_FOUND",
        above: "MODULE_NOT_FOUND",
        imported: "ERR_MODULE_NOT_FOUND",
      });
    } finally {
      await laptop.stop();
      await rm(directory, { recursive: true, force: true });
    }
  });

  it("resolves the runtime's AWS SDK, but prefers the artefact's own", async () => {
    const code = `
      const { SQSClient } = require("@aws-sdk/client-sqs");
      const { own } = require("@aws-sdk/client-sns");
      exports.handler = async () => {
        const { S3Client } = await import("@aws-sdk/client-s3");
        return [SQSClient.name, S3Client.name, own];
      };`;
    const { invoke } = await start(code, { files: { "node_modules/@aws-sdk/client-sns/index.js": "exports.own = 42;" } });
    expect((await invoke({})).answer).to.deep.equal(["SQSClient", "S3Client", 42]);
  });

  for (const [kind, files, handler] of [
    [
      "a module of the runtime's SDK",
      { "main.mjs": "import { SQSClient } from '@aws-sdk/client-sqs'; export const handler = async () => new SQSClient().config && 5;" },
      "main.handler",
    ],
    [
      "an .mjs file",
      { "main.mjs": "import { n } from './n.mjs'; export const handler = async () => n;", "n.mjs": "await null; export const n = 5;" },
      "main.handler",
    ],
    [
      "a package of type module",
      { "package.json": '{"type":"module"}', "main.js": "export const handler = async () => 5;" },
      "main.handler",
    ],
    ["a folder below", { "src/deep.js": "exports.api = { handler: async () => 5 };" }, "src/deep.api.handler"],
  ] as [string, Record<string, string>, string][]) {
    it(`loads ${kind}`, async () => {
      const { invoke } = await start("", { files, inputs: { handler } });
      expect((await invoke({})).answer).to.equal(5);
    });
  }

  it("follows the cloud's clock, also while it runs", async () => {
    const code = `
      exports.handler = async event => {
        const before = Date.now();
        while (event.waits && Date.now() - before < 3_000_000) await new Promise(resolve => setTimeout(resolve, 5));
        return { now: Date.now(), date: new Date().getTime(), given: new Date(5).getTime(), text: Date(), isDate: new Date() instanceof Date };
      };`;
    const { invoke, cloud } = await start(code);
    cloud.clock.advance(86_400);
    const { answer } = await invoke({ waits: false });
    for (const time of [answer.now, answer.date, Date.parse(answer.text)]) expect(time).to.be.closeTo(cloud.clock.nowMs(), 60_000);
    expect({ given: answer.given, isDate: answer.isDate }).to.deep.equal({ given: 5, isDate: true });

    const running = invoke({ waits: true });
    await eventually(() => cloud.occurrences.all().filter(({ kind }) => kind === "invoke").length === 2);
    cloud.clock.advance(3600);
    // Fifty minutes of the cloud's time, but less real time than the function's timeout.
    expect((await running).answer.now).to.be.closeTo(cloud.clock.nowMs(), 60_000);
  });

  it("serves the next call warm, and starts another for a concurrent call", async () => {
    const { invoke, cloud } = await start(
      `${meet}
      let calls = 0;
      exports.handler = async ({ meetingPlace }) => {
        await meet(meetingPlace);
        return { calls: ++calls, pid: process.pid };
      };`,
    );
    const first = (await invoke({})).answer;
    const second = (await invoke({})).answer;
    expect(second).to.deep.equal({ calls: 2, pid: first.pid });
    const pids = (await Promise.all([invoke({ meetingPlace }), invoke({ meetingPlace })])).map(({ answer }) => answer.pid);
    expect(new Set(pids).size).to.equal(2);
    const invocations = cloud.occurrences.all().flatMap(({ kind, detail = {} }) => (kind === "invoked" ? [detail] : []));
    expect(invocations.slice(0, 2).map(({ cold }) => cold)).to.deep.equal([true, false]);
    expect(invocations.map(({ concurrent }) => concurrent)).to.have.members([1, 1, 1, 2]);
  });

  it("exists at most twice per core; further calls wait in order", async () => {
    const most = Math.max(2, 2 * availableParallelism());
    const { invoke } = await start("exports.handler = async event => { await new Promise(r => setTimeout(r, 50)); return process.pid; };");
    const pids = (await Promise.all(Array.from({ length: 3 * most }, () => invoke({})))).map(({ answer }) => answer);
    expect(pids).to.have.length(3 * most);
    expect(new Set(pids).size).to.be.at.most(most);
  });

  it("ends when it runs out of memory, and the next call gets a new one", async () => {
    const { invoke } = await start(
      "exports.handler = async event => { const hoard = []; while (event.hoards) hoard.push(new Array(100_000).fill(hoard.length + 0.5)); return process.execArgv; };",
      { inputs: { timeout: 30 } },
    );
    const { answer, FunctionError } = await invoke({ hoards: true });
    expect(FunctionError).to.equal("Unhandled");
    expect(answer.errorType).to.equal("Runtime.ExitError");
    expect((await invoke({ hoards: false })).answer).to.deep.equal(["--max-old-space-size=115"]);
  });

  describe("identity", () => {
    const source = `
      const { SQSClient, SendMessageCommand } = require("@aws-sdk/client-sqs");
      const client = new SQSClient({ maxAttempts: 1 });
      exports.handler = async event => {
        try {
          for (let sent = 0; sent < event.times; sent++) await client.send(new SendMessageCommand({ QueueUrl: event.url, MessageBody: "x" }));
          return "sent";
        } catch (error) { return error.name + ": " + error.message; }
      };`;
    const queue = { type: "aws:sqs/queue:Queue", name: "inbox", inputs: {} };
    let code: string;
    before(() => {
      code = bundleWithSqsClient(source);
    });
    const begin = (actions: string[]) =>
      start(code, { inputs: { timeout: 30 } }, { definitions: [sqs], resources: [queue], role: declareRole(actions) });

    it("is recorded with each call, with invocation and trace", async () => {
      const { invoke, cloud } = await begin(["sqs:SendMessage"]);
      const url = `${cloud.place.awsUrl}/000000000000/inbox`;
      const { answer, $metadata } = await invoke({ url, times: 2 });
      expect(answer).to.equal("sent");
      const calls = cloud.calls.all().filter(({ action }) => action === "sqs:SendMessage");
      expect(calls.map(call => ({ function: call.function, invocation: call.invocation, allowed: call.allowed }))).to.deep.equal(
        Array(2).fill({ function: "worker", invocation: $metadata.requestId, allowed: true }),
      );
      const trace = cloud.occurrences.all().find(({ kind }) => kind === "invoke")!.trace;
      expect(calls.map(call => call.trace)).to.deep.equal([trace, trace]);
    });

    it("is denied what the role does not grant", async () => {
      const { invoke, cloud } = await begin(["logs:PutLogEvents"]);
      const { answer } = await invoke({ url: `${cloud.place.awsUrl}/000000000000/inbox`, times: 1 });
      expect(answer)
        .to.match(/AccessDenied/)
        .and.match(/sqs:SendMessage/);
    });

    for (const [when, sent] of [
      ["before", 1],
      ["after", 2],
    ] as const) {
      it(`ends ${when} the call at which the weather kills it`, async () => {
        const { invoke, cloud } = await begin(["*"]);
        cloud.weather.change({ kill: { function: "worker", call: 2, when } });
        const { answer } = await invoke({ url: `${cloud.place.awsUrl}/000000000000/inbox`, times: 3 });
        expect(answer.errorMessage).to.match(/Runtime exited with error: signal: killed/);
        expect(cloud.calls.all().filter(({ action }) => action === "sqs:SendMessage")).to.have.length(sent);
      });
    }
  });

  it("imports built-in modules, also from code in V8's cache", async () => {
    const { invoke } = await start(
      `${meet}
      exports.handler = async ({ meetingPlace }) => {
        const { EOL, default: os } = await import("node:os");
        await meet(meetingPlace);
        return { same: EOL === os.EOL, pid: process.pid };
      };`,
    );
    const first = (await invoke({})).answer;
    const later = (await Promise.all([invoke({ meetingPlace }), invoke({ meetingPlace })])).map(({ answer }) => answer);
    expect([first, ...later].map(({ same }) => same)).to.deep.equal([true, true, true]);
    expect(new Set([first, ...later].map(({ pid }) => pid)).size).to.equal(2);
  });

  it("compiles its code again if V8's compiled code is damaged", async () => {
    const code = `${meet} exports.handler = async ({ meetingPlace }) => { if (meetingPlace) await meet(meetingPlace); return process.pid; };`;
    const { invoke, cloud } = await start(code);
    const first = (await invoke({})).answer;
    const folder = join(cloud.directory, "functions", "worker");
    const file = await eventually(async () => {
      const [cache] = (await readdir(folder)).filter(name => name.endsWith(".cache"));
      const [name] = cache === undefined ? [] : (await readdir(join(folder, cache))).filter(name => !name.includes("."));
      return name && join(folder, cache!, name);
    });
    const whole = readFileSync(file);
    const damaged = Buffer.from(whole).fill(0, whole.length / 2);
    writeFileSync(file, damaged);

    const later = (await Promise.all([invoke({ meetingPlace }), invoke({ meetingPlace })])).map(({ answer }) => answer);

    expect(new Set([first, ...later])).to.have.property("size", 2);
    await eventually(() => !readFileSync(file).equals(damaged));
  });
});
