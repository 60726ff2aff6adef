import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { LaptopProcess, untilTaken } from "./laptop-process";
import { Tables } from "./tables";

const root = join(__dirname, "../..");

/** The system picks free ports. */
const FREE_PORTS = { PORT: "0", AWS_PORT: "0" };

/** A start without the features takes two thirds of the time. */
const LEAST = ["--config", "features=", "--config", "agent=off"];

const OTHER_PROGRAM = "packages/laptop-cloud/test/program/other-program";

/** How long an orderly stop may take after a signal. */
const STOP_LIMIT_MS = 5000;

/** Whether any process of a group is left. */
const isGroupAlive = (leader: number): boolean => {
  try {
    return process.kill(-leader, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
};

/** Runs the command to its end. */
const runToEnd = (directory: string, args: string[] = [], environment: Record<string, string> = {}) =>
  spawnSync(process.execPath, ["-C", "slack-fanout-source", "-r", "./bin/load-typescript.cjs", "laptop.ts", ...args], {
    cwd: root,
    env: { ...process.env, ...FREE_PORTS, LOCAL_DIR: directory, ...environment },
    encoding: "utf8",
  });

describe("npm start", () => {
  // Starting takes seconds, so a laptop runs on from test to test. A test must not depend on what an earlier one left.
  describe("on one directory", () => {
    let laptop: LaptopProcess;

    before(async () => {
      laptop = await LaptopProcess.create();
    });
    beforeEach(async () => {
      if (!laptop.isRunning) await laptop.start(...LEAST);
    });
    after(() => laptop?.remove());

    const say = async (text: string, timestamp: string) => (await laptop.webhook({ text, timestamp })).status;
    const endpointsExist = () => existsSync(join(laptop.directory, "endpoints.json"));
    const shutDown = async (end: () => Promise<number | null>) => {
      const startedMs = performance.now();
      expect(await end(), laptop.output).to.equal(0);
      expect(performance.now() - startedMs).to.be.lessThan(STOP_LIMIT_MS);
      expect(endpointsExist()).to.equal(false);
    };

    it("prints the page's address and writes endpoints.json", async () => {
      const { page, api, aws, slack, mail, region, outputs } = laptop.endpoints;
      // The file may exist before the printed lines have arrived through the pipe.
      await eventually(() => laptop.output.includes(page));
      for (const url of [page, api, aws, slack, mail]) expect(url).to.match(/^http:\/\/127\.0\.0\.1:\d+/);
      expect(region).to.equal("us-east-1");
      expect(outputs).to.include.keys(
        "url",
        "webhookUrl",
        "eventsUrl",
        "commandsUrl",
        "messagesTopicArn",
        "successesTopicArn",
        "errorsTopicArn",
      );
      expect(outputs).to.include.keys("wordsTable", "seenTable", "slackManifest");
      expect(outputs["webhookUrl"]).to.equal(`${page}/api-gateway/webhook`);
      expect((await fetch(page)).status).to.equal(200);
    });

    it("refuses a second process on the same directory, with a sentence", async () => {
      const { status, stderr } = runToEnd(laptop.directory);

      expect(status).to.equal(1);
      expect(stderr).to.contain("Another laptop cloud runs in").and.to.contain("LOCAL_DIR");
      expect((await fetch(laptop.endpoints.page)).status).to.equal(200);
    });

    it("refuses keys of an earlier start", async () => {
      const dynamodb = new DynamoDBClient({
        ...laptop.client,
        credentials: { accessKeyId: "ASIAEARLIER", secretAccessKey: "x", sessionToken: "of-an-earlier-start" },
      });
      const error = await dynamodb.send(new ScanCommand({ TableName: "words" })).then(
        () => undefined,
        (caught: Error) => caught,
      );

      expect(error?.name).to.equal("UnrecognizedClientException");
    });

    it("shuts down within 5 s of Ctrl-C, lets functions finish their work, and keeps state and time", async () => {
      await laptop.advance(3600);
      // Slow enough to be under way when the signal comes.
      await laptop.control("weather", { delayMs: 300 });
      const status = await say("awsadvent interrupted", "1763805600.000001");

      await shutDown(() => laptop.interrupt());
      await laptop.start(...LEAST);

      expect(status).to.equal(200);
      expect((await laptop.nowMs()) - Date.now()).to.be.greaterThan(3_500_000);
      const tables = new Tables(laptop);
      await laptop.settles(async () => (await tables.counts(["interrupted"]))["interrupted"] === 11);
    });

    it("keeps messages through kill -9, and delivers those in flight, even if a program with an unknown resource is refused in between", async () => {
      const words = Array.from({ length: 20 }, (_, index) => `survivor${index}`);
      const statuses = await Promise.all(words.map((word, index) => say(word, `1763805600.0001${String(index).padStart(2, "0")}`)));
      await laptop.end("SIGKILL");

      expect(endpointsExist()).to.equal(true);
      const { status, stderr } = runToEnd(laptop.directory, ["--program", OTHER_PROGRAM], { WITH_FILE_SYSTEM: "1" });
      expect([status, endpointsExist()]).to.deep.equal([1, false]);
      expect(stderr).to.contain('"shared" is a aws:efs/fileSystem:FileSystem, which the laptop cloud does not imitate.');
      await laptop.start(...LEAST);

      const acked = words.filter((_, index) => statuses[index] === 200);
      const tables = new Tables(laptop);
      expect(acked).not.to.be.empty;
      await laptop.settles(async () => {
        expect(await tables.distinctCounts(acked)).to.deep.equal([11]);
        expect(await tables.pending()).to.be.empty;
        return true;
      });
    });

    describe("again after SIGTERM, with --fresh and settings for this start", () => {
      before(async () => {
        if (!laptop.isRunning) await laptop.start(...LEAST);
        await say("awsadvent forgotten", "1763805600.000002");
        await laptop.advance(3600);
        expect((await new Tables(laptop).counts(["forgotten"]))["forgotten"]).to.be.oneOf([1, 11]);
        await shutDown(() => laptop.end("SIGTERM"));
        const settings = ["triggerWords=hello,bye", "publish=false", "aws:region=eu-west-1"].flatMap(setting => ["--config", setting]);
        await laptop.start("--fresh", ...LEAST, ...settings, "--allow-host", "abc.tunnel.example");
      });

      it("has no state", async () => {
        expect(await new Tables(laptop).counts(["forgotten"])).to.deep.equal({ forgotten: 0 });
        expect(Math.abs((await laptop.nowMs()) - Date.now())).to.be.lessThan(60_000);
      });

      it("has the settings, and opens the signed doors to the tunnel", async () => {
        expect(laptop.endpoints.region).to.equal("eu-west-1");
        expect(await statusFor("abc.tunnel.example", "/api-gateway/events")).to.equal(401);
        expect(await statusFor("abc.tunnel.example", "/control/clock")).to.equal(403);
      });

      it("counts and answers without a topic", async () => {
        const answerTo = async (timestamp: string) =>
          (await untilTaken(() => laptop.webhook({ text: "bye unpublished", timestamp, trigger_word: "bye" }))).json();
        const answers = [await answerTo("1763805600.000001"), await answerTo("1763805600.000002")];
        expect(answers).to.deep.equal([1, 2].map(count => ({ text: `\`bye\` = ${count}\n\`unpublished\` = ${count}` })));
        expect(await new Tables(laptop).pending()).to.deep.equal([]);
        expect(laptop.endpoints.outputs).not.to.have.property("messagesTopicArn");

        const tell = async (text: string) => ((await (await laptop.command("/words", text)).json()) as { text: string }).text;
        expect(await tell("")).to.include("`unpublished` = 2");
        expect(await tell("unpublished")).to.equal("*Counts of* `unpublished`\nall time = 2");
        for (const text of ["today", "mine", "forget"]) expect(await tell(text)).to.match(/^Only the counts of all time are kept here\./);
      });

      /** fetch can't set the Host header. */
      const statusFor = (host: string, path: string) =>
        new Promise((resolve, reject) => {
          const url = new URL(path, laptop.endpoints.page);
          const headers = { host, "content-type": "application/json" };
          request(url, { method: "POST", headers }, response => resolve(response.resume().statusCode))
            .on("error", reject)
            .end("{}");
        });
    });
  });

  describe("on a directory of its own", () => {
    let laptop: LaptopProcess;

    beforeEach(async () => {
      laptop = await LaptopProcess.create();
    });
    afterEach(() => laptop.remove());

    it("does not outlive npm after kill -9", async () => {
      const npm = spawn("npm", ["start", "--", "--program", OTHER_PROGRAM], {
        cwd: root,
        env: { ...process.env, PORT: "0", AWS_PORT: "0", LOCAL_DIR: laptop.directory },
        stdio: "ignore",
        detached: true,
      });
      try {
        await eventually(() => existsSync(join(laptop.directory, "endpoints.json")), 60_000);
        npm.kill("SIGKILL");
        await eventually(() => !isGroupAlive(npm.pid!));
      } finally {
        if (isGroupAlive(npm.pid!)) process.kill(-npm.pid!, "SIGKILL");
      }
    });

    it("names the file that blocks its folder, and says what to do", async () => {
      await mkdir(join(laptop.directory, "endpoints.json"));
      const { status, stderr } = runToEnd(laptop.directory, ["--program", OTHER_PROGRAM]);

      expect(status).to.equal(1);
      expect(stderr).to.match(/The laptop cloud can't use a file in its folder: .*endpoints\.json.*--fresh/);
      expect(stderr).not.to.match(/^ +at /m);
    });

    it("explains its options", () => {
      const { status, stdout } = runToEnd(laptop.directory, ["--help"]);

      expect(status).to.equal(0);
      for (const option of ["--config KEY=VALUE", "--allow-host NAME", "--fresh", "--program DIR", "--help", "AWS_PORT", "LOCAL_DIR"])
        expect(stdout).to.include(option);
    });

    it("refuses a bad value of a setting, in a sentence", () => {
      const { status, stderr } = runToEnd(laptop.directory, ["--config", "payroll.currency=JPY"]);

      expect(status).to.equal(1);
      expect(stderr)
        .to.match(/--config payroll.currency="JPY" is refused: .*ISO 4217.*\)\.$/m)
        .and.not.to.match(/\n\s+at /);
    });
  });
});
