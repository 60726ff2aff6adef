import { InvokeCommand } from "@aws-sdk/client-lambda";
import { expect } from "chai";
import { type FunctionUnderTest, startFunctions } from "./functions-under-test";

/** Returns the error of a refused request; fails if the request succeeds. */
const errorOf = async (request: Promise<unknown>): Promise<{ name: string; message: string; $metadata: { httpStatusCode?: number } }> => {
  const outcome = await request.then(
    () => undefined,
    error => error,
  );
  if (outcome === undefined) throw new Error("the request was not refused");
  return outcome;
};

describe("lambda invoke", () => {
  let laptop: Awaited<ReturnType<typeof startFunctions>>;
  const start = async (code: string, more: Partial<FunctionUnderTest> = {}) => {
    laptop = await startFunctions({ functions: [{ code, ...more }] });
    return laptop;
  };
  afterEach(() => laptop.stop());

  describe("answers", () => {
    it("what the handler returns", async () => {
      const { invoke } = await start("exports.handler = async event => ({ seen: event.word });");
      const { answer, StatusCode, ExecutedVersion, FunctionError } = await invoke({ word: "hello" });
      expect(answer).to.deep.equal({ seen: "hello" });
      expect({ StatusCode, ExecutedVersion, FunctionError }).to.deep.equal({
        StatusCode: 200,
        ExecutedVersion: "$LATEST",
        FunctionError: undefined,
      });
    });

    it("what the callback gets, once the event loop is empty", async () => {
      const { invoke } = await start(
        "let late; exports.handler = (event, context, callback) => { callback(null, { get late() { return late; } }); setTimeout(() => { late = true; }, 20); };",
      );
      expect((await invoke({})).answer).to.deep.equal({ late: true });
    });

    it("at once if the callback need not wait", async () => {
      const { invoke } = await start(
        "exports.handler = (event, context, callback) => { context.callbackWaitsForEmptyEventLoop = false; setTimeout(() => {}, 60_000); callback(null, 1); };",
      );
      expect((await invoke({})).answer).to.equal(1);
    });

    it("null if the event loop becomes empty without an answer", async () => {
      const { invoke } = await start("exports.handler = () => new Promise(() => {});");
      expect((await invoke({})).answer).to.equal(null);
    });

    it("with the event {} if there is no payload", async () => {
      const { invoke } = await start("exports.handler = async event => ({ event });");
      expect((await invoke()).answer).to.deep.equal({ event: {} });
    });

    it("six megabytes, both ways", async () => {
      const { invoke } = await start("exports.handler = async event => event;");
      const text = "é".repeat(3_000_000);
      expect((await invoke({ text })).answer.text === text).to.equal(true);
    });

    it("with the tail of its log, if requested", async () => {
      const { invoke } = await start("exports.handler = async () => { console.log('a line'); };");
      const { LogResult } = await invoke({}, { LogType: "Tail" });
      const lines = Buffer.from(LogResult!, "base64").toString().split("\n");
      expect(lines[0]).to.match(/^START RequestId: [0-9a-f-]{36} Version: \$LATEST$/);
      expect(lines[1]).to.match(/^\d{4}-\d\d-\d\dT[\d:.]+Z\t[0-9a-f-]{36}\tINFO\ta line$/);
      expect(lines[2]).to.match(/^END RequestId: /);
      expect(lines[3]).to.match(
        /^REPORT RequestId: [0-9a-f-]{36}\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\tMax Memory Used: \d+ MB\tInit Duration: [\d.]+ ms\t$/,
      );
    });

    it("with a request id that the handler and the answer share", async () => {
      const { client } = await start("exports.handler = async (event, context) => context.awsRequestId;");
      const { Payload, $metadata } = await client.send(new InvokeCommand({ FunctionName: "worker" }));
      expect(JSON.parse(Payload!.transformToString())).to.equal($metadata.requestId);
    });
  });

  describe("finds a function", () => {
    const names = [
      "worker",
      "worker:$LATEST",
      "arn:aws:lambda:us-east-1:000000000000:function:worker",
      "arn:aws:lambda:us-east-1:000000000000:function:worker:$LATEST",
      "000000000000:function:worker",
    ];
    it("by its name, its ARN and a partial ARN", async () => {
      const { invoke } = await start("exports.handler = async () => 1;");
      for (const FunctionName of names) expect((await invoke({}, { FunctionName })).answer, FunctionName).to.equal(1);
      expect((await invoke({}, { InvocationType: "DryRun" })).StatusCode).to.equal(204);
    });

    it("or reports that it is missing", async () => {
      const { invoke } = await start("exports.handler = async () => 1;");
      for (const input of [{ FunctionName: "none" }, { Qualifier: "7" }]) {
        const { name, message, $metadata } = await errorOf(invoke({}, input));
        expect({ name, status: $metadata.httpStatusCode }).to.deep.equal({ name: "ResourceNotFoundException", status: 404 });
        expect(message).to.contain("Function not found: arn:aws:lambda:us-east-1:000000000000:function:");
      }
    });
  });

  describe("reports failures of the function", () => {
    const failures: [what: string, code: string, errorType: string, errorMessage: RegExp][] = [
      ["a throw", "exports.handler = async () => { throw new RangeError('too far'); };", "RangeError", /^too far$/],
      ["a synchronous throw", "exports.handler = () => { throw new Error('now'); };", "Error", /^now$/],
      ["a callback's error", "exports.handler = (e, c, callback) => callback(new TypeError('back'));", "TypeError", /^back$/],
      ["a thrown text", "exports.handler = async () => { throw 'text'; };", "string", /^text$/],
      ["a missing handler", "exports.other = 1;", "Runtime.HandlerNotFound", /index.handler is undefined/],
      [
        "a missing part of the SDK",
        "require('@aws-sdk/client-not-there');",
        "Runtime.ImportModuleError",
        /Cannot find module '@aws-sdk\/client-not-there', which AWS's runtime brings along: .* installed in the program's folder/,
      ],
      ["a missing module", "require('not-there');", "Runtime.ImportModuleError", /Cannot find module 'not-there'/],
      ["a syntax error", "exports.handler = async () => {", "Runtime.UserCodeSyntaxError", /SyntaxError/],
      ["a throw while the module loads", "throw new Error('at load');", "Error", /at load/],
      [
        "process.exit",
        "exports.handler = async () => process.exit(3);",
        "Runtime.ExitError",
        /^RequestId: .* Error: Runtime exited with error: exit status 3$/,
      ],
      ["process.exit while the module loads", "process.exit(0);", "Runtime.ExitError", /Runtime exited without providing a reason$/],
      ["a signal", "exports.handler = async () => process.kill(process.pid, 'SIGKILL');", "Runtime.ExitError", /signal: killed$/],
      [
        "an uncaught exception",
        "exports.handler = () => { setImmediate(() => { throw new Error('later'); }); return new Promise(() => {}); };",
        "Error",
        /^later$/,
      ],
      [
        "an unhandled rejection",
        "exports.handler = () => { Promise.reject(new Error('alone')); return new Promise(r => setTimeout(r, 1000)); };",
        "Runtime.UnhandledPromiseRejection",
        /alone$/,
      ],
      ["an answer that is not JSON", "exports.handler = async () => 1n;", "Runtime.MarshalError", /BigInt/],
      ["an answer over 6 MB", "exports.handler = async () => 'x'.repeat(6_300_000);", "Function.ResponseSizeTooLarge", /6291556 bytes/],
    ];
    for (const [what, code, errorType, errorMessage] of failures) {
      it(what, async () => {
        const { invoke } = await start(code);
        const { answer, FunctionError, StatusCode } = await invoke({});
        expect({ FunctionError, StatusCode, errorType: answer.errorType }).to.deep.equal({
          FunctionError: "Unhandled",
          StatusCode: 200,
          errorType,
        });
        expect(answer.errorMessage).to.match(errorMessage);
      });
    }

    it("a timeout, and continues with a new environment", async () => {
      const code = "let calls = 0; exports.handler = async event => { calls++; while (event.hang); return calls; };";
      const { invoke } = await start(code, { inputs: { timeout: 1 } });
      const { answer } = await invoke({ hang: true });
      expect(answer.errorType).to.equal("Sandbox.Timedout");
      expect(answer.errorMessage).to.match(/^\d{4}-.*Z [0-9a-f-]{36} Task timed out after 1\.00 seconds$/);
      expect((await invoke({ hang: false })).answer).to.equal(1);
    });

    it("with the trace of the error", async () => {
      const { invoke } = await start("\nexports.handler = async () => {\n  throw new Error('line 3');\n};");
      const { answer } = await invoke({});
      expect(answer.trace[0]).to.equal("Error: line 3");
      expect(answer.trace[1]).to.match(/index\.js:3:9/);
    });
  });

  describe("refuses", () => {
    const code = "exports.handler = async () => 1;";
    it("a payload that is not JSON", async () => {
      const { client } = await start(code);
      const { name, $metadata } = await errorOf(client.send(new InvokeCommand({ FunctionName: "worker", Payload: "{" })));
      expect({ name, status: $metadata.httpStatusCode }).to.deep.equal({ name: "InvalidRequestContentException", status: 400 });
    });

    it("events over 1 MB and requests over 6 MB", async () => {
      const { invoke } = await start(code);
      for (const [sizeBytes, InvocationType] of [
        [1_048_577, "Event"],
        [6_291_457, "RequestResponse"],
      ] as const) {
        const { name, $metadata } = await errorOf(invoke("x".repeat(sizeBytes), { InvocationType }));
        expect({ name, status: $metadata.httpStatusCode }).to.deep.equal({ name: "RequestTooLargeException", status: 413 });
      }
    });

    it("calls beyond a function's reserved concurrency", async () => {
      const { invoke } = await start("exports.handler = async () => 1;", { inputs: { reservedConcurrentExecutions: 0 } });
      const { name, $metadata } = await errorOf(invoke({}));
      expect({ name, status: $metadata.httpStatusCode }).to.deep.equal({ name: "TooManyRequestsException", status: 429 });
    });
  });
});
