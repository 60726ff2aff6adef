import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { parse, stringify } from "yaml";
import { definitionOf, KEYS } from "../../components/settings/settings";
import { buildProjectFile, buildStackFile } from "../../scripts/settings";

const textOf = (file: string) => readFileSync(join(__dirname, "../..", file), "utf8");

/** The comments of a file, without their line breaks. */
const commentsOf = (file: string) => textOf(file).replaceAll(/\s+(# )?/g, " ");

describe("npm run settings", () => {
  it("has been run since the settings were changed", () => {
    expect(textOf("Pulumi.yaml")).to.equal(buildProjectFile(textOf("Pulumi.yaml")));
  });

  it("explains every key in Pulumi.dev.yaml and Pulumi.prod.yaml, and in Pulumi.local.yaml those that it sets", () => {
    const { name } = parse(textOf("Pulumi.yaml")) as { name: string };
    const { config } = parse(textOf("Pulumi.local.yaml")) as { config: object };
    const local = KEYS.filter(key => Object.hasOwn(config, `${name}:${key}`));

    expect(local).to.include("slackTeamId");

    for (const file of ["Pulumi.dev.yaml", "Pulumi.prod.yaml"])
      expect(KEYS.filter(key => !commentsOf(file).includes(definitionOf(key).description))).to.deep.equal([]);
    expect(local.filter(key => !commentsOf("Pulumi.local.yaml").includes(definitionOf(key).description))).to.deep.equal([]);
  });

  it("keeps the values of a stack, and comments that are not its own", () => {
    const config = { "aws:region": "eu-west-1", "acme:debug": true, "acme:slackBotToken": { secure: "v1:abc" }, "other:debug": "x" };
    const built = buildStackFile(`# Ours.\n${stringify({ config, encryptionsalt: "v1:def" })}`, "acme", true);

    expect(parse(built)).to.deep.equal({ config, encryptionsalt: "v1:def" });
    expect(built).to.match(/^# Ours\.\n/);
    expect(built).to.include(`  # ${definitionOf("debug").description}\n  acme:debug: true\n`);
    expect(built).to.include("  # acme:split: What counts in messages");
    expect(buildStackFile(built, "acme", true)).to.equal(built);
  });
});
