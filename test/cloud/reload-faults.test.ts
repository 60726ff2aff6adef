import { execFileSync } from "node:child_process";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { Checkout } from "./checkout";
import { LaptopProcess } from "./laptop-process";
import { Tables } from "./tables";

/** Longer than a run of the program takes on a busy machine. */
const RELOAD_LIMIT_MS = 60_000;

const MULTIPLIER = "subscribers/multiplier.ts";
const BONUS = "count * message.times";

/** Edits of a copy of this repository that go wrong, or that come at a bad time. */
describe("edits at bad times", () => {
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

  /** Runs `edit`, and waits until the laptop prints such a line. */
  const expectLine = async (line: RegExp, edit: () => void): Promise<void> => {
    const from = laptop.output.length;
    edit();
    await eventually(() => line.test(laptop.output.slice(from)), RELOAD_LIMIT_MS);
  };

  /** Says a message, as Slack does: again, if the door had no time left to store it. Returns the answer. */
  const say = async (word: string): Promise<string> => {
    said += 1;
    const fields = { text: `awsadvent ${word}`, timestamp: `${1763805600 + said}.000100` };
    const response = await eventually(async () => {
      const answer = await laptop.webhook(fields);
      return answer.status === 503 ? undefined : answer;
    }, RELOAD_LIMIT_MS);
    const text = await response.text();
    expect(response.status, text).to.equal(200);
    return text;
  };

  const counted = (words: string[], count: number) =>
    laptop.settles(async () => {
      expect(await tables.distinctCounts(words)).to.deep.equal([count]);
      return true;
    });

  /** The processes that run the program. */
  const listRuns = () =>
    execFileSync("ps", ["-eo", "args"], { encoding: "utf8" })
      .split("\n")
      .filter(line => line.includes(`${checkout.directory}/laptop.ts`));

  const edit = (file: string, from: string, to: string) => checkout.edit(file, from, to);
  const append = (file: string, text: string) => checkout.write(file, `${checkout.read(file)}${text}\n`);

  it("lose no message that arrives meanwhile, and handle none twice", async () => {
    const words: string[] = [];
    let isOver = false;
    const talk = async () => {
      while (!isOver && words.length < 100) {
        words.push(`word${words.length}`);
        await say(words.at(-1)!);
      }
    };
    const declare = (round: number) =>
      append("index.ts", `new Topic("extra${round}", shared);\nnew Table("extra${round}", { partitionKey: "id:S", production });`);
    const change = (name: string) => append(MULTIPLIER, `export const ${name} = true;`);
    const editWhileTalking = async () => {
      for (let round = 1; round <= 2; round += 1) {
        await expectLine(/reloaded multiplier/, () => change(`before${round}`));
        await expectLine(new RegExp(`reloaded .*extra${round}`), () => {
          declare(round);
          change(`with${round}`);
        });
      }
    };

    await Promise.all([editWhileTalking().finally(() => (isOver = true)), talk()]);

    await counted(words, 11);
    await laptop.settles(async () => {
      expect(await tables.pending()).to.deep.equal([]);
      return true;
    });
    expect(await tables.distinctCounts(words)).to.deep.equal([11]);
  });

  it("refuse a module that is deleted, and take it when it is made again", async () => {
    const text = checkout.read(MULTIPLIER);
    await expectLine(/source of subscribers\/multiplier\.js is gone[\s\S]*keeps running/, () => checkout.delete(MULTIPLIER));
    await say("kept");
    await counted(["kept"], 11);

    await expectLine(/reloaded multiplier/, () => checkout.write(MULTIPLIER, text.replace(BONUS, "count * 20")));

    await say("again");
    await counted(["again"], 21);
  });

  it("take a module and its statement, whichever is written first", async () => {
    const require = (module: string) => `() => require("#subscribers/${module}") as typeof import("#subscribers/${module}")`;
    const doubler = checkout.read(MULTIPLIER).replace("count * 20", "count * 30");
    await expectLine(/requires #subscribers\/doubler[\s\S]*keeps running/, () =>
      edit("index.ts", require("multiplier"), require("doubler")),
    );
    await expectLine(/reloaded .*multiplier/, () => checkout.write("subscribers/doubler.ts", doubler));
    await say("statement-first");
    await counted(["statement-first"], 31);

    checkout.write("subscribers/tripler.ts", doubler.replace("count * 30", "count * 40"));
    await expectLine(/reloaded .*multiplier/, () => edit("index.ts", require("doubler"), require("tripler")));
    await say("module-first");
    await counted(["module-first"], 41);
  });

  it("run a program again that failed because of a file in a new folder, once the file is mended", async () => {
    const burst = (value: number) => `export const burst = ${value};\n`;
    checkout.write("components/limits/burst.ts", `${burst(77)}const = 1;`);
    await expectLine(/burst\.ts[\s\S]*keeps running/, () => {
      edit("index.ts", "...exposure }", '...exposure, burst: require("./components/limits/burst").burst }');
    });

    await expectLine(/reloaded /, () => checkout.write("components/limits/burst.ts", burst(77)));

    expect(JSON.stringify(await laptop.control("inventory"))).to.include('"throttlingBurstLimit":77');
    // It is a source like any other.
    await expectLine(/reloaded /, () => checkout.write("components/limits/burst.ts", burst(78)));
    expect(JSON.stringify(await laptop.control("inventory"))).to.include('"throttlingBurstLimit":78');
  });

  it("replace a run of the program that never ends, while the old program answers", async () => {
    edit("index.ts", "const scopes =", "for (;;);\nconst scopes =");
    await eventually(() => listRuns().length > 0, RELOAD_LIMIT_MS);
    expect(await say("meanwhile")).to.include("`meanwhile` = 1");

    await expectLine(/reloaded slack-fanout/, () => edit("index.ts", "for (;;);\nconst scopes =", "const scopes ="));

    expect(listRuns()).to.deep.equal([]);
    await counted(["meanwhile"], 41);
  });

  it("are applied by the next start if the laptop is killed meanwhile, and no run of the program is left", async () => {
    await say("before");
    edit("index.ts", "const scopes =", "for (;;);\nconst scopes =");
    append("subscribers/tripler.ts", "const = 1;");
    await eventually(() => listRuns().length > 0, RELOAD_LIMIT_MS);

    await laptop.end("SIGKILL");

    await eventually(() => listRuns().length === 0);
    edit("index.ts", "for (;;);\nconst scopes =", "const scopes =");
    edit("subscribers/tripler.ts", "const = 1;", "");
    edit("subscribers/tripler.ts", "count * 40", "count * 50");
    await laptop.start("--logs", "errors");
    const tripler = checkout.read("subscribers/tripler.ts");
    // At once, when the laptop has not begun to watch. If it is bundling the file just then, the bundler says so.
    await expectLine(/source of subscribers\/tripler\.js is gone|Could not resolve "subscribers\/tripler\.ts"/, () =>
      checkout.delete("subscribers/tripler.ts"),
    );
    checkout.write("subscribers/tripler.ts", tripler);
    tables = new Tables(laptop);
    await say("after");
    await counted(["after"], 51);
    // The old code or the new one has multiplied it, and only one of them.
    await laptop.settles(async () => {
      expect((await tables.counts(["before"]))["before"]).to.be.oneOf([41, 51]);
      return true;
    });
  });
});
