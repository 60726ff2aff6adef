import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { Budget } from "../../../components/operations/budget";
import { runMocked } from "../mocked";
import { find } from "../registered";

describe("budget", () => {
  const make = async (tags?: Record<string, string>) => {
    const { resources } = await runMocked(() => {
      if (tags !== undefined) pulumi.runtime.setConfig("aws:defaultTags", JSON.stringify({ tags }));
      void new Budget("budget", { dollars: 50, emails: ["oncall@example.com"] });
    });
    return find(resources, "aws:budgets/budget:Budget");
  };
  afterEach(() => pulumi.runtime.setAllConfig({}));

  it("tells before the month's bill exceeds it", async () => {
    const { limitAmount, limitUnit, notifications } = await make();
    expect([limitAmount, limitUnit]).to.deep.equal(["50", "USD"]);
    const tell = { comparisonOperator: "GREATER_THAN", thresholdType: "PERCENTAGE", subscriberEmailAddresses: ["oncall@example.com"] };
    expect(notifications).to.deep.equal([
      { notificationType: "FORECASTED", threshold: 100, ...tell },
      { notificationType: "ACTUAL", threshold: 80, ...tell },
    ]);
  });

  it("covers resources that carry all default tags, or the whole account if there are none", async () => {
    expect((await make({ project: "slack-fanout", stack: "prod" }))["filterExpression"]).to.deep.equal({
      ands: [{ tags: { key: "project", values: ["slack-fanout"] } }, { tags: { key: "stack", values: ["prod"] } }],
    });
    expect((await make({ stack: "prod" }))["filterExpression"]).to.deep.equal({ tags: { key: "stack", values: ["prod"] } });
    pulumi.runtime.setAllConfig({});
    expect(await make()).not.to.have.any.keys("filterExpression", "metrics");
  });
});
