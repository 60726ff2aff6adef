import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ListEventSourceMappingsCommand } from "@aws-sdk/client-lambda";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import type { Declared } from "../../../src/kernel/service";
import { iam } from "../../../src/services/iam";
import { lambda } from "../../../src/services/lambda";
import { logs } from "../../../src/services/logs";
import { sqs } from "../../../src/services/sqs";
import { declareAll } from "../../../src/testing/declare-all";
import { declareFunction, declareRole, type FunctionUnderTest, startFunctions } from "./functions-under-test";

describe("lambda, when the program is reloaded", () => {
  let laptop: Awaited<ReturnType<typeof startFunctions>>;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "slack-fanout-reload-"));
  });
  afterEach(() => laptop.stop());
  after(() => rm(folder, { recursive: true }));

  const start = async (functions: FunctionUnderTest[], resources: Declared[] = []) => {
    laptop = await startFunctions({ functions, resources, definitions: [sqs] });
  };

  const apply = async (functions: FunctionUnderTest[], resources: Declared[] = []) => {
    const declared = [declareRole(), ...resources, ...functions.map(declareFunction)];
    await laptop.cloud.apply(declareAll([iam, logs, sqs, lambda], laptop.cloud.place, declared).resources);
  };

  /** Answers with its version, and with how many invocations this environment has had. */
  const counting = (version: number): FunctionUnderTest => ({
    code: `let count = 0; exports.handler = async () => [${version}, ++count];`,
  });

  it("runs new code at the next invocation, and keeps the environments of functions that are the same", async () => {
    await start([counting(1), { ...counting(1), name: "other" }]);
    await laptop.invoke();
    await laptop.invoke(undefined, { FunctionName: "other" });

    await apply([counting(2), { ...counting(1), name: "other" }]);

    expect((await laptop.invoke()).answer).to.deep.equal([2, 1]);
    expect((await laptop.invoke(undefined, { FunctionName: "other" })).answer).to.deep.equal([1, 2]);
  });

  it("finishes a running invocation with the old code, also if that loads a module late", async () => {
    const waiting = (version: number): FunctionUnderTest => ({
      code: `exports.handler = async ({ begun, go }) => {
        require("node:fs").writeFileSync(begun, "");
        while (!require("node:fs").existsSync(go)) await new Promise(setImmediate);
        return require("./version.js");
      };`,
      files: { "version.js": `module.exports = ${version};` },
    });
    await start([waiting(1)]);
    const [begun, go] = [join(folder, "begun"), join(folder, "go")];
    const running = laptop.invoke({ begun, go });
    await eventually(() => existsSync(begun));

    await apply([waiting(2)]);
    await writeFile(go, "");

    expect((await running).answer).to.equal(1);
    expect((await laptop.invoke({ begun, go })).answer).to.equal(2);
  });

  it("applies other settings, and forgets a function that is gone", async () => {
    const showing = (word: string): FunctionUnderTest => ({
      code: "exports.handler = async () => process.env.WORD;",
      inputs: { environment: { variables: { WORD: word } } },
    });
    await start([showing("old"), { ...showing("old"), name: "other" }]);
    await laptop.invoke();

    await apply([showing("new")]);

    expect((await laptop.invoke()).answer).to.equal("new");
    const refusal = await laptop.invoke(undefined, { FunctionName: "other" }).catch((error: Error) => error.name);
    expect(refusal).to.equal("ResourceNotFoundException");
  });

  it("polls the queues that are declared now", async () => {
    const received = join(folder, "received");
    const worker = {
      code: `exports.handler = async ({ Records }) => require("node:fs").writeFileSync(${JSON.stringify(received)}, Records[0].body);`,
    };
    const queue = (name: string): Declared => ({ type: "aws:sqs/queue:Queue", name, inputs: {} });
    const mapping = (name: string): Declared => ({
      type: "aws:lambda/eventSourceMapping:EventSourceMapping",
      name,
      inputs: { eventSourceArn: `arn:aws:sqs:us-east-1:000000000000:${name}`, functionName: "worker" },
    });
    await start([worker], [queue("first"), mapping("first")]);

    await apply([worker], [queue("second"), mapping("second")]);

    const { EventSourceMappings } = await laptop.client.send(new ListEventSourceMappingsCommand({}));
    expect(EventSourceMappings!.map(({ EventSourceArn }) => EventSourceArn)).to.deep.equal(["arn:aws:sqs:us-east-1:000000000000:second"]);
    const client = new SQSClient(laptop.clientConfig);
    await client.send(new SendMessageCommand({ QueueUrl: `${laptop.cloud.place.awsUrl}/000000000000/second`, MessageBody: "hello" }));
    await eventually(() => existsSync(received));
    client.destroy();
  });
});
