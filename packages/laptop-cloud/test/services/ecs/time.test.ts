import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DescribeTasksCommand, ECSClient, type ECSClientConfig, ListTasksCommand } from "@aws-sdk/client-ecs";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { eventually, startKillableCloud } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { isAlive } from "../../processes";
import { sdk, startContainers } from "./containers-under-test";

const hourSeconds = 3600;

/** Receives messages and keeps each for so long; with `beats`, it sends a heartbeat every 30 s. */
const holding = (seconds: number, beats: boolean) => `
  const { SQSClient, ReceiveMessageCommand, ChangeMessageVisibilityCommand, DeleteMessageCommand } = require(${sdk("client-sqs")});
  const client = new SQSClient({});
  const QueueUrl = process.env.AWS_ENDPOINT_URL + "/000000000000/jobs";
  const hold = ({ Body, ReceiptHandle }) => {
    console.log("took " + Body);
    const extend = () => void client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 120 }));
    const beat = ${beats} ? setInterval(extend, 30_000) : undefined;
    setTimeout(async () => {
      clearInterval(beat);
      await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      console.log("done " + Body);
    }, ${seconds} * 1000);
  };
  (async () => {
    for (;;) {
      const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
      Messages.forEach(hold);
    }
  })();`;

describe("a container's time", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "slack-fanout-ecs-time-"));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const withContainer = async (
    code: string,
    use: (laptop: Awaited<ReturnType<typeof startContainers>>, lines: () => string[]) => Promise<void>,
  ) => {
    const laptop = await startContainers(directory, { code });
    const lines = () => laptop.cloud.occurrences.all().flatMap(({ kind, detail }) => (kind === "log" ? [String(detail!["line"])] : []));
    try {
      await use(laptop, lines);
    } finally {
      await laptop.stop();
    }
  };

  for (const [what, seconds, beats] of [
    ["keeps a message for twenty minutes by heartbeats", 1200, true],
    ["loses it within ten minutes without them", 600, false],
  ] as const) {
    it(what, async () => {
      await withContainer(holding(seconds, beats), async (laptop, lines) => {
        const sqs = new SQSClient(laptop.client);
        const QueueUrl = `${laptop.cloud.place.awsUrl}/000000000000/jobs`;
        await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "job" }));
        await eventually(() => lines().includes("took job"));
        const fromMs = laptop.cloud.clock.nowMs();
        await laptop.cloud.clock.advanceInSteps(seconds + 60);
        expect(laptop.cloud.clock.nowMs() - fromMs).to.be.within((seconds + 60) * 1000, (seconds + 120) * 1000);
        await eventually(() => lines().includes("done job"));
        const takes = lines().filter(line => line === "took job").length;
        if (beats) expect(takes).to.equal(1);
        else expect(takes).to.be.above(1);
      });
    });
  }

  it("does not delay time for a container that only polls for work", async () => {
    await withContainer(holding(hourSeconds, true), async laptop => {
      const { clock } = laptop.cloud;
      let moves = 0;
      clock.onMove(() => moves++);
      const fromMs = clock.nowMs();
      await clock.advanceInSteps(30 * 24 * 3600);
      expect(clock.nowMs() - fromMs).to.be.at.least(30 * 24 * 3600 * 1000);
      // Five minutes in steps of half a minute, until it is clear that it holds nothing; then the rest.
      expect(moves).to.be.within(2, 15);
    });
  });

  it("fires timers in order, in step with Date, also those of modules", async () => {
    const code = `
      const timers = require("node:timers");
      const { setTimeout: wait, setInterval: every, scheduler } = require("timers/promises");
      const startMs = Date.now();
      const say = what => console.log(what, new Date().getTime() - startMs >= ({ minute: 60, hour: 3600, "module's": 7200, promised: 10800, scheduled: 14400 })[what] * 1000);
      setTimeout(say, 3_600_000, "hour");
      setTimeout(say, 60_000, "minute");
      clearTimeout(setTimeout(() => console.log("cleared"), 60_000));
      clearTimeout(+setTimeout(() => console.log("cleared by number"), 60_000));
      timers.setTimeout(say, 7_200_000, "module's");
      require("node:util").promisify(setTimeout)(18_000_000, "promisified").then(value => console.log(value));
      wait(10_800_000, "promised").then(say);
      scheduler.wait(14_400_000).then(() => say("scheduled"));
      const aborter = new AbortController();
      wait(60_000, undefined, { signal: aborter.signal }).catch(error => console.log(error.name, error.code, error.cause === aborter.signal.reason));
      aborter.abort();
      (async () => {
        let rounds = 0;
        for await (const value of every(3_600_000, "round")) if (++rounds === 3) break;
        console.log("three rounds", Date.now() - startMs >= 3 * 3_600_000);
      })();
      setTimeout(() => {}, 1e9).unref();
      setTimeout(() => console.log("real time goes on"), 20);`;
    await withContainer(code, async (laptop, lines) => {
      await eventually(() => lines().includes("real time goes on"));
      await laptop.cloud.clock.advanceInSteps(5 * 3600);
      await eventually(() => lines().includes("promisified"));
      const expected = ["AbortError ABORT_ERR true", "real time goes on", "minute true", "hour true", "module's true", "promised true"];
      expect(lines().filter(line => line !== "three rounds true")).to.deep.equal([...expected, "scheduled true", "promisified"]);
      expect(lines()).to.include("three rounds true");
    });
  });

  it("starts at the cloud's time", async () => {
    await withContainer("setInterval(() => {}, 1e9)", async laptop => laptop.cloud.clock.advance(86_400));
    await withContainer("console.log(Date.now()); setInterval(() => {}, 1e9)", async (laptop, lines) => {
      const [line] = await eventually(() => lines().length > 0 && lines());
      expect(Number(line)).to.be.closeTo(laptop.cloud.clock.nowMs(), 60_000);
    });
  });

  it("waits for calls that timers begin before time goes on", async () => {
    const code = `
      const http = require("node:http");
      const server = http.createServer((request, response) => setImmediate(() => response.end("beat")));
      server.listen(0, "127.0.0.1", () => {
        const url = "http://127.0.0.1:" + server.address().port;
        let beats = 0;
        setInterval(async () => {
          await (await fetch(url)).text();
          await new Promise(resolve => http.get(url, response => response.resume().on("end", resolve)));
          console.log("beat " + ++beats);
        }, 30_000);
        console.log("up");
      });`;
    await withContainer(code, async (laptop, lines) => {
      await eventually(() => lines().includes("up"));
      await laptop.cloud.clock.advanceInSteps(600);
      await eventually(() => lines().length === 21);
      expect(lines().at(-1)).to.equal("beat 20");
    });
  });

  it("does not delay time for a request that never ends", async () => {
    const code = `
      const http = require("node:http");
      const server = http.createServer(() => {}).listen(0, "127.0.0.1", () => {
        http.get("http://127.0.0.1:" + server.address().port).on("error", () => {});
        setTimeout(() => console.log("an hour"), 3_600_000);
        console.log("up");
      });`;
    await withContainer(code, async (laptop, lines) => {
      await eventually(() => lines().includes("up"));
      await laptop.cloud.clock.advanceInSteps(3600);
      await eventually(() => lines().includes("an hour"));
    });
  });

  it("does not wait for a busy container", async () => {
    const code = `
      setTimeout(() => console.log("a minute"), 60_000);
      setTimeout(() => {
        console.log("up");
        // Blocks the event loop without using the processor.
        const never = new Int32Array(new SharedArrayBuffer(4));
        while (!require("node:fs").existsSync("go-on")) Atomics.wait(never, 0, 0, 20);
      }, 1);
      setInterval(() => {}, 1e9);`;
    await withContainer(code, async (laptop, lines) => {
      await eventually(() => lines().includes("up"));
      await laptop.cloud.clock.advanceInSteps(90);
      expect(lines()).to.not.include("a minute");
      await writeFile(join(directory, "image", "go-on"), "");
      await eventually(() => lines().includes("a minute"));
    });
  });

  it("stops when the cloud stops", async () => {
    const laptop = await startContainers(directory, { code: "setInterval(() => {}, 1000)" });
    const { clock } = laptop.cloud;
    const fromMs = clock.nowMs();
    let advancing: Promise<void> | undefined;
    await new Promise<void>(resolve => {
      clock.onMove(() => resolve());
      advancing = clock.advanceInSteps(8 * hourSeconds);
    });
    await laptop.stop();
    await advancing;
    expect(clock.nowMs() - fromMs).to.be.below(4 * hourSeconds * 1000);
  });

  it("ends with the cloud, also after kill -9 of the cloud", async () => {
    const args = [directory, "setInterval(() => {}, 1e9)"];
    const { started, kill } = await startKillableCloud<ECSClientConfig>(join(__dirname, "killable-cloud.ts"), { args });
    const client = new ECSClient(started);
    const { taskArns } = await client.send(new ListTasksCommand({ cluster: "main" }));
    const { tasks } = await client.send(new DescribeTasksCommand({ cluster: "main", tasks: taskArns }));
    const pid = Number(tasks![0]!.containers![0]!.runtimeId);
    expect(isAlive(pid)).to.equal(true);
    await kill();
    await eventually(() => !isAlive(pid));
  });
});
