import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { Weather } from "../../packages/laptop-cloud/src/kernel/weather";
import { createDefinitions } from "../../packages/laptop-cloud/src/services";

const guide = readFileSync(join(__dirname, "../../docs/guides/laptop.md"), "utf8");

describe("docs/guides/laptop.md", () => {
  it("lists every resource type that is imitated, and no other", () => {
    const definitions = createDefinitions(() => {
      throw new Error("no service is started here");
    });
    const imitated = definitions.flatMap(({ resources }) => Object.keys(resources));
    const listed = [...guide.matchAll(/`(awsx?:[\w/]+:\w+)`/g)].map(([, type]) => type!);

    expect(listed.sort()).to.deep.equal(imitated.sort());
  });

  it("explains every kind of weather", () => {
    const table = guide.slice(guide.indexOf("### Weather"));

    for (const key of Object.keys(new Weather().report)) expect(table).to.contain(`\`${key}\``);
  });
});
