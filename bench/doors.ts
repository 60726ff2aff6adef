/**
 * Compares the events door with Bolt for JavaScript on Lambda, and both with an empty handler. All three are bundled with the same options.
 *
 * - size: bytes of the archive, zipped
 * - first: a process starts, loads the archive and answers its first request, milliseconds
 * - warm: one more request in the same process, milliseconds, after a thousand requests for which V8 still compiles
 *
 * Each request is a signed message with two hashtags. The door and Bolt do the same work for it: they verify and parse it, count it in one
 * transaction, publish it, settle it and write a line of metrics, with the same version of the AWS SDK. AWS is a process that answers at once. CPU time decides, because
 * other load on the machine hardly changes it.
 */
import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import * as esbuild from "esbuild";
import { buildOptions, root } from "../components/bundling/function-modules";
import { artefactNode, readArchive, unpack, zippedBytes } from "../test/artefacts/archive";
import { runWholeProgram } from "../test/program";
import { median } from "./median";

/** Enough for a stable median on a busy machine. */
const runs = 11;
const warmRequests = 1000;

const boltVersion = "5";
const secret = "bench";

const bare = "exports.handler = async () => ({ statusCode: 200, body: '' });";

/** Bolt's own example for Lambda, with one listener that does the door's work. */
const bolt = `
  const { App, AwsLambdaReceiver } = require("@slack/bolt");
  const { DynamoDBClient, TransactWriteItemsCommand, UpdateItemCommand } = require("@aws-sdk/client-dynamodb");
  const { PublishCommand, SNSClient } = require("@aws-sdk/client-sns");
  const { marshall } = require("@aws-sdk/util-dynamodb");
  const { randomUUID } = require("node:crypto");

  const dynamodb = new DynamoDBClient({});
  const sns = new SNSClient({});
  const receiver = new AwsLambdaReceiver({ signingSecret: ${JSON.stringify(secret)} });
  const authorize = async () => ({ botToken: "xoxb-bench", botId: "B0001", botUserId: "UBOT01" });
  const app = new App({ authorize, receiver });

  const putOnce = Item => ({
    Put: {
      TableName: "seen",
      Item: marshall(Item),
      ConditionExpression: "attribute_not_exists(#key)",
      ExpressionAttributeNames: { "#key": "event_id" },
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    },
  });
  const count = word => ({
    Update: {
      TableName: "words",
      Key: marshall({ word }),
      UpdateExpression: "SET #ranking = :ranking ADD #count :one",
      ExpressionAttributeNames: { "#count": "count", "#ranking": "ranking" },
      ExpressionAttributeValues: marshall({ ":one": 1, ":ranking": "T0001#public#annotation#0" }),
    },
  });

  app.message(async ({ message, body }) => {
    const words = message.text.match(/#[a-z]+/g);
    const key = [body.team_id, message.channel, message.ts].join("-");
    const id = key + "-events";
    const envelope = JSON.stringify({
      specversion: "1.0",
      id,
      source: "slack://" + body.team_id + "/events",
      type: "slack.message",
      subject: message.channel + "/" + message.ts,
      time: new Date(Number(message.ts) * 1000).toISOString(),
      datacontenttype: "application/json",
      data: { ...message, tokens: Object.fromEntries(words.map(word => [word, 1])), files: [], private: false, mentionsBot: false },
    });
    const attempt = randomUUID();
    const expires_at = Math.ceil(Date.now() / 1000) + 172800;
    const TransactItems = [
      putOnce({ event_id: id, envelope, channel_type: "channel", pending: "yes", accepted_at: Date.now(), attempt }),
      putOnce({ event_id: "event#" + body.team_id + "#" + body.event_id, message_id: id, expires_at, attempt }),
      putOnce({ event_id: key + "#counter", version: "0", counts: JSON.stringify(words), private: false, times: 1, expires_at, attempt }),
      ...words.map(count),
    ];
    await dynamodb.send(new TransactWriteItemsCommand({ TransactItems, ClientRequestToken: randomUUID() }));
    const attributes = { type: "slack.message", door: "events", hasFiles: false, mentionsBot: false, private: false, threaded: false, channelType: "channel" };
    const MessageAttributes = Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => [name, { DataType: "String", StringValue: String(value) }]),
    );
    await sns.send(new PublishCommand({ TopicArn: "arn:aws:sns:us-east-1:000000000000:messages", Message: envelope, MessageGroupId: body.team_id, MessageAttributes }));
    await dynamodb.send(
      new UpdateItemCommand({
        TableName: "seen",
        Key: marshall({ event_id: id }),
        UpdateExpression: "SET answer = if_not_exists(answer, :answer), expires_at = :expires REMOVE pending, tokens",
        ConditionExpression: "attribute_exists(envelope)",
        ExpressionAttributeValues: marshall({ ":answer": "", ":expires": expires_at }),
        ReturnValues: "ALL_NEW",
      }),
    );
    const metrics = ["Messages", "Tokens", "AckMs"].map(Name => ({ Name, Unit: "Count" }));
    const _aws = { Timestamp: Date.now(), CloudWatchMetrics: [{ Namespace: "bench", Dimensions: [["service"]], Metrics: metrics }] };
    process.stdout.write(JSON.stringify({ _aws, service: "events", messageId: id, Messages: 1, Tokens: words.length, AckMs: 1 }) + "\\n");
  });
  let started;
  exports.handler = async (event, context, callback) => (await (started ??= receiver.start()))(event, context, callback);`;

/** Answers the calls at once. Prints its address, and at the end how many calls it got. */
const aws = `
  const answers = { TransactWriteItems: "{}", UpdateItem: JSON.stringify({ Attributes: { event_id: { S: "x" }, answer: { S: "" } } }) };
  const published = "<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>";
  const server = require("node:http").createServer((request, response) => {
    request.resume().on("end", () => {
      const target = request.headers["x-amz-target"]?.split(".")[1];
      response.setHeader("content-type", target === undefined ? "text/xml" : "application/x-amz-json-1.0");
      response.end(target === undefined ? published : answers[target]);
    });
  });
  server.listen(0, "127.0.0.1", () => console.log(server.address().port));`;

/** Prints the time from the start of the process to its first answer, and that of one more request, in milliseconds. */
const measure = `
  const { handler } = require(process.argv[1] + "/__index.js");
  const read = name => JSON.parse(require("node:fs").readFileSync(process.argv[2] + "/" + name, "utf8"));
  const cpuMs = () => (process.cpuUsage().user + process.cpuUsage().system) / 1000;
  const ask = async event => {
    const answer = await handler(event, {}, () => {});
    if (answer.statusCode !== 200) throw new Error(JSON.stringify(answer));
  };
  (async () => {
    await ask(read("first.json"));
    const [firstCpuMs, firstMs] = [cpuMs(), performance.now()];
    // Reading two thousand requests takes as long as a tenth of a cold start.
    const others = read("others.json");
    const warm = others.splice(others.length / 2);
    for (const event of others) await ask(event);
    const [fromCpuMs, fromMs] = [cpuMs(), performance.now()];
    for (const event of warm) await ask(event);
    const per = total => total / warm.length;
    console.log(JSON.stringify({ firstCpuMs, firstMs, warmCpuMs: per(cpuMs() - fromCpuMs), warmMs: per(performance.now() - fromMs) }));
    process.exit(0);
  })();`;

interface Measured {
  firstCpuMs: number;
  firstMs: number;
  warmCpuMs: number;
  warmMs: number;
}

const sign = (body: string) => {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = `v0=${createHmac("sha256", secret).update(`v0:${timestamp}:${body}`).digest("hex")}`;
  return {
    headers: { "content-type": "application/json", "x-slack-request-timestamp": timestamp, "x-slack-signature": signature },
    requestContext: { http: { method: "POST" } },
    body,
    isBase64Encoded: false,
  };
};

/** Builds what API Gateway hands over when somebody says something. */
const buildRequest = (_: unknown, index: number) => {
  const ts = `${Math.floor(Date.now() / 1000)}.${String(index).padStart(6, "0")}`;
  const text = "The new release is on its way to production #deploy #release";
  const event = { type: "message", channel: "C0001", channel_type: "channel", user: "U0001", text, ts, event_ts: ts, team: "T0001" };
  const authorizations = [{ enterprise_id: null, team_id: "T0001", user_id: "UBOT01", is_bot: true, is_enterprise_install: false }];
  const about = {
    token: "bench",
    team_id: "T0001",
    api_app_id: "A0001",
    event_id: `Ev${index}`,
    event_time: Math.floor(Date.now() / 1000),
  };
  return sign(JSON.stringify({ ...about, event, type: "event_callback", authorizations, is_ext_shared_channel: false }));
};

const bundleBolt = async (folder: string): Promise<string> => {
  const install = ["install", "--prefix", folder, "--no-save", "--no-package-lock", `@slack/bolt@${boltVersion}`];
  execFileSync("npm", install, { stdio: "ignore" });
  const entry = join(folder, "app.js");
  writeFileSync(entry, bolt);
  const { outputFiles } = await esbuild.build({
    ...buildOptions,
    sourcemap: false,
    entryPoints: [entry],
    nodePaths: [join(root, "node_modules")],
    write: false,
    logLevel: "error",
  });
  return outputFiles[0]!.text;
};

const startAws = async (): Promise<{ url: string; process: ChildProcess }> => {
  const process = spawn(artefactNode, ["-e", aws], { stdio: ["ignore", "pipe", "inherit"] });
  const [port] = (await once(process.stdout, "data")) as [Buffer];
  return { url: `http://127.0.0.1:${port.toString().trim()}`, process };
};

const measureOnce = async (folder: string, requests: string, awsUrl: string): Promise<Measured> => {
  const credentials = { AWS_ACCESS_KEY_ID: "x", AWS_SECRET_ACCESS_KEY: "x", AWS_SESSION_TOKEN: "x" };
  const variables = {
    SIGNING_SECRET: secret,
    AWS_REGION: "us-east-1",
    AWS_ENDPOINT_URL: awsUrl,
    AWS_LAMBDA_FUNCTION_NAME: "events",
    ...credentials,
  };
  const env = { ...variables, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" };
  const { stdout } = await promisify(execFile)(artefactNode, ["-e", measure, folder, requests], { cwd: folder, env, maxBuffer: Infinity });
  return JSON.parse(stdout.trim().split("\n").at(-1)!) as Measured;
};

const main = async () => {
  const folder = mkdtempSync(join(tmpdir(), "slack-fanout-bench-"));
  const { url, process: awsProcess } = await startAws();
  try {
    const { inventory } = await runWholeProgram();
    const events = inventory.ofType("aws:lambda/function:Function").find(({ name }) => name === "events")!;
    const rivals: Record<string, Record<string, string>> = {
      "bare handler": { "__index.js": bare },
      "events door": await readArchive(events.inputs["code"]),
      "Bolt on Lambda": { "__index.js": await bundleBolt(folder) },
    };
    for (const [name, texts] of Object.entries(rivals)) await unpack(texts, join(folder, name));
    const measured = Object.fromEntries(Object.keys(rivals).map(name => [name, [] as Measured[]]));
    for (let run = 0; run < runs; run += 1) {
      // Signatures are valid for five minutes.
      const [first, ...others] = Array.from({ length: 2 * warmRequests + 1 }, buildRequest);
      writeFileSync(join(folder, "first.json"), JSON.stringify(first));
      writeFileSync(join(folder, "others.json"), JSON.stringify(others));
      // Alternating, so that other load on the machine affects all alike.
      for (const name of Object.keys(rivals)) measured[name]!.push(await measureOnce(join(folder, name), folder, url));
    }

    const medianOf = (name: string, key: keyof Measured) => median(measured[name]!.map(each => each[key]));
    for (const [name, texts] of Object.entries(rivals)) {
      const show = (key: keyof Measured, digits: number) => {
        const ratio = medianOf(name, key) / medianOf("Bolt on Lambda", key);
        return `${medianOf(name, key).toFixed(digits).padStart(6)} ms (x${ratio.toFixed(2)})`;
      };
      console.log(
        `${name.padEnd(16)} size ${String(zippedBytes(texts)).padStart(7)} B   first, CPU ${show("firstCpuMs", 0)} wall ${show("firstMs", 0)}   warm, CPU ${show("warmCpuMs", 3)} wall ${show("warmMs", 3)}`,
      );
    }
    console.log(`\nMeasured with Node.js ${execFileSync(artefactNode, ["--version"], { encoding: "utf8" }).trim()}.`);
    console.log("\nArchives, bytes zipped:");
    for (const { name, inputs } of inventory.ofType("aws:lambda/function:Function")) {
      console.log(`${name.padEnd(34)} ${String(zippedBytes(await readArchive(inputs["code"]))).padStart(8)}`);
    }
  } finally {
    awsProcess.kill();
    await esbuild.stop();
    rmSync(folder, { recursive: true });
  }
};

main().then(
  () => process.exit(0),
  (error: Error) => {
    console.error(error);
    process.exit(1);
  },
);
