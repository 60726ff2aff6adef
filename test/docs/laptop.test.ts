import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Weather } from "@slack-fanout/laptop-cloud/kernel/weather";
import { resourceServices } from "@slack-fanout/laptop-cloud/resource-services";
import { SLACK_NON_MARKETPLACE, SLACK_REFUSES, SLACK_STATUS } from "@slack-fanout/pretend-slack/web-api/index";
import { expect } from "chai";

const guide = readFileSync(join(__dirname, "../../docs/guides/laptop.md"), "utf8");

describe("docs/guides/laptop.md", () => {
  it("lists every resource type that is imitated, and no other", () => {
    const imitated = resourceServices.flatMap(({ resources }) => Object.keys(resources));
    const listed = [...guide.matchAll(/`(aws[\w-]*:[\w/]+:\w+)`/g)].map(([, type]) => type!);

    expect(listed.sort()).to.deep.equal(imitated.sort());
  });

  it("explains every kind of weather", () => {
    const table = guide.slice(guide.indexOf("### Weather"));

    const faults = { slackStatus: SLACK_STATUS, slackRefuses: SLACK_REFUSES, slackNonMarketplace: SLACK_NON_MARKETPLACE };
    for (const key of Object.keys(new Weather(faults).report)) expect(table).to.contain(`\`${key}\``);
  });
});
