import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { Checkout } from "./checkout";
import { LaptopProcess, untilTaken } from "./laptop-process";
import { Tables } from "./tables";

const START = ["--logs", "errors"];

/** Each test runs the program several times. */
const PROGRAM = readFileSync(join(__dirname, "counting-program.ts"), "utf8").replaceAll("../../components", "./components");

/** Longer than a run of the program takes on a busy machine. */
const RELOAD_LIMIT_MS = 60_000;

const MULTIPLIER = "subscribers/multiplier.ts";

/** A statement that never ends, and takes no processor time. */
const STUCK = "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);";

/** The multiplier's source, with another bonus. */
const withBonus = (source: string, bonus: number) => source.replace(/count \* [\w.]+/, `count * ${bonus}`);

/** The line about a deleted module. The laptop, the bundler or the program prints it, depending on which reads the module first. */
const goneLine = (module: string) => `(source of ${module}\\.js is gone|Could not resolve "${module}\\.ts"|ENOENT.*/${module}\\.ts)`;

/** Edits of a copy of this repository that go wrong, or that come at a bad time. */
describe("edits at bad times", () => {
  let checkout: Checkout;
  let laptop: LaptopProcess;
  let tables: Tables;
  let said = 0;
  /** The module that multiplies, and what it adds. Tests change both. */
  let multiplier: string;
  let bonus: number;

  const create = async () => {
    checkout = new Checkout();
    checkout.write("index.ts", PROGRAM);
    laptop = await (await LaptopProcess.create(checkout.directory)).start(...START);
    tables = new Tables(laptop);
    multiplier = "multiplier";
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
    console.log(laptop.output.slice(-3000));
    // The next test, or the second try, needs sources and a laptop that no failed test has changed.
    await remove();
    await create();
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
    const response = await untilTaken(() => laptop.webhook(fields));
    const text = await response.text();
    expect(response.status, text).to.equal(200);
    return text;
  };

  /** Waits until each word is counted once and multiplied once. */
  const counted = (...words: string[]) =>
    laptop.settles(async () => {
      expect(await tables.distinctCounts(words)).to.deep.equal([1 + bonus]);
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
    const declare = () => append("index.ts", 'new Topic("extra", shared);\nnew Table("extra", { partitionKey: "id:S", production });');
    const change = (name: string) => append(MULTIPLIER, `export const ${name} = true;`);
    const editWhileTalking = async () => {
      await expectLine(/reloaded multiplier/, () => change("before"));
      await expectLine(/reloaded .*extra/, () => {
        declare();
        change("together");
      });
    };

    await Promise.all([editWhileTalking().finally(() => (isOver = true)), talk()]);

    await counted(...words);
    await laptop.settles(async () => {
      expect(await tables.pending()).to.deep.equal([]);
      return true;
    });
    expect(await tables.distinctCounts(words)).to.deep.equal([1 + bonus]);
  });

  it("refuse a module that is deleted, and take it when it is made again", async () => {
    const text = checkout.read(MULTIPLIER);
    await expectLine(new RegExp(`${goneLine("subscribers/multiplier")}[^]*keeps running`), () => checkout.delete(MULTIPLIER));
    await say("kept");
    await counted("kept");

    bonus = 20;
    await expectLine(/reloaded multiplier/, () => checkout.write(MULTIPLIER, withBonus(text, bonus)));

    await say("again");
    await counted("again");
  });

  it("take a module and its statement, whichever is written first", async () => {
    const require = (module: string) => `() => require("#subscribers/${module}") as typeof import("#subscribers/${module}")`;
    const replace = (module: string) => {
      edit("index.ts", require(multiplier), require(module));
      multiplier = module;
    };
    const write = (module: string) => checkout.write(`subscribers/${module}.ts`, withBonus(checkout.read(MULTIPLIER), bonus));
    bonus = 30;
    await expectLine(/requires #subscribers\/doubler[\s\S]*keeps running/, () => replace("doubler"));
    await expectLine(/reloaded .*multiplier/, () => write("doubler"));
    await say("statement-first");
    await counted("statement-first");

    bonus = 40;
    write("tripler");
    await expectLine(/reloaded .*multiplier/, () => replace("tripler"));
    await say("module-first");
    await counted("module-first");
  });

  it("run a program again that failed because of a file in a new folder, once the file is mended", async () => {
    const burst = (value: number) => `export const burst = ${value};\n`;
    checkout.write("components/limits/burst.ts", `${burst(77)}const = 1;`);
    await expectLine(/burst\.ts[\s\S]*keeps running/, () => {
      edit("index.ts", "...groups.exposure }", '...groups.exposure, burst: require("./components/limits/burst").burst }');
    });

    await expectLine(/reloaded /, () => checkout.write("components/limits/burst.ts", burst(77)));

    expect(JSON.stringify(await laptop.control("inventory"))).to.include('"throttlingBurstLimit":77');
    // It is a source like any other.
    await expectLine(/reloaded /, () => checkout.write("components/limits/burst.ts", burst(78)));
    expect(JSON.stringify(await laptop.control("inventory"))).to.include('"throttlingBurstLimit":78');
  });

  it("replace a run of the program that never ends, while the old program answers", async () => {
    edit("index.ts", "const api =", `${STUCK}\nconst api =`);
    await eventually(() => listRuns().length > 0, RELOAD_LIMIT_MS);
    expect(await say("meanwhile")).to.include("`meanwhile` = 1");

    await expectLine(/reloaded slack-fanout/, () => edit("index.ts", STUCK, ""));

    expect(listRuns()).to.deep.equal([]);
    await counted("meanwhile");
  });

  it("are applied by the next start if the laptop is killed meanwhile, and no run of the program is left", async () => {
    const module = `subscribers/${multiplier}.ts`;
    const bonuses = [bonus, 50, 60];
    const newer = withBonus(checkout.read(module), 50);
    await say("before");
    edit("index.ts", "const api =", `${STUCK}\nconst api =`);
    append(module, "const = 1;");
    await eventually(() => listRuns().length > 0, RELOAD_LIMIT_MS);

    await laptop.end("SIGKILL");

    await eventually(() => listRuns().length === 0);
    edit("index.ts", STUCK, "");
    checkout.write(module, newer);
    await laptop.start(...START);
    // At once, before the laptop watches the sources or has built the modules.
    await expectLine(new RegExp(goneLine(`subscribers/${multiplier}`)), () => checkout.delete(module));
    await expectLine(/reloaded multiplier/, () => checkout.write(module, withBonus(newer, 60)));
    bonus = 60;
    tables = new Tables(laptop);
    await say("after");
    await counted("after");
    // Exactly one version of the code has multiplied it.
    await laptop.settles(async () => {
      expect((await tables.counts(["before"]))["before"]).to.be.oneOf(bonuses.map(each => 1 + each));
      return true;
    });
  });
});
