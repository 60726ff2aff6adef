import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import sinon from "sinon";
import { BENCHES } from "../../scripts/bench";
import { EX_USAGE, runScript, type Script, UsageError } from "../../scripts/command-line";

type Flags = Record<string, { type: "string" | "boolean" }>;

const root = join(__dirname, "../..");
const npmScripts = (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: Record<string, string> }).scripts;

/** The scripts that users run, by file. */
const scripts = readdirSync(join(root, "scripts"))
  .filter(file => file.endsWith(".ts"))
  .map(file => [file, (require(join(root, "scripts", file)) as { script?: Script<Flags> }).script] as const)
  .flatMap(([file, script]) => (script === undefined ? [] : [{ file, script }]));

describe("command-line", () => {
  afterEach(() => {
    sinon.restore();
    process.exitCode = undefined;
  });

  /** Runs a script whose work is replaced. Returns what it printed. */
  const runWith = async (script: Script<Flags>, args: string[], run = sinon.stub().returns({ text: "done", json: { count: 1 } })) => {
    const [stdout, stderr] = [sinon.stub(console, "log"), sinon.stub(console, "error")];
    await runScript({ ...script, run } as Script<Flags>, args);
    sinon.restore();
    const exitCode = process.exitCode ?? 0;
    process.exitCode = undefined;
    return { run, exitCode, stdout: stdout.args.flat().join("\n"), stderr: stderr.args.flat().join("\n") };
  };

  for (const { file, script } of scripts) {
    describe(`npm run ${script.name}`, () => {
      it("is in package.json", () => expect(npmScripts[script.name]).to.match(new RegExp(` scripts/${file}$`)));

      it("explains every option, and does nothing else", async () => {
        for (const args of [["--help"], ["-h"], ["--json", "anything", "--unknown", "--help"]]) {
          const { run, exitCode, stdout, stderr } = await runWith(script, args);

          sinon.assert.notCalled(run);
          expect([exitCode, stderr]).to.deep.equal([0, ""]);
          expect(stdout.split("\n")[0]).to.match(new RegExp(`^npm run ${script.name} -- .*--json`));
          for (const option of [...Object.keys(script.options), "json", "help"])
            expect(stdout).to.match(new RegExp(`^  --${option} `, "m"));
          expect(
            new Set(stdout.match(/^ {2}--[\w-]+(?: [A-Z]+)?(?:\.\.\.)? +/gm)!.map(({ length }) => length)),
            "columns",
          ).to.have.lengthOf(1);
          expect(stdout).to.match(/exit code is 0 .* 1 .* 64 /);
        }
      });

      it("refuses an unknown option and one argument too many, in a sentence", async () => {
        const many = Array<string>((script.maxArguments ?? 0) + 1).fill("x");
        for (const args of [["--unknown"], many]) {
          const { run, exitCode, stdout, stderr } = await runWith(script, args);

          sinon.assert.notCalled(run);
          expect([exitCode, stdout]).to.deep.equal([EX_USAGE, ""]);
          expect(stderr).to.match(
            new RegExp(`^(Unknown option '--unknown'|Unexpected argument "x"); .npm run ${script.name} -- --help. [^.]*\\.$`),
          );
        }
      });
    });
  }

  it("npm run bench knows every program in bench/", () => {
    const programs = readdirSync(join(root, "bench"))
      .filter(file => file !== "median.ts")
      .map(file => file.replace(".ts", ""));
    expect(Object.keys(BENCHES).sort()).to.deep.equal(programs.sort());
  });

  const script: Script<Flags> = {
    name: "try",
    usage: "",
    help: "Tries.",
    options: { dry: { type: "boolean" } },
    run: () => ({ text: "", json: {} }),
  };

  it("prints the result for people, or for programs", async () => {
    expect((await runWith(script, [])).stdout).to.equal("done");
    expect((await runWith(script, ["--json"])).stdout).to.equal('{"count":1}');
  });

  it("prints a result with a problem, and exits with 1", async () => {
    const run = sinon.stub().returns({ text: "one done", json: {}, problem: "One left." });
    expect(await runWith(script, [], run)).to.include({ stdout: "one done", stderr: "One left.", exitCode: 1 });
  });

  it("distinguishes usage errors from failures by the exit code", async () => {
    expect(await runWith(script, [], sinon.stub().rejects(new UsageError("Wrong.")))).to.include({ stderr: "Wrong.", exitCode: EX_USAGE });
    expect(await runWith(script, [], sinon.stub().rejects(new Error("Failed.")))).to.include({ stderr: "Failed.", exitCode: 1 });
  });

  it("applies to npm start and the dibs command, too", () => {
    const laptop = ["-C", "slack-fanout-source", "-r", "./bin/load-typescript.cjs", "laptop.ts"];
    for (const command of [laptop, ["packages/dibs-cli/slack-fanout.mjs"]]) {
      const run = (...args: string[]) => spawnSync(process.execPath, [...command, ...args], { cwd: root, encoding: "utf8" });
      const help = run("--help");
      expect([help.status, help.stderr]).to.deep.equal([0, ""]);
      expect(help.stdout).to.match(/exit code is .* 64 /s);
      const refused = run("--unknown");
      expect([refused.status, refused.stdout]).to.deep.equal([EX_USAGE, ""]);
      expect(refused.stderr)
        .to.match(/--unknown.*--help/)
        .and.to.match(/^.+\n$/);
    }
    expect(
      spawnSync(process.execPath, ["packages/dibs-cli/slack-fanout.mjs", "--version"], { cwd: root, encoding: "utf8" }).stdout,
    ).to.match(/^slack-fanout \d+\.\d+\.\d+\n$/);
  });
});
