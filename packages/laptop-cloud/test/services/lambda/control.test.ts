import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  GetPolicyCommand,
  ListFunctionsCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { strToU8, zipSync } from "fflate";
import { declareFunction, type FunctionUnderTest, roleArn, startFunctions } from "./functions-under-test";

const one: FunctionUnderTest = { code: "exports.handler = async () => 1;" };

const messageOf = async (work: Promise<unknown>): Promise<string> => {
  const outcome = await work.then(
    () => undefined,
    (error: Error) => `${error.name}: ${error.message}`,
  );
  if (outcome === undefined) throw new Error("it was not refused");
  return outcome;
};

describe("lambda control plane", () => {
  let laptop: Awaited<ReturnType<typeof startFunctions>> | undefined;
  const start = async (options: Partial<Parameters<typeof startFunctions>[0]> = {}) => {
    laptop = await startFunctions({ functions: [one], ...options });
    return laptop;
  };
  afterEach(async () => {
    await laptop?.stop();
    laptop = undefined;
  });

  it("describes functions", async () => {
    const inputs = { timeout: 9, memorySize: 256, description: "counts", environment: { variables: { NAME: "1" } } };
    const { client } = await start({
      functions: [
        { ...one, inputs },
        { ...one, name: "another", inputs: { timeout: undefined } },
      ],
    });
    const { Functions } = await client.send(new ListFunctionsCommand({}));
    expect(Functions!.map(({ FunctionName }) => FunctionName)).to.deep.equal(["another", "worker"]);
    const page = await client.send(new ListFunctionsCommand({ MaxItems: 1 }));
    expect([page.Functions!.length, page.NextMarker]).to.deep.equal([1, "1"]);
    expect(page.Functions![0]).to.include({ Timeout: 3, MemorySize: 128 });
    const configuration = await client.send(new GetFunctionConfigurationCommand({ FunctionName: "worker" }));
    expect(configuration).to.deep.include({
      FunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:worker",
      Timeout: 9,
      MemorySize: 256,
      Description: "counts",
      Runtime: "nodejs22.x",
      Role: roleArn,
      State: "Active",
      Environment: { Variables: { NAME: "1" } },
    });
    const { Code, Configuration } = await client.send(new GetFunctionCommand({ FunctionName: "worker" }));
    expect(Code!.Location).to.match(/^file:/);
    expect(Configuration!.CodeSha256).to.equal(configuration.CodeSha256);
  });

  it("creates, changes and deletes functions, and keeps them after a restart", async () => {
    const directory = await mkdtemp(join(tmpdir(), "slack-fanout-lambda-"));
    const invokeMade = async ({ invoke }: Awaited<ReturnType<typeof start>>) => (await invoke({}, { FunctionName: "made" })).answer;
    try {
      const first = await start({ directory });
      const code = (answer: string) =>
        zipSync({
          "index.js": strToU8(`const n = require('./lib/n'); exports.handler = async () => n + ${answer};`),
          lib: { "n.js": [strToU8("module.exports = 'n';"), { level: 0 }] },
        });
      const settings = { FunctionName: "made", Runtime: "nodejs22.x", Handler: "index.handler", Role: roleArn } as const;
      await first.client.send(new CreateFunctionCommand({ ...settings, Code: { ZipFile: code("1") } }));
      expect(await invokeMade(first)).to.equal("n1");
      await first.client.send(new UpdateFunctionCodeCommand({ FunctionName: "made", ZipFile: code("process.env.WORD") }));
      await first.client.send(new UpdateFunctionConfigurationCommand({ FunctionName: "made", Environment: { Variables: { WORD: "2" } } }));
      expect(await invokeMade(first)).to.equal("n2");
      expect(await messageOf(first.client.send(new CreateFunctionCommand({ ...settings, Code: { ZipFile: code("1") } })))).to.match(
        /^ResourceConflictException/,
      );
      await first.stop();

      const again = await start({ directory });
      expect(await invokeMade(again)).to.equal("n2");
      await again.client.send(new DeleteFunctionCommand({ FunctionName: "made" }));
      expect(await messageOf(invokeMade(again))).to.match(/^ResourceNotFoundException/);
      await again.stop();
      laptop = undefined;
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });

  it("names a function's log group after it, or takes another", async () => {
    const { client, cloud } = await start();
    expect(cloud.inventory.ofType("aws:lambda/function:Function")[0]!.outputs["loggingConfig"]).to.include({
      logFormat: "Text",
      logGroup: "/aws/lambda/worker",
    });
    const settings = { Runtime: "nodejs22.x", Handler: "index.handler", Role: roleArn } as const;
    const code = { Code: { ZipFile: zipSync({ "index.js": strToU8("exports.handler = async () => 1;") }) } };
    const made = await client.send(new CreateFunctionCommand({ FunctionName: "made", ...settings, ...code }));
    expect(made.LoggingConfig).to.deep.equal({ LogFormat: "Text", LogGroup: "/aws/lambda/made" });
    const changed = await client.send(
      new UpdateFunctionConfigurationCommand({ FunctionName: "made", LoggingConfig: { LogFormat: "JSON", LogGroup: "/shared" } }),
    );
    expect(changed.LoggingConfig).to.deep.equal({
      LogFormat: "JSON",
      LogGroup: "/shared",
      ApplicationLogLevel: "INFO",
      SystemLogLevel: "INFO",
    });
  });

  it("refuses properties that it does not imitate, by name", async () => {
    const { client } = await start();
    const settings = { FunctionName: "made", Runtime: "nodejs22.x", Handler: "index.handler", Role: roleArn } as const;
    const create = (more: object) =>
      messageOf(client.send(new CreateFunctionCommand({ ...settings, Code: { ZipFile: zipSync({}) }, ...more })));
    expect(await create({ Runtime: "python3.13" })).to.match(/^InvalidParameterValueException: runtime is "python3.13"/);
    expect(await create({ Timeout: 901 })).to.match(/timeout is 901, but must be a whole number from 1 to 900/);
    expect(await create({ Environment: { Variables: { AWS_REGION: "eu-west-1" } } })).to.match(/AWS_REGION is reserved/);
    expect(await create({ Layers: ["arn:aws:lambda:us-east-1:1:layer:x:1"] })).to.match(
      /ValidationException: .*Layers of lambda:CreateFunction/,
    );
    expect(await create({ LoggingConfig: { LogFormat: "JSON", SystemLogLevel: "ERROR" } })).to.match(
      /The system log level is "ERROR", but must be one of DEBUG, INFO, WARN/,
    );
    expect(await create({ Code: { ZipFile: Buffer.from("no zip") } })).to.match(/Could not unzip/);
    expect(await create({ Code: { S3Bucket: "b", S3Key: "k" } })).to.match(/code as ZipFile/);
  });

  describe("declarations", () => {
    const refused: [inputs: Record<string, unknown>, message: RegExp][] = [
      [
        { runtime: "nodejs18.x" },
        /runtime is "nodejs18.x", which AWS has deprecated: the laptop cloud takes nodejs20.x, nodejs22.x, nodejs24.x/,
      ],
      [{ layers: ["arn"] }, /sets layers, which the laptop cloud does not imitate/],
      [{ vpcConfig: {} }, /sets vpcConfig/],
      [{ timeout: 901 }, /timeout is 901/],
      [{ memorySize: 64 }, /memorySize is 64/],
      [{ environment: { variables: { AWS_ACCESS_KEY_ID: "x" } } }, /AWS_ACCESS_KEY_ID is reserved/],
      [{ environment: { variables: { "1ST": "x" } } }, /"1ST" must have two or more letters/],
      [{ environment: { variables: { LONG: "ü".repeat(2047) } } }, /have 4098 bytes, but at most 4096/],
      [{ packageType: "Image" }, /packageType is "Image"/],
      [{ deadLetterConfig: { targetArn: "arn:aws:s3:::b" } }, /deadLetterConfig.targetArn is "arn:aws:s3:::b"/],
    ];
    for (const [inputs, message] of refused) {
      it(`are refused with ${JSON.stringify(inputs)}`, async () => {
        expect(await messageOf(start({ functions: [{ ...one, inputs }] }))).to.match(message);
      });
    }

    it("accept folders, .zip files and nested archives as code", async () => {
      const folder = await mkdtemp(join(tmpdir(), "slack-fanout-code-"));
      try {
        await mkdir(join(folder, "lib"));
        await writeFile(join(folder, "index.js"), "exports.handler = async () => require('./lib/n');");
        await writeFile(join(folder, "lib", "n.js"), "module.exports = 7;");
        await writeFile(join(folder, "..", "code-under-test.zip"), zipSync({ "index.js": strToU8("exports.handler = async () => 8;") }));
        const nested = new pulumi.asset.AssetArchive({
          "index.js": new pulumi.asset.FileAsset(join(folder, "index.js")),
          lib: new pulumi.asset.AssetArchive({ "n.js": new pulumi.asset.StringAsset("module.exports = 9;") }),
        });
        const functions = [
          { code: "", name: "from-folder", inputs: { code: new pulumi.asset.FileArchive(folder) } },
          { code: "", name: "from-zip", inputs: { code: new pulumi.asset.FileArchive(join(folder, "..", "code-under-test.zip")) } },
          { code: "", name: "from-archives", inputs: { code: nested } },
        ];
        const { invoke } = await start({ functions });
        const answers = [];
        for (const { name } of functions) answers.push((await invoke({}, { FunctionName: name })).answer);
        expect(answers).to.deep.equal([7, 8, 9]);
      } finally {
        await rm(folder, { recursive: true, force: true });
        await rm(join(folder, "..", "code-under-test.zip"), { force: true });
      }
    });

    it("must not contain paths outside their folder", async () => {
      const worker = declareFunction({ ...one, files: { "../outside.js": "" } });
      expect(await messageOf(start({ functions: [{ code: "", inputs: worker.inputs }] }))).to.match(
        /"..\/outside.js", which is outside its folder/,
      );
    });
  });

  describe("permissions", () => {
    const topicArn = "arn:aws:sns:us-east-1:000000000000:messages";
    const permission = {
      type: "aws:lambda/permission:Permission",
      name: "from-topic",
      inputs: {
        action: "lambda:InvokeFunction",
        function: "worker",
        principal: "sns.amazonaws.com",
        sourceArn: "arn:aws:sns:us-east-1:*:messages",
      },
    };
    const call = (from: object) =>
      laptop!.cloud.call(
        "lambda",
        "Invoke",
        { FunctionName: "worker" },
        { kind: "service", principal: "sns.amazonaws.com", sourceArn: topicArn, ...from },
      );

    it("allow the named service to invoke for the named resource", async () => {
      await start({ resources: [permission] });
      expect((await call({})).StatusCode).to.equal(200);
      expect(await messageOf(call({ sourceArn: `${topicArn}-other` }))).to.match(/lambda:InvokeFunction/);
      expect(await messageOf(call({ principal: "events.amazonaws.com" }))).to.match(/lambda:InvokeFunction/);
    });

    it("are needed", async () => {
      await start();
      expect(await messageOf(call({}))).to.match(/lambda:InvokeFunction/);
    });

    it("can be read", async () => {
      const { client } = await start({ resources: [permission] });
      const { Policy } = await client.send(new GetPolicyCommand({ FunctionName: "worker" }));
      expect(JSON.parse(Policy!).Statement).to.deep.equal([
        {
          Sid: "from-topic",
          Effect: "Allow",
          Principal: { Service: "sns.amazonaws.com" },
          Action: "lambda:InvokeFunction",
          Resource: "arn:aws:lambda:us-east-1:000000000000:function:worker",
          Condition: { ArnLike: { "AWS:SourceArn": "arn:aws:sns:us-east-1:*:messages" } },
        },
      ]);
    });

    it("report that there are none", async () => {
      const { client } = await start();
      expect(await messageOf(client.send(new GetPolicyCommand({ FunctionName: "worker" })))).to.match(/^ResourceNotFoundException/);
    });
  });
});
