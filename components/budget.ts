import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

interface BudgetArgs {
  /** US dollars a month. */
  dollars: number;
  /** Who is told. */
  emails: string[];
}

/** Percent of the budget. A forecast needs some weeks of use, so the month's bill so far counts, too. */
const NOTIFICATIONS = [
  { notificationType: "FORECASTED", threshold: 100 },
  { notificationType: "ACTUAL", threshold: 80 },
];

/**
 * A budget for the month's bill of what carries the stack's default tags; without such tags, for the whole account. AWS sends e-mails when the bill
 * is expected to exceed it. Source: https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-create.html
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

export type { BudgetArgs };
export { Budget };
