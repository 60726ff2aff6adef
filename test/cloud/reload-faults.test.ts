import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { Checkout } from "./checkout";
import { LaptopProcess } from "./laptop-process";
import { Tables } from "./tables";

/** Edits that go wrong, or that come at a bad time. */
describe("edits in any order, at any time", () => {
  let checkout: Checkout;
  let laptop: LaptopProcess;
  let tables: Tables;
  let said = 0;

  before(async () => {
    checkout = new Checkout();
    laptop = await (await LaptopProcess.create(checkout.directory)).start("--logs", "errors");
    tables = new Tables(laptop);
  });
  after(async () => {
    await laptop?.remove();
    checkout?.remove();
  });
  afterEach(function () {
    if (this.currentTest?.state === "failed") console.log(laptop.output.slice(-3000));
  });

  /** What the laptop prints from now on. */
  const listen = () => {
    const from = laptop.output.length;
    return { until: (line: RegExp) => eventually(() => line.exec(laptop.output.slice(from))) };
  };

  const say = async (word: string, trigger = "awsadvent"): Promise<string> => {
    said += 1;
    const fields = { text: `${trigger} ${word}`, trigger_word: trigger, timestamp: `${1763805600 + said}.000100` };
    // A door that has no time left to store the message answers 503, and Slack tries again.
    const response = await eventually(async () => {
      const answer = await laptop.webhook(fields);
      return answer.status === 503 ? undefined : answer;
    });
    const text = await response.text();
    expect(response.status, text).to.equal(200);
    return text;
  };

  const counted = (words: string[], count: number) =>
    laptop.settles(async () => {
      expect(await tables.distinctCounts(words)).to.deep.equal([count]);
      return true;
    });

  /** The processes in which the program runs. */
  const listRuns = () =>
    execFileSync("ps", ["-eo", "args"], { encoding: "utf8" })
      .split("\n")
      .filter(line => line.includes(`${checkout.directory}/laptop.ts`));

  it("loses and doubles no message while modules and the program are edited", async () => {
    const words = Array.from({ length: 200 }, (_, index) => `word${index}`);
    const printed = listen();
    const edits = async () => {
      for (let round = 1; round <= 10; round += 1) {
        checkout.write(
          "subscribers/multiplier.ts",
          `${checkout.read("subscribers/multiplier.ts")}\nexport const round${round} = ${round};\n`,
        );
        if (round % 2 === 0) {
          const extra = `new Topic("extra${round}", shared);\nnew Table("extra${round}", { partitionKey: "id:S", production });\n`;
          checkout.write("index.ts", checkout.read("index.ts") + extra);
          checkout.write(
            "Pulumi.local.yaml",
            `${checkout
              .read("Pulumi.local.yaml")
              .replace(/ {2}slack-fanout:burst.*\n/, "")
              .trimEnd()}\n  slack-fanout:burst: ${400 + round}\n`,
          );
        }
        if (round % 3 === 0)
          checkout.write(
            "Pulumi.local.yaml",
            checkout.read("Pulumi.local.yaml").replace(/logRetentionDays: \d+/, `logRetentionDays: ${[1, 3, 5][round / 3 - 1]}`),
          );
        await sleep(1500);
      }
    };
    const messages = async () => {
      for (const word of words) {
        await say(word);
        await sleep(50);
      }
    };

    await Promise.all([edits(), messages()]);
    await printed.until(/reloaded .*extra10/);

    await counted(words, 11);
    await laptop.settles(async () => {
      expect(await tables.pending()).to.deep.equal([]);
      return true;
    });
    expect(await tables.distinctCounts(words)).to.deep.equal([11]);
  });

  it("reload a module that was deleted and made again", async () => {
    const text = checkout.read("subscribers/multiplier.ts");
    const deleted = listen();
    checkout.delete("subscribers/multiplier.ts");
    await deleted.until(/nothing to reload|ERROR/);

    const printed = listen();
    checkout.write("subscribers/multiplier.ts", text.replace("count * this.settings.multiplier", "count * 20"));
    await printed.until(/reloaded multiplier/);

    await say("again");
    await counted(["again"], 21);
  });

  it("reload a statement whose module is written afterwards", async () => {
    const failed = listen();
    checkout.edit(
      "index.ts",
      'messages.subscribe("multiplier", () => require("#subscribers/multiplier") as typeof import("#subscribers/multiplier")',
      'messages.subscribe("multiplier", () => require("#subscribers/doubler") as typeof import("#subscribers/doubler")',
    );
    await failed.until(/keeps running as it was/);
    // The folders are watched again after the line is printed.
    await sleep(500);
    const printed = listen();
    checkout.write("subscribers/doubler.ts", checkout.read("subscribers/multiplier.ts").replace("count * 20", "count * 30"));
    await printed.until(/reloaded .*multiplier/);

    await say("doubled");
    await counted(["doubled"], 31);
  });

  it("run the program again once a module that it failed for is mended", async () => {
    const module = checkout.read("subscribers/doubler.ts");
    const failed = listen();
    checkout.edit("index.ts", "requestsPerSecond: settings.requestsPerSecond", "requestsPerSecond: 77");
    checkout.write("subscribers/doubler.ts", `${module}const = 1;`);
    await failed.until(/keeps running as it was/);
    const printed = listen();
    checkout.write("subscribers/doubler.ts", module);
    await printed.until(/reloaded /);

    expect(JSON.stringify(await laptop.control("inventory"))).to.include("77");
  });

  it("replace a run of the program that never ends", async () => {
    checkout.edit("index.ts", "const has =", "for (;;);\nconst has =");
    await sleep(4000);
    expect(await say("still")).to.include("`still` = 1");
    const printed = listen();
    checkout.edit("index.ts", "for (;;);\nconst has =", "const has =");
    await printed.until(/reloaded slack-fanout/);
  });

  it("apply to grants: a removed one is denied at once, and an added one allowed", async () => {
    const removed = listen();
    checkout.edit(
      "index.ts",
      "wordsTable: words.may(update, readMany, query(rankingIndex))",
      "wordsTable: words.may(readMany, query(rankingIndex))",
    );
    await removed.until(/reloaded /);
    expect((await laptop.webhook({ text: "awsadvent denied", timestamp: "1763905600.000100" })).status).to.be.at.least(500);
    const added = listen();
    checkout.edit(
      "index.ts",
      "wordsTable: words.may(readMany, query(rankingIndex))",
      "wordsTable: words.may(update, readMany, query(rankingIndex))",
    );
    await added.until(/reloaded /);
    expect(await say("allowed")).to.include("`allowed` = 1");
  });

  it("apply to the trigger words, which the pretend Slack follows", async () => {
    const printed = listen();
    checkout.edit("Pulumi.local.yaml", "triggerWords: [awsadvent]", "triggerWords: [hohoho]");
    await printed.until(/reloaded /);

    const body = JSON.stringify({ user: "U0001", channel: "C0001", text: "hohoho reindeer" });
    await fetch(`${laptop.endpoints.page}/slack/say`, { method: "POST", body, headers: { "content-type": "application/json" } });

    await counted(["reindeer"], 31);
  });

  it("apply to features: off removes, on brings back", async () => {
    const names = async () => ((await laptop.control("inventory")) as { resources: { name: string }[] }).resources.map(({ name }) => name);
    const before = await names();
    const off = listen();
    checkout.write("Pulumi.local.yaml", `${checkout.read("Pulumi.local.yaml")}\n  slack-fanout:features: [dibs]\n`);
    await off.until(/reloaded /);
    expect((await names()).length).to.be.below(before.length);
    expect(await say("fewer", "hohoho")).to.include("`fewer` = 1");
    const on = listen();
    checkout.edit("Pulumi.local.yaml", "\n  slack-fanout:features: [dibs]\n", "");
    await on.until(/reloaded /);
    expect(await names()).to.have.members(before);
    expect(await say("more", "hohoho")).to.include("`more` = 1");
    await counted(["fewer", "more"], 31);
  });

  it("end with the laptop, also a run of the program that never ends", async () => {
    checkout.edit("index.ts", "const has =", "for (;;);\nconst has =");
    await sleep(3000);
    const startedMs = performance.now();
    expect(await laptop.interrupt()).to.equal(0);
    expect(performance.now() - startedMs).to.be.below(4000);
    await eventually(() => listRuns().length === 0);
  });

  it("end with the laptop, also if it is killed before the program begins", async () => {
    checkout.edit("index.ts", "for (;;);\nconst has =", "const has =");
    await laptop.start();
    checkout.edit("index.ts", "const has =", "for (;;);\nconst has =");
    await eventually(() => listRuns().length > 0);
    await laptop.end("SIGKILL");
    await eventually(() => listRuns().length === 0);
  });
});
