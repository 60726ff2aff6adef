import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { LaptopProcess } from "../../../../test/cloud/laptop-process";

describe("another program that is edited while it runs", () => {
  let folder: string;
  let laptop: LaptopProcess;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "other-program-"));
    cpSync(join(__dirname, "other-program"), join(folder, "infra"), { recursive: true });
    cpSync(join(folder, "infra", "Pulumi.yaml"), join(folder, "Pulumi.yaml"));
    rmSync(join(folder, "infra", "Pulumi.yaml"));
    edit("Pulumi.yaml", "runtime: nodejs", "runtime: nodejs\nmain: infra");
    edit("infra/index.ts", "// What a test adds", 'process.chdir("/");\n// What a test adds');
    symlinkSync(join(__dirname, "../../../../node_modules"), join(folder, "node_modules"));
    laptop = await (await LaptopProcess.create()).start("--program", folder);
  });

  after(async () => {
    await laptop?.remove();
    rmSync(folder, { recursive: true });
  });

  afterEach(function () {
    if (this.currentTest?.state === "failed") console.log(laptop.output.slice(-3000));
  });

  const edit = (file: string, from: string, to: string) => {
    const text = readFileSync(join(folder, file), "utf8");
    expect(text).to.include(from);
    write(file, text.replace(from, to));
  };

  /** Replaces the file in one step. Otherwise a run could read half of the text, succeed, and be followed by a second run. */
  const write = (file: string, text: string) => {
    writeFileSync(join(folder, ".written"), text);
    renameSync(join(folder, ".written"), join(folder, file));
  };

  const greets = (greeting: string) =>
    eventually(async () => (await (await fetch(`${laptop.endpoints.outputs["url"]}/hello`)).text()) === greeting);

  it("runs files in a new folder of an archive, whose path starts from the folder of main", async () => {
    await greets("Hello, whoever you are!");
    mkdirSync(join(folder, "infra/functions/words"));
    write("infra/functions/words/evening.js", 'exports.text = "Good evening";');
    edit("infra/functions/index.js", "`Hello, ", 'require("./words/evening").text + `, ');
    await greets("Good evening, whoever you are!");
    write("infra/functions/words/evening.js", 'exports.text = "Good night";');
    await greets("Good night, whoever you are!");
  });

  it("runs once for each edit, also if it writes its own archive, and gets an edited variable", async () => {
    const from = laptop.output.length;
    const build = 'require("node:fs").writeFileSync(__dirname + "/functions/built.js", "// " + Date.now());';
    edit("infra/index.ts", "// What a test adds", `${build}\n// What a test adds`);
    await eventually(() => existsSync(join(folder, "infra/functions/built.js")));
    edit("infra/functions/index.js", '").text + `, ', '").text + `! ');
    await greets("Good night! whoever you are!");
    edit("infra/index.ts", "whoever you are", "whoever you were");
    await greets("Good night! whoever you were!");

    expect(laptop.output.slice(from).match(/^reloaded /gm)!.length).to.be.at.most(3);
  });
});
