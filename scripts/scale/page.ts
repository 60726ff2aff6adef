/** `docs/scale.md`, from what messages cost on the laptop. */
import { PRICES, PRICES_DATE } from "../prices";
import { dollarsOf, type FunctionCost, INVOCATION_SECONDS, type KeyUnits } from "./costs";
import { buildWorkspaces } from "./workspaces";

interface Results {
  /** When they were measured, "2026-11-29". */
  date: string;
  cases: Case[];
}

/** What somebody does in Slack. */
interface Case {
  name: string;
  /** The function that the request invokes. */
  door: string;
  costs: FunctionCost[];
  /** The partition keys that all messages share. */
  hotKeys: KeyUnits[];
}

/** The capacity of a partition. Source: Developer Guide, "Best practices for designing and using partition keys effectively". */
const UNITS_PER_SECOND = { read: 3000, write: 1000 };

/** How many transactions on one item get through in a second: an estimate for transactions of 12 ms, with retries between them. */
const TRANSACTIONS_PER_SECOND = 65;

/** The setting that raises a limit, by operation and table. No setting raises the limit of what one person reads. */
const MOVED_BY: Record<string, string> = {
  "write boards": "`boardShards`",
  "read boards": "`boardShards`",
  "write words": "`hotWords`; `multiplier: 0` halves the units",
};

const GUIDE = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide";

const buildPage = ({ date, cases }: Results): string => `# Scale

What a message costs at AWS, and which limit of AWS is reached first. \`npm run scale\` makes this page on the laptop cloud, whose DynamoDB counts units as AWS
does; do not edit it. These numbers are from ${date}, for messages of ten words that have all been said before. They leave out
new levels ([ADR 64](adr/0064-lists-by-level.md)): a counter gets one whenever its count has grown eightfold, which takes four more write units.

## What it costs

Calls and units are for one message. Dollars are for a million messages, at AWS's [prices](#prices) for us-east-1, without free tiers. An
invocation of Lambda is assumed to take ${INVOCATION_SECONDS * 1000} ms. ${shareOfDynamodb(cases)}

${cases.map(buildCase).join("\n")}
A quarter of the leaderboard's units of \`boards\` is for people's own lists (\`/words mine\`). \`personalBoards: false\` saves them.

[What it costs](cost.md) shows the whole bill, and how much each setting changes it.

Not in these tables: the pipeline that archives a file; agents, turn queues and payroll; logs; storage and backups; and the relay, which looks for unfinished
messages once a minute.

## Where the limits lie

A partition of DynamoDB takes ${format(UNITS_PER_SECOND.write)} write units and ${format(UNITS_PER_SECOND.read)} read units a second
([partition keys](${GUIDE}/bp-partition-key-design.html)), so a key that all messages share limits their number.
If the key of an index is at its limit, DynamoDB
refuses the writes to the table ([back pressure](${GUIDE}/gsi-throttling.html)). The limit in the first line is reached first.

| messages a second | partition key | of | units a message | when | what moves it |
|---|---|---|---|---|---|
${buildLimits(cases)}

These are the keys that all public messages share; DAY is a date. The words of a private conversation have their own keys,
and so their own limits. A word that reaches another level costs an index two writes, one to delete its entry and one to put it
([indexes](${GUIDE}/GSI.html#GSI.ThroughputConsiderations.Writes)).

What is throttled is not lost: doors retry for as long as Slack waits, then answer 503, and Slack sends the message again. Subscribers are invoked again, and
messages that they still fail on wait in their dead-letter queues.

- **A word in every message**, such as the trigger word, has a limit of its own: AWS cancels a transaction if another one works on the same item. If a
  transaction takes 12 ms, some ${TRANSACTIONS_PER_SECOND} a second get through. A message has two for each word, the door's and the multiplier's, which makes some
  ${Math.floor(TRANSACTIONS_PER_SECOND / 2)} messages a second. This is an estimate, not measured. The setting \`hotWords\` moves it.
- **All requests** together: 500 a second with bursts of 1,000, or what the settings \`requestsPerSecond\` and \`burst\` say.
- **For a while AWS takes more.** It keeps unused units of up to five minutes ([burst capacity](${GUIDE}/burst-adaptive-capacity.html)), and may split a busy
  partition. Neither is promised.

### Which setting moves which limit

- \`boardShards: N\` spreads boards and rankings over N partition keys each, so the limits of \`boards\`, and those of the indexes, become N times
  as high. Writing costs the same. Reading takes N queries for each ranking: \`/words\` 2 N, \`/words week\` 14 N, \`/words month\` 60 N.
- \`hotWords\` lists words that are in almost every message. Each gets 16 counters, and leaves the index. The limit of its item, and of transactions on
  it, becomes 16 times as high. Every list reads 17 more rows for each hot word and day.
- \`multiplier: 0\` halves what a message writes to \`words\`.

The guide [words](guides/words.md#room-to-grow) says when and how to change them.

\`npm run bench scale\` finds the first limit by experiment: it says more and more messages a second, with the weather's \`partitionLimits\` on, until DynamoDB
throttles ([ADR 42](adr/0042-partition-limits-on-the-laptop.md)). It does so with the default settings, and with others.

${buildWorkspaces(cases[0]!.costs, cases[0]!.door)}
## Prices

As known on ${PRICES_DATE}; AWS's pages say what they are now.

| US dollars | for |
|---|---|
${Object.values(PRICES)
  .map(({ what, usd, page }) => `| ${usd} | [${what}](${page}) |`)
  .join("\n")}
`;

const buildCase = ({ name, door, costs }: Case): string => `### ${name}

| function | calls | write units | read units | dollars a million |
|---|---|---|---|---|
${costs.map(cost => buildCost(cost, cost.name === door)).join("\n")}
| all | | ${sumUnits(costs, "write")} | ${sumUnits(costs, "read")} | ${dollars(costs.reduce((sum, cost) => sum + dollarsOf(cost, cost.name === door), 0))} |
`;

const buildCost = (cost: FunctionCost, isDoor: boolean): string => {
  const calls = Object.entries(cost.calls).map(([operation, count]) => `${count} \`${operation}\``);
  return `| ${cost.name} | ${calls.join(", ")} | ${describeUnits(cost, "write")} | ${describeUnits(cost, "read")} | ${dollars(dollarsOf(cost, isDoor))} |`;
};

/** "26: `words` 20, `seen` 6". */
const describeUnits = (cost: FunctionCost, kind: "read" | "write"): string => {
  const places = Object.entries(cost.units).filter(([, units]) => units[kind] > 0);
  const detail = places.map(([place, units]) => `\`${place}\` ${units[kind]}`).join(", ");
  return places.length === 0 ? "" : `${sumUnits([cost], kind)}: ${detail}`;
};

const sumUnits = (costs: FunctionCost[], kind: "read" | "write"): number =>
  costs.flatMap(({ units }) => Object.values(units)).reduce((sum, units) => sum + units[kind], 0);

const shareOfDynamodb = (cases: Case[]): string => {
  const [first] = cases;
  const all = first!.costs.reduce((sum, cost) => sum + dollarsOf(cost, cost.name === first!.door), 0);
  const units = first!.costs.reduce((sum, cost) => sum + dollarsOf({ ...cost, invocations: 0, calls: {} }, false), 0);
  return `In the first table, DynamoDB makes up ${Math.round((100 * units) / all)} % of the dollars.`;
};

/** The lowest limit of each partition key, the lowest first. */
const buildLimits = (cases: Case[]): string => {
  const limits = cases
    .flatMap(({ name, hotKeys }) => hotKeys.map(hotKey => ({ ...hotKey, name, perSecond: UNITS_PER_SECOND[hotKey.kind] / hotKey.units })))
    .sort((a, b) => a.perSecond - b.perSecond);
  const isFirst = ({ place, key, kind }: KeyUnits, position: number) =>
    limits.findIndex(other => other.place === place && other.key === key && other.kind === kind) === position;
  return limits
    .filter(isFirst)
    .map(
      ({ name, place, key, kind, units, perSecond }) =>
        `| ${format(Math.floor(perSecond))} | \`${key}\` | \`${place}\` | ${units} to ${kind} | ${lowerFirst(name)} | ${(key.startsWith("@") ? undefined : MOVED_BY[`${kind} ${place}`]) ?? "none"} |`,
    )
    .join("\n");
};

const lowerFirst = (text: string): string => text[0]!.toLowerCase() + text.slice(1);

const dollars = (perMessage: number): string => (perMessage * 1_000_000).toFixed(2);

const format = (count: number): string => count.toLocaleString("en-US");

export type { Case, Results };
export { buildPage };
