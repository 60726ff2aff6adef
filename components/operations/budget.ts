import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

interface BudgetArgs {
  /** US dollars a month. */
  dollars: number;
  /** The addresses that get AWS's e-mails. */
  emails: string[];
}

/** Thresholds are percent of the budget. AWS forecasts only after some weeks of use, so 80 % of actual costs also sends an e-mail. */
const NOTIFICATIONS = [
  { notificationType: "FORECASTED", threshold: 100 },
  { notificationType: "ACTUAL", threshold: 80 },
];

/**
 * A monthly budget for the resources that carry the stack's default tags or, without such tags, for the whole account. AWS sends e-mails when the
 * forecast exceeds it, or most of it is spent. Source: https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-create.html
 */
class Budget extends aws.budgets.Budget {
  constructor(name: string, { dollars, emails }: BudgetArgs, opts?: pulumi.ResourceOptions) {
    const { tags = {} } = new pulumi.Config("aws").getObject<{ tags?: Record<string, string> }>("defaultTags") ?? {};
    const filters = Object.entries(tags).map(([key, value]) => ({ tags: { key, values: [value] } }));
    const filterExpression = filters.length > 1 ? { ands: filters } : filters[0];
    super(
      name,
      {
        budgetType: "COST",
        limitAmount: String(dollars),
        limitUnit: "USD",
        timeUnit: "MONTHLY",
        ...(filterExpression && { filterExpression, metrics: "UnblendedCost" }),
        notifications: NOTIFICATIONS.map(each => ({
          ...each,
          comparisonOperator: "GREATER_THAN",
          thresholdType: "PERCENTAGE",
          subscriberEmailAddresses: emails,
        })),
      },
      opts,
    );
  }
}

export { Budget };
