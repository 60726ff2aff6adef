/** The part of `docs/scale.md` about a thousand workspaces: what they cost, and which limit is reached first. On paper, from the costs of a message. */
import { dollarsOf, type FunctionCost, INVOCATION_SECONDS } from "./costs";

/** What is assumed of the workspaces. */
const WORKSPACES = 1000;
const MESSAGES_A_DAY = 500;
/** How many times the average the busiest hour has. */
const PEAK = 5;

const DAY_SECONDS = 86_400;
const MONTH_DAYS = 30;

/** AWS's default quotas, and the limits of the program. */
const NEW_ACCOUNT_CONCURRENCY = 10;
const CONCURRENCY = 1000;
const NEW_TABLE_WRITE_UNITS = 4000;
const TABLE_WRITE_UNITS = 40_000;
const KEY_WRITE_UNITS = 1000;
const REQUESTS_PER_SECOND = 500;
/** A marker gets its place in the index of unfinished messages, and loses it. */
const PENDING_KEYS = 8;
const PENDING_WRITE_UNITS = 2;
const NOTIFIERS = 20;
/** A post waits for Slack and for four calls to DynamoDB: an estimate. */
const POST_SECONDS = 0.25;

const LAMBDA_QUOTAS = "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html";
const DYNAMODB_QUOTAS = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html";

interface Limit {
  /** In messages a second, of all workspaces together. */
  perSecond: number;
  what: string;
  movedBy: string;
}

/** Builds the section from what one message costs. */
const buildWorkspaces = (costs: readonly FunctionCost[], door: string): string => {
  const perDay = WORKSPACES * MESSAGES_A_DAY;
  const perSecond = perDay / DAY_SECONDS;
  const peak = perSecond * PEAK;
  const dollars = costs.reduce((sum, cost) => sum + dollarsOf(cost, cost.name === door), 0) * perDay * MONTH_DAYS;
  const [first, ...others] = listLimits(costs).sort((a, b) => a.perSecond - b.perSecond);
  return `## A thousand workspaces

With \`workspaces: many\` every key begins with the team, so the limits of keys above are those of one workspace. What all workspaces share has other
limits. Assume ${format(WORKSPACES)} workspaces of ${format(MESSAGES_A_DAY)} messages a day, each of ten hashtags: ${format(perDay)} messages a day, ${perSecond.toFixed(1)} a second, and
${peak.toFixed(0)} a second in the busiest hour, which has ${PEAK} times the average. They cost some ${format(Math.round(dollars / 10) * 10)} dollars a month. A workspace that says nothing costs only
its row; the KMS key costs one dollar a month, whatever the number of workspaces.

| messages a second, all workspaces | workspaces | limit | what moves it |
|---|---|---|---|
${[first!, ...others].map(limit => buildRow(limit, peak)).join("\n")}

The first line is reached first. The numbers of workspaces are for the busiest hour. Slack's limits are per workspace, so more workspaces don't reach them. KMS
decrypts a token once in five minutes for each workspace and warm function: ${format(Math.round((WORKSPACES * POSTING_FUNCTIONS) / 300))} calls a second with one warm instance of each of ${POSTING_FUNCTIONS} functions.
Agents run at most four times \`agentWorkers\` tasks at once, and \`agentTasksPerTeam\` of one workspace ([ADR 65](adr/0065-workspaces-take-turns.md)).
`;
};

/** The functions that act in Slack: notifier, gateway, commands and the archive's download. */
const POSTING_FUNCTIONS = 4;

const listLimits = (costs: readonly FunctionCost[]): Limit[] => {
  const invocationSeconds = costs.reduce((sum, { invocations }) => sum + invocations, 0) * INVOCATION_SECONDS;
  const [table, units] = findBusiestTable(costs);
  const ask = "a higher quota, by Service Quotas";
  return [
    {
      perSecond: NEW_ACCOUNT_CONCURRENCY / invocationSeconds,
      what: `[Lambda's concurrency](${LAMBDA_QUOTAS}) in a new account, ${NEW_ACCOUNT_CONCURRENCY}`,
      movedBy: ask,
    },
    {
      perSecond: CONCURRENCY / invocationSeconds,
      what: `[Lambda's concurrency](${LAMBDA_QUOTAS}) by default, ${format(CONCURRENCY)}`,
      movedBy: ask,
    },
    {
      perSecond: NEW_TABLE_WRITE_UNITS / units,
      what: `what a new table takes, ${format(NEW_TABLE_WRITE_UNITS)} write units a second: \`${table}\` has ${units} a message`,
      movedBy: "time: DynamoDB follows twice the last peak; `personalBoards: false`",
    },
    {
      perSecond: TABLE_WRITE_UNITS / units,
      what: `[what a table takes](${DYNAMODB_QUOTAS}) by default, ${format(TABLE_WRITE_UNITS)} write units a second: \`${table}\``,
      movedBy: `${ask}; \`personalBoards: false\``,
    },
    { perSecond: REQUESTS_PER_SECOND, what: "requests of all kinds", movedBy: "`requestsPerSecond`, `burst`" },
    {
      perSecond: (PENDING_KEYS * KEY_WRITE_UNITS) / PENDING_WRITE_UNITS,
      what: `the ${PENDING_KEYS} keys of \`seen/pending\`, which all messages share while they are unfinished`,
      movedBy: "none",
    },
    {
      perSecond: NOTIFIERS / POST_SECONDS,
      what: `answers that the notifier posts, ${NOTIFIERS} at once; only for messages that begin with a trigger word`,
      movedBy: "none; they wait in a queue",
    },
  ];
};

/** The table that a message writes most to, without its indexes, which have their own throughput. */
const findBusiestTable = (costs: readonly FunctionCost[]): [table: string, units: number] => {
  const units = new Map<string, number>();
  for (const [place, { write }] of costs.flatMap(cost => Object.entries(cost.units)))
    if (!place.includes("/")) units.set(place, (units.get(place) ?? 0) + write);
  return [...units].sort(([, a], [, b]) => b - a)[0]!;
};

const buildRow = ({ perSecond, what, movedBy }: Limit, peak: number): string =>
  `| ${format(Math.floor(perSecond))} | ${format(Math.floor((WORKSPACES * perSecond) / peak / 100) * 100)} | ${what} | ${movedBy} |`;

const format = (count: number): string => count.toLocaleString("en-US");

export { buildWorkspaces };
