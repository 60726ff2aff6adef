import { expect } from "chai";
import { buildPage, PAGE, readCosts, SHOWN, script } from "../../scripts/cost";
import { buildBill, type Change, describeBill } from "../../scripts/cost/bill";
import { addUpIdle, type Resource, runsAMonth } from "../../scripts/cost/idle";
import { ITEMS, PRICES } from "../../scripts/prices";
import { readText } from "../../scripts/write-files";

describe("cost", () => {
  it("docs/cost.md shows what the stored results give; npm run cost -- --measure measures again", () => {
    expect(readText(PAGE)).to.equal(buildPage(readText(PAGE), readCosts()));
  });

  it("README.md rounds the totals", () => {
    const { said, idle } = buildBill(readCosts(), SHOWN);
    const [month, empty] = [said, idle].map(lines => Math.round(lines.reduce((sum, { usd }) => sum + usd, 0)));
    expect(readText("README.md"))
      .to.include(`ten words cost about ${month} US dollars a month`)
      .and.to.include(`without messages costs about ${empty}.`);
  });

  it("every price has a page of AWS", () => {
    for (const item of ITEMS) expect(PRICES[item].page, item).to.match(/^https:\/\/aws\.amazon\.com\/.+\/pricing\//);
  });

  describe("bill", () => {
    const usual = {
      setting: "",
      idle: { alarms: 30 },
      messages: [
        { words: 10, quantities: { writeUnits: 100, readUnits: 8, requests: 1 } },
        { words: 40, quantities: { writeUnits: 400, readUnits: 8, requests: 1 } },
      ],
    };
    const cheaper = {
      setting: "multiplier: 0",
      idle: { alarms: 28 },
      messages: usual.messages.map(({ words, quantities }) => ({ words, quantities: { ...quantities, writeUnits: 8 * words } })),
    };
    const costs = { date: "2026-11-29", variants: [usual, cheaper], file: { transitions: 4 } };

    it("is on the line through the two lengths that were measured", () => {
      for (const [words, writeUnits] of [
        [10, 100],
        [25, 250],
        [70, 700],
        [1, 10],
      ] as const) {
        const { said } = buildBill(costs, { messages: 1000, words });
        expect(Object.fromEntries(said.map(({ item, count }) => [item, count]))).to.deep.equal({
          writeUnits: writeUnits * 1000,
          readUnits: 8000,
          requests: 1000,
        });
      }
    });

    it("tells what a setting changes, for messages and for an idle month", () => {
      const { settings } = buildBill(costs, { messages: 1_000_000, words: 10 });
      const [multiplier, archive, file, provisioned] = settings as [Change, Change, Change, Change];

      // 20 million write units less, and two alarms.
      expect(multiplier.said).to.be.closeTo(-12.5, 1e-6);
      expect(multiplier.idle).to.be.closeTo(-0.2, 1e-6);
      // A million deliveries, 4.77 GB, 8,760 objects, and three alarms.
      expect(archive.said).to.be.closeTo(0.19 + 4.76837 * 0.029 + 0.0438, 1e-5);
      expect(archive.idle).to.be.closeTo(0.3, 1e-6);
      // 10,000 files.
      expect(file.said).to.be.closeTo(1, 1e-6);
      // 100 million writes at 0.00065 an hour, half used, in place of 62.50; 8 million reads at 0.00013 in place of 1.
      expect(provisioned.said).to.be.closeTo((100e6 / 1800) * 0.00065 - 62.5 + (8e6 / 1800) * 0.00013 - 1, 1e-6);
    });

    it("is readable, and adds up", () => {
      const text = describeBill(buildBill(costs, { messages: 1_000_000, words: 10 }));

      expect(text).to.include("| DynamoDB: write units | 100,000,000 | 62.50 |");
      expect(text).to.include("| together | | 64.50 |");
      expect(text).to.include("| `multiplier: 0` | −12.50 | −0.20 |");
      expect(describeBill(buildBill({ ...costs, variants: [{ ...usual, metrics: 12 }] }, { messages: 1, words: 10 }))).to.include(
        "| CloudWatch: metrics of our own | 12 | 3.60 |",
      );
    });
  });

  describe("idle", () => {
    const declare = (type: string, inputs: Resource["inputs"] = {}): Resource => ({ type, name: "x", inputs });

    it("counts resources that cost money unused, and what schedules start", () => {
      const target = { arn: "arn:aws:lambda:us-east-1:0:function:relay" };
      const resources = [
        declare("aws:cloudwatch/metricAlarm:MetricAlarm"),
        declare("aws:cloudwatch/metricAlarm:MetricAlarm"),
        declare("aws:kms/key:Key"),
        declare("aws:dynamodb/table:Table"),
        declare("aws:scheduler/schedule:Schedule", { scheduleExpression: "rate(1 hour)", target }),
      ];
      const run = { name: "relay", memoryMb: 512, invocations: 1, calls: {}, units: { seen: { read: 0.5, write: 0 } } };

      expect(addUpIdle(resources, () => run)).to.deep.equal({
        readUnits: 365,
        invocations: 730,
        gbSeconds: 36.5,
        scheduledRuns: 730,
        alarms: 2,
        keys: 1,
      });
    });

    for (const [expression, runs] of [
      ["rate(1 minute)", 43_800],
      ["rate(15 minutes)", 2920],
      ["rate(1 day)", 730 / 24],
      ["cron(0 9 ? * MON *)", 730 / 168],
    ] as const)
      it(`${expression} runs ${Math.round(runs)} times a month`, () => expect(runsAMonth(expression)).to.equal(runs));

    it("refuses schedules that it does not understand", () => {
      expect(() => runsAMonth("at(2026-11-29T00:00:00)")).to.throw('The schedule is "at(2026-11-29T00:00:00)", but must be');
    });
  });

  for (const [options, sentence] of [
    [{ messages: "many" }, '--messages is "many", but must be a whole number from 1 to 1,000,000,000,000.'],
    [{ words: "99" }, '--words is "99", but must be a whole number from 1 to 98.'],
    [{ words: "1.5" }, '--words is "1.5", but must be a whole number from 1 to 98.'],
  ] as const)
    it(`refuses ${JSON.stringify(options)}`, async () => {
      const message = await Promise.resolve(
        script.run({ options, arguments: [], report: () => undefined, progress: () => undefined }),
      ).then(
        () => "nothing was thrown",
        (error: Error) => error.message,
      );
      expect(message).to.equal(sentence);
    });
});
