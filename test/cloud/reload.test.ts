import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { Checkout } from "./checkout";
import { Inspector } from "./inspector";
import { LaptopProcess } from "./laptop-process";
import { Tables } from "./tables";

/** Edits a copy of this repository while `npm start` runs there. */
describe("an edit while the laptop cloud runs", () => {
  let checkout: Checkout;
  let laptop: LaptopProcess;
  let tables: Tables;
  let said = 0;

  before(async () => {
    checkout = new Checkout();
    laptop = await (await LaptopProcess.create(checkout.directory)).start("--inspect", "leaderboard");
    tables = new Tables(laptop);
  });
  after(async () => {
    await laptop?.remove();
    checkout?.remove();
  });

  const edit = (file: string, from: string, to: string) => checkout.edit(file, from, to);

  /** What the laptop prints from now on. */
  const listen = () => {
    const from = laptop.output.length;
    return { until: (line: RegExp) => eventually(() => line.exec(laptop.output.slice(from))) };
  };

  const say = async (word: string): Promise<string> => {
    said += 1;
    const response = await laptop.webhook({ text: `awsadvent ${word}`, timestamp: `${1763805600 + said}.000100` });
    return ((await response.json()) as { text: string }).text;
  };

  const counted = (word: string, count: number) => eventually(async () => (await tables.distinctCounts([word]))[0] === count);

  const readRevision = async () => ((await laptop.control("inventory")) as { revision: number }).revision;

  it("of a subscriber changes what the next message does", async () => {
    const printed = listen();
    edit("subscribers/multiplier.ts", "count * message.times", "count * 100");

    await printed.until(/reloaded multiplier in \d+ ms/);

    expect(await say("apple")).to.include("`apple` = 1");
    await counted("apple", 101);
    expect(await readRevision()).to.equal(1);
  });

  it("that does not compile prints the place, and the old code keeps running", async () => {
    const printed = listen();
    edit("subscribers/multiplier.ts", "count * 100", "count * * 100");

    await printed.until(/subscribers\/multiplier\.ts:\d+:\d+: ERROR/);

    await say("banana");
    await counted("banana", 101);
    edit("subscribers/multiplier.ts", "count * * 100", "count * 10");
    await printed.until(/reloaded multiplier/);
    expect(await readRevision()).to.equal(2);
  });

  it("of code that fails shows the error with its place in TypeScript", async () => {
    const printed = listen();
    edit(
      "subscribers/logger.ts",
      "    const { id, time, data } = envelope;",
      '    if (attributes) throw new Error("on purpose");\n    const { id, time, data } = envelope;',
    );
    await printed.until(/reloaded logger/);
    const line = checkout.lineOf("subscribers/logger.ts", "on purpose");

    await say("cherry");

    await printed.until(new RegExp(`logger  .*on purpose[^]*subscribers/logger\\.ts:${line}:`));
  });

  it("of the agents' worker runs in the next container", async () => {
    const printed = listen();
    edit("agent/worker.ts", "\nconst ", '\nconsole.log("the edited worker");\nconst ');

    await printed.until(/reloaded .*agent.* in \d+ ms/);
    await printed.until(/the edited worker/);
  });

  it("of the program applies the difference, with the same ports and state", async () => {
    const { page } = laptop.endpoints;
    const printed = listen();
    edit("index.ts", 'messages.subscribe("logger"', 'messages.subscribe("second-logger"');

    await printed.until(/reloaded .*logger.* in \d+ ms/);

    const { resources } = (await laptop.control("inventory")) as { resources: { name: string }[] };
    expect(resources.map(({ name }) => name))
      .to.include("second-logger")
      .and.not.include("logger");
    expect(laptop.endpoints.page).to.equal(page);
    expect(await say("apple")).to.include("`apple` = 102");
    await counted("apple", 112);
  });

  it("of the program that would lose data keeps the old table and says so", async () => {
    const printed = listen();
    edit("index.ts", 'new Table("words", { partitionKey: "word:S"', 'new Table("words", { partitionKey: "other:S"');

    await printed.until(/words needs --fresh \(\d+ items would be lost\)/);

    expect(await say("apple")).to.include("`apple` = 113");
    await counted("apple", 123);
  });

  it("of the program that fails prints the error, and everything keeps running", async () => {
    const printed = listen();
    edit("index.ts", "const api = new HttpApi", "const api = = new HttpApi");

    await printed.until(/index\.ts\(\d+,\d+\): error/);
    await printed.until(/The program keeps running as it was\./);

    expect(await say("apple")).to.include("`apple` = 124");
  });

  describe("with --inspect", () => {
    it("stops at a breakpoint in TypeScript, and continues", async () => {
      const url = /leaderboard {2}debugger at (ws:\S+)/.exec(laptop.output)![1]!;
      const inspector = await Inspector.connect(url);
      try {
        const file = checkout.path("subscribers/leaderboard.ts");
        const line = checkout.lineOf("subscribers/leaderboard.ts", "const saidAtSeconds = Math.floor(");
        await inspector.breakAt({ file, line });

        const paused = inspector.paused();
        await say("durian");

        expect(await paused).to.deep.equal({ file, line });
        await inspector.resume();
      } finally {
        // The line may run again, and nothing would end another pause.
        inspector.close();
      }
      await eventually(async () => (await tables.boardCounts(["durian"], "2025-11-22"))[0] === 1);
    });
  });
});
