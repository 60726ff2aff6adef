import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { Checkout } from "./checkout";
import { Inspector } from "./inspector";
import { LaptopProcess, untilTaken } from "./laptop-process";
import { Tables } from "./tables";

/** Longer than a run of the program takes on a busy machine. */
const RELOAD_LIMIT_MS = 60_000;

const MULTIPLIER = "subscribers/multiplier.ts";

/** Edits a copy of this repository while `npm start` runs there. */
describe("an edit while the laptop cloud runs", () => {
  let checkout: Checkout;
  let laptop: LaptopProcess;
  let tables: Tables;
  let said = 0;

  /** What the multiplier adds. Tests change it. */
  let bonus: number;

  const create = async () => {
    checkout = new Checkout();
    laptop = await (await LaptopProcess.create(checkout.directory)).start("--inspect", "leaderboard", "--config", "features=");
    tables = new Tables(laptop);
    bonus = 10;
  };
  const remove = async () => {
    await laptop?.remove();
    checkout?.remove();
  };
  before(create);
  after(remove);
  afterEach(async function () {
    if (this.currentTest?.state === "passed") return;
    // The next test, or the second try, needs sources and a laptop that no failed test has changed.
    await remove();
    await create();
  });

  const edit = (file: string, from: string, to: string) => checkout.edit(file, from, to);

  /** What the laptop prints from now on. */
  const listen = () => {
    const from = laptop.output.length;
    return { until: (line: RegExp) => eventually(() => line.exec(laptop.output.slice(from)), RELOAD_LIMIT_MS) };
  };

  const say = async (word: string): Promise<string> => {
    said += 1;
    const fields = { text: `awsadvent ${word}`, timestamp: `${1763805600 + said}.000100` };
    const response = await untilTaken(() => laptop.webhook(fields));
    return ((await response.json()) as { text: string }).text;
  };

  const setBonus = (value: number) => {
    bonus = value;
    checkout.write(MULTIPLIER, checkout.read(MULTIPLIER).replace(/count \* [\w.* ]+(?=,|\])/, `count * ${bonus}`));
  };

  /** Waits until a word is counted and multiplied, each time that it was said. */
  const counted = (word: string, times = 1) => eventually(async () => (await tables.distinctCounts([word]))[0] === times * (1 + bonus));

  const readRevision = async () => ((await laptop.control("inventory")) as { revision: number }).revision;

  it("of a subscriber changes what the next message does", async () => {
    const printed = listen();
    const revision = await readRevision();
    setBonus(100);

    await printed.until(/reloaded multiplier in \d+ ms/);

    expect(await say("apple")).to.include("`apple` = 1");
    await counted("apple");
    expect(await readRevision()).to.equal(revision + 1);
  });

  it("that does not compile prints the place, and the old code keeps running", async () => {
    const printed = listen();
    const revision = await readRevision();
    edit(MULTIPLIER, "count * ", "count * * ");

    await printed.until(/subscribers\/multiplier\.ts:\d+:\d+: ERROR/);

    await say("banana");
    await counted("banana");
    setBonus(20);
    await printed.until(/reloaded multiplier/);
    expect(await readRevision()).to.equal(revision + 1);
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
    await say("elder");
    await counted("elder");
    const printed = listen();
    edit("index.ts", 'messages.subscribe("logger"', 'messages.subscribe("second-logger"');

    await printed.until(/reloaded .*logger.* in \d+ ms/);

    const { resources } = (await laptop.control("inventory")) as { resources: { name: string }[] };
    expect(resources.map(({ name }) => name))
      .to.include("second-logger")
      .and.not.include("logger");
    expect(laptop.endpoints.page).to.equal(page);
    expect(await say("elder")).to.include(`\`elder\` = ${2 + bonus}`);
    await counted("elder", 2);
  });

  it("of the program that would lose data keeps the old table and says so", async () => {
    await say("fig");
    await counted("fig");
    const printed = listen();
    edit("index.ts", "{ ...WORDS, production }", '{ ...WORDS, partitionKey: "other:S", production }');

    await printed.until(/words needs --fresh \(\d+ items would be lost\)/);

    expect(await say("fig")).to.include(`\`fig\` = ${2 + bonus}`);
    await counted("fig", 2);
  });

  it("of the program that fails prints the error, and everything keeps running", async () => {
    const printed = listen();
    edit("index.ts", "const api = new HttpApi", "const api = = new HttpApi");

    await printed.until(/index\.ts\(\d+,\d+\): error/);
    await printed.until(/The program keeps running as it was\./);

    expect(await say("grape")).to.include("`grape` = 1");
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
