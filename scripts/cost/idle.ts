/** What a stack costs in a month in which nobody says anything, from the resources that the program declares. */
import { addQuantities, multiply, type Quantities } from "../prices";
import { type FunctionCost, quantitiesOf } from "../scale/costs";

interface Resource {
  type: string;
  name: string;
  // biome-ignore lint/suspicious/noExplicitAny: the inputs of every resource type of @pulumi/aws.
  inputs: Record<string, any>;
}

/** As AWS counts. */
const HOURS_A_MONTH = 730;

/** What there is to pay for a resource each month, whether it is used or not. */
const EACH: Record<string, Quantities> = {
  "aws:cloudwatch/metricAlarm:MetricAlarm": { alarms: 1 },
  "aws:cloudwatch/dashboard:Dashboard": { dashboards: 1 },
  "aws:kms/key:Key": { keys: 1 },
  // Lambda keeps five long polls open for each queue, and each ends after 20 seconds. Source: Lambda's Developer Guide, "Using Lambda with Amazon SQS".
  "aws:lambda/eventSourceMapping:EventSourceMapping": { sqsRequests: (5 * HOURS_A_MONTH * 3600) / 20 },
};

const SECONDS: Record<string, number> = { minute: 60, hour: 3600, day: 24 * 3600 };

/** Throws for an expression of another form than rate(N UNITS) or a cron of one day of the week. */
const runsAMonth = (expression: string): number => {
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  if (unit !== undefined) return (HOURS_A_MONTH * 3600) / (Number(count) * SECONDS[unit]!);
  if (/^cron\(\d+ \d+ \? \* [A-Z]{3} \*\)$/.test(expression)) return HOURS_A_MONTH / (7 * 24);
  throw new Error(
    `The schedule is ${JSON.stringify(expression)}, but must be rate(N minutes, hours or days), or a cron of one day of the week.`,
  );
};

/** `runOf` tells what one run of a function does. */
const addUpIdle = (resources: readonly Resource[], runOf: (name: string) => FunctionCost): Quantities =>
  addQuantities(
    ...resources.map(({ type }) => EACH[type] ?? {}),
    ...resources
      .filter(({ type }) => type === "aws:scheduler/schedule:Schedule")
      .map(({ inputs }) => {
        const name = String(inputs["target"].arn).split(":").at(-1)!;
        return multiply({ scheduledRuns: 1, ...quantitiesOf(runOf(name), false) }, runsAMonth(inputs["scheduleExpression"]));
      }),
  );

export type { Resource };
export { addUpIdle, HOURS_A_MONTH, runsAMonth };
