import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { readStackConfig } from "@slack-fanout/laptop-cloud/program/config";
import { expect } from "chai";
import { readSettings } from "../../components/settings/settings";

const root = join(__dirname, "../..");
const guide = readFileSync(join(root, "docs/guides/make-it-yours.md"), "utf8");

/** The settings that the program reads from a stack's configuration. */
const settingsOf = async (project: string, stack: string, values: Record<string, string>) => {
  await pulumi.runtime.setMocks({ newResource: () => ({ id: "", state: {} }), call: () => ({}) }, project, stack);
  pulumi.runtime.setAllConfig(values);
  return readSettings();
};

describe("docs/guides/make-it-yours.md", () => {
  describe("the commands that rename the project", () => {
    let folder: string;
    before(() => {
      folder = mkdtempSync(join(tmpdir(), "slack-fanout-mine-"));
      for (const file of readdirSync(root).filter(name => /^Pulumi.*yaml$/.test(name))) cpSync(join(root, file), join(folder, file));
      const [, commands] = /```sh\n(sed [^`]*)```/.exec(guide)!;
      expect(spawnSync("sh", ["-ec", commands!], { cwd: folder, encoding: "utf8" }).stderr).to.equal("");
    });
    after(() => rmSync(folder, { recursive: true }));

    for (const [stack, logRetentionDays] of [
      ["dev", 30],
      ["local", 7],
    ] as const) {
      it(`keep the settings of the stack ${stack}`, async () => {
        const { project, values } = readStackConfig(folder, stack, { slack: "http://127.0.0.1/slack" });

        expect(project).to.equal("acme-bot");
        expect(Object.keys(values).filter(key => !/^(acme-bot|aws):/.test(key))).to.deep.equal([]);
        expect(await settingsOf(project, stack, values)).to.include({ logRetentionDays });
      });
    }

    it("leave no other files behind", () => {
      expect(readdirSync(folder).filter(name => name.endsWith(".bak"))).to.deep.equal([]);
    });
  });

  it("turns features off with a value that the setting accepts", async () => {
    const [, features] = /pulumi config set features '(.*)'/.exec(guide)!;

    expect((await settingsOf("acme", "dev", { "acme:features": features! })).features).to.deep.equal(["dibs"]);
  });

  it("names every file that imports payroll", () => {
    const folders = ["agent", "components", "core", "functions", "panels", "scripts", "stores", "subscribers", "test"];
    const files = folders.flatMap(name =>
      readdirSync(join(root, name), { recursive: true, encoding: "utf8" }).map(file => join(name, file)),
    );
    const importing = ["index.ts", ...files]
      .filter(file => /\.tsx?$/.test(file) && !/^(components\/features\/payroll\.ts$|(test\/)?(functions|core)\/payroll\/)/.test(file))
      .filter(file => /["'(][^"'\n]*\/payroll["'/]/.test(readFileSync(join(root, file), "utf8").replace(/"docs\/[^"]*"/g, "")));

    expect(importing).to.deep.equal(["components/features/index.ts", "test/components/resources/pipeline.test.ts"]);
    for (const file of importing) expect(guide).to.include(`\`${file}\``);
    const program = readFileSync(join(root, "index.ts"), "utf8");
    for (const named of [" Payroll, ", "const payroll = ", " payroll, "]) expect(program.split(named)).to.have.lengthOf(2);
  });
});
