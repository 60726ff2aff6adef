/** `npm run cost`: the bill of a month, from measurements on the laptop and the price file. */
import { defineScript, runScript, UsageError } from "./command-line";
import { buildBill, describeBill, type Usage } from "./cost/bill";
import { type Costs, measureCosts } from "./cost/measure";
import { format, type Markers, placeBetween, readText, writeFiles } from "./write-files";

const RESULTS = "docs/cost.json";
const PAGE = "docs/cost.md";

const MARKERS: Markers = { begin: "<!-- cost: npm run cost -- --measure -->", end: "<!-- /cost -->" };

/** What the page shows. */
const SHOWN: Usage = { messages: 1_000_000, words: 10 };

/** Most words of a message that one transaction counts, the trigger word included. */
const MAX_WORDS = 98;

const readCosts = (): Costs => JSON.parse(readText(RESULTS)) as Costs;

const buildPage = (page: string, costs: Costs): string => placeBetween(MARKERS, page, describeBill(buildBill(costs, SHOWN)));

/** Throws `UsageError`. */
const readCount = (name: string, text: string, max: number): number => {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= max) return count;
  throw new UsageError(`--${name} is ${JSON.stringify(text)}, but must be a whole number from 1 to ${max.toLocaleString("en-US")}.`);
};

const script = defineScript({
  name: "cost",
  usage: "[--messages N] [--words N] [--measure] [--json]",
  help: `Estimates what a month on AWS costs, item by item, and what each setting adds or saves. The calls of messages were measured on the laptop cloud.

  --messages N     messages in the month; ${SHOWN.messages.toLocaleString("en-US")} if left out
  --words N        words in each, the trigger word included; ${SHOWN.words} if left out
  --measure        measures again, once for each setting, which takes some minutes; writes ${RESULTS} and the tables of ${PAGE}`,
  options: { messages: { type: "string" }, words: { type: "string" }, measure: { type: "boolean" } },
  run: async ({ options, report }) => {
    const usage = {
      messages: readCount("messages", options.messages ?? String(SHOWN.messages), 1_000_000_000_000),
      words: readCount("words", options.words ?? String(SHOWN.words), MAX_WORDS),
    };
    if (options.measure) {
      const costs = await measureCosts(report);
      writeFiles(
        new Map([
          [RESULTS, format(RESULTS, JSON.stringify(costs))],
          [PAGE, buildPage(readText(PAGE), costs)],
        ]),
      );
    }
    const bill = buildBill(readCosts(), usage);
    return { text: describeBill(bill), json: bill };
  },
});

if (require.main === module) void runScript(script);

export { buildPage, PAGE, readCosts, SHOWN, script };
