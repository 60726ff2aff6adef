import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { TEAM_TABLES } from "#core/slack/team-data";
import { keyNames } from "#core/table-schema";
import { runWholeProgram } from "../program";

const text = readFileSync(join(__dirname, "../../docs/privacy.md"), "utf8");

/** The first cells of the table below a heading. */
const listRows = (heading: string): string[] => {
  const [, section = ""] = text.split(`## ${heading}\n`);
  return [...section.split("\n## ")[0]!.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, name]) => name!);
};

describe("docs/privacy.md", () => {
  let inventory: Awaited<ReturnType<typeof runWholeProgram>>["inventory"];
  before(async () => {
    const features = '["documents","payroll","dibs","onboarding"]';
    ({ inventory } = await runWholeProgram({ features, deletedMessages: "remove", messageArchiveDays: "30", workspaces: "many" }));
  });

  it("has a line for each table and bucket of the program, and for nothing else", () => {
    const names = (type: string) => inventory.ofType(type).map(({ name }) => name);
    expect(listRows("Tables")).to.have.members(names("aws:dynamodb/table:Table"));
    expect(listRows("Buckets")).to.have.members(names("aws:s3/bucket:Bucket"));
  });

  it("is right that every table is erased with its workspace, but the one that expires within an hour", () => {
    const tables = inventory.ofType("aws:dynamodb/table:Table");
    const erased = Object.fromEntries(
      tables.map(({ name, inputs }) => [name, [inputs["hashKey"], inputs["rangeKey"]].filter(key => key !== undefined)]),
    );
    const { installations: _, "dibs-requests": __, ...rest } = erased;
    expect(rest).to.deep.equal(Object.fromEntries(Object.entries(TEAM_TABLES).map(([name, schema]) => [name, keyNames(schema)])));
    const policy = inventory.ofType("aws:iam/rolePolicy:RolePolicy").find(({ name }) => name.startsWith("team-eraser"));
    for (const name of Object.keys(TEAM_TABLES)) expect(String(policy?.inputs["policy"])).to.include(`table/${name}"`);
  });
});
