/**
 * Compares the doors with their alternative, Bolt for JavaScript on Lambda, and with a handler that does nothing.
 *
 * `node -C slack-fanout-source -r ./bin/load-typescript.cjs bench/doors.ts`. Bolt is installed into a temporary folder and bundled with the same esbuild options. Every
 * row is measured in the same run, alternating. The last column of each table compares with the bare handler.
 *
 * - size: bytes of the archive, zipped
 * - cold: a process starts, loads the archive and answers its first request, milliseconds
 * - warm: one more request in the same process, milliseconds
 *
 * The request is Slack's signed `url_verification`, which both verify, parse and answer without any other service.
 */
import { execFileSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as esbuild from "esbuild";
import { readArchive, unpack, zippedBytes } from "../test/artefacts/archive";
import { runWholeProgram } from "../test/program";
import { median } from "./median";

/** Enough for a stable median on a busy machine. */
const coldRuns = 15;
const warmRequests = 2000;

const boltVersion = "4";
const secret = "bench";

const bare = "exports.handler = async () => ({ statusCode: 200, body: '' });";

/** Bolt's own example for Lambda, with one listener. */
const bolt = `
  const { App, AwsLambdaReceiver } = require("@slack/bolt");
  const receiver = new AwsLambdaReceiver({ signingSecret: ${JSON.stringify(secret)} });
  const app = new App({ token: "xoxb-bench", receiver, tokenVerificationEnabled: false });
  app.message(async () => {});
  let started;
  exports.handler = async (event, context, callback) => (await (started ??= receiver.start()))(event, context, callback);`;

/** Prints the milliseconds from the start of the process to its first answer, and of one more request. */
const measure = `
  const started = performance.timeOrigin;
  const { handler } = require(process.argv[1] + "/__index.js");
  const event = JSON.parse(process.argv[2]);
  (async () => {
    const answer = await handler(event, {}, () => {});
    const cold = performance.timeOrigin + performance.now() - started;
    if (answer.statusCode !== 200) throw new Error(JSON.stringify(answer));
    const from = performance.now();
    for (let count = 0; count < ${warmRequests}; count += 1) await handler(event, {}, () => {});
    console.log(JSON.stringify({ cold, warm: (performance.now() - from) / ${warmRequests} }));
    process.exit(0);
  })();`;

const signedRequest = () => {
  const body = JSON.stringify({ type: "url_verification", challenge: "3eZbrw1a", token: "bench" });
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = `v0=${createHmac("sha256", secret).update(`v0:${timestamp}:${body}`).digest("hex")}`;
  return {
    headers: { "content-type": "application/json", "x-slack-request-timestamp": timestamp, "x-slack-signature": signature },
    requestContext: { http: { method: "POST" } },
    body,
    isBase64Encoded: false,
  };
};

const bundleBolt = async (folder: string): Promise<string> => {
  const install = ["install", "--prefix", folder, "--no-save", "--no-package-lock", `@slack/bolt@${boltVersion}`];
  execFileSync("npm", install, { stdio: "ignore" });
  const entry = join(folder, "app.js");
  writeFileSync(entry, bolt);
  const { outputFiles } = await esbuild.build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    platform: "node",
    format: "cjs",
    target: "node20.19",
    mainFields: ["module", "main"],
    write: false,
    logLevel: "error",
  });
  return outputFiles[0]!.text;
};

const measureOnce = (folder: string): { cold: number; warm: number } => {
  const variables = { SIGNING_SECRET: secret, AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "x", AWS_SECRET_ACCESS_KEY: "x" };
  const env = { ...variables, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" };
  const printed = execFileSync(process.execPath, ["-e", measure, folder, JSON.stringify(signedRequest())], {
    cwd: folder,
    env,
    encoding: "utf8",
  });
  return JSON.parse(printed.trim().split("\n").at(-1)!) as { cold: number; warm: number };
};

const main = async () => {
  const folder = mkdtempSync(join(tmpdir(), "slack-fanout-bench-"));
  try {
    const { inventory } = await runWholeProgram();
    const events = inventory.ofType("aws:lambda/function:Function").find(({ name }) => name === "events")!;
    const rivals: Record<string, Record<string, string>> = {
      "bare handler": { "__index.js": bare },
      "events door": await readArchive(events.inputs["code"]),
      "Bolt on Lambda": { "__index.js": await bundleBolt(folder) },
    };
    for (const [name, texts] of Object.entries(rivals)) await unpack(texts, join(folder, name));
    const measured = Object.fromEntries(Object.keys(rivals).map(name => [name, [] as { cold: number; warm: number }[]]));
    // Alternating, so that other load on the machine affects all alike.
    for (let run = 0; run < coldRuns; run += 1)
      for (const name of Object.keys(rivals)) measured[name]!.push(measureOnce(join(folder, name)));

    const base = median(measured["bare handler"]!.map(({ cold }) => cold));
    for (const [name, texts] of Object.entries(rivals)) {
      const cold = median(measured[name]!.map(run => run.cold));
      const warm = median(measured[name]!.map(run => run.warm));
      console.log(
        `${name.padEnd(16)} size ${String(zippedBytes(texts)).padStart(8)} B   cold ${cold.toFixed(0).padStart(5)} ms (x${(cold / base).toFixed(1)})   warm ${warm.toFixed(3)} ms`,
      );
    }
    console.log("\nArchives, bytes zipped:");
    for (const { name, inputs } of inventory.ofType("aws:lambda/function:Function")) {
      console.log(`${name.padEnd(34)} ${String(zippedBytes(await readArchive(inputs["code"]))).padStart(8)}`);
    }
  } finally {
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
