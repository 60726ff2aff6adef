import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import sinon from "sinon";
import { LevelFolder } from "../../src/kernel/level-folder";

describe("level folder", () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "slack-fanout-level-"));
  });

  afterEach(async () => {
    sinon.restore();
    await rm(directory, { recursive: true, force: true });
  });

  const withFolder = async <T>(use: (folder: LevelFolder) => T | Promise<T>): Promise<T> => {
    const folder = new LevelFolder(directory);
    await folder.open();
    try {
      return await use(folder);
    } finally {
      await folder.close();
    }
  };

  /** A folder that was opened twice: the first run's data is in a table, the second run's in a log. */
  const fill = async () => {
    await withFolder(folder => folder.write([{ key: "old", value: "1".repeat(1000) }]));
    await withFolder(async folder => {
      for (let index = 0; index < 100; index++) await folder.write([{ key: `new-${index}`, value: "2".repeat(1000) }]);
    });
  };

  const find = async (pattern: RegExp) => join(directory, (await readdir(directory)).find(name => pattern.test(name))!);

  const refusal = async (): Promise<string> =>
    withFolder(async folder => {
      for await (const _ of folder.entries({ gte: "" }));
      return "nothing was refused";
    }).catch((error: Error) => error.message);

  it("writes in the order of the calls, so the last value of a key wins", async () => {
    await withFolder(async folder => {
      await Promise.all([..."abcdefgh"].map(value => folder.write([{ key: "k", value }])));
      await Promise.all([folder.write([{ key: "gone", value: "x" }]), folder.write([{ key: "gone" }])]);
      expect([folder.get("k"), folder.get("gone")]).to.deep.equal(["h", undefined]);
    });
  });

  /** Writes in a process whose files are limited to `blocks` blocks of 512 bytes. */
  const spawnWriter = (blocks: number) => {
    const script = join(__dirname, "writer-in-child.ts");
    const node = `"${process.execPath}" -r ts-node/register/transpile-only "${script}" "${directory}"`;
    const child = spawn("sh", ["-c", `ulimit -f ${blocks}; exec ${node}`], { stdio: ["ignore", "pipe", "pipe"] });
    const output = { written: "", troubles: "" };
    const ended = once(child, "close");
    const until = (isReached: () => boolean, signal: NodeJS.Signals) => {
      child.stdout.on("data", data => {
        output.written += data;
        if (isReached()) child.kill(signal);
      });
      child.stderr.on("data", data => {
        output.troubles += data;
        if (isReached()) child.kill(signal);
      });
      return ended;
    };
    return { output, until };
  };

  it("loses no later writes after the disk refused part of a record", async () => {
    const { output, until } = spawnWriter(20_480);
    await until(() => output.written.endsWith("h\n"), "SIGKILL");

    expect(output.written).to.equal("a\nb\nc\nd\ne\nf\ng\nh\n");
    expect(output.troubles).to.match(
      /^The state in \S+ can't be written: .*File too large\. .*\nThe state in \S+ can be written again\.\n$/,
    );
    const sizes = await withFolder(folder => [..."abcdefgh"].map(key => folder.get(key)?.length));
    expect(sizes).to.deep.equal([3_900_000, 7_000_000, 1000, 1000, 1000, 1000, 1000, 1000]);
  });

  it("fails a waiting write after giveUp", async () => {
    const { output, until } = spawnWriter(2048);
    await until(() => output.troubles.includes("wait until it can."), "SIGTERM");

    expect(output.written).to.equal("");
    expect(output.troubles).to.match(/wait until it can\.\nError: The state in \S+ can't be written: .*file too large/i);
  });

  for (const [what, pattern] of [
    ["a table", /\.ldb$/],
    ["the manifest", /^MANIFEST/],
    ["CURRENT", /^CURRENT$/],
  ] as const) {
    it(`names the folder that can't be read, and says what to do, if ${what} is cut short`, async () => {
      await fill();
      const file = await find(pattern);
      await truncate(file, (await readFile(file)).length - 3);
      expect(await refusal()).to.match(new RegExp(`^The state in ${directory} can't be read: .+\\. Restore .*--fresh`));
    });
  }

  it("refuses a folder without CURRENT, and keeps its content", async () => {
    await fill();
    await cp(await find(/^CURRENT$/), join(directory, "kept"));
    await rm(join(directory, "CURRENT"));
    expect(await refusal()).to.include("its file CURRENT is missing");
    await cp(join(directory, "kept"), join(directory, "CURRENT"));
    expect(await withFolder(folder => folder.get("old"))).to.have.length(1000);
  });

  it("reports the size of damaged changes, but not a record that a crash cut short", async () => {
    await fill();
    const log = await find(/\.log$/);
    const bytes = await readFile(log);
    const logged = sinon.stub(console, "error");
    await truncate(log, bytes.length - 3);
    expect(await withFolder(folder => folder.get("new-98"))).to.have.length(1000);
    expect(logged.args).to.deep.equal([]);

    // By now, the data of the last log is in a table.
    await withFolder(folder =>
      folder.write([
        { key: "a", value: "1".repeat(40_000) },
        { key: "b", value: "2" },
      ]),
    );
    const next = await find(/\.log$/);
    await writeFile(next, (await readFile(next)).fill(0x5a, 20_000, 20_100));
    await withFolder(() => {});
    expect(logged.args.flat().join()).to.match(new RegExp(`^The state in ${directory} is damaged: \\d+ bytes`));
  });
});
