import { type Account, type Activity, control, type Program } from "../packages/laptop-cloud/page/control";
import type { PanelProps } from "../packages/laptop-cloud/page/panels/panel";
import { ScrollTable } from "../packages/laptop-cloud/page/panels/scroll-table";
import { useReading } from "../packages/laptop-cloud/page/reading";
import { slack } from "../packages/pretend-slack/page/slack";
import { balanceWords } from "./balance";

/** More items than these are not compared. */
const mostItems = 5000;

/** Whether deliveries and counts agree with what was said: in all weather they do, once nothing is under way. */
const BalancePanel = ({ program, activity, hearing, fail }: Pick<PanelProps, "program" | "activity" | "hearing" | "fail">) => {
  const deliveries = useReading(hearing, "slack deliveries", slack.readDeliveries, fail);
  if (activity === undefined || deliveries === undefined) return null;
  const rows = [{ name: "Slack > doors", account: { ...deliveries, again: 0 } }, ...rowsOf(activity)];
  const isUnderWay = rows.some(({ account: { owed, done, dead } }) => owed > done + dead);
  return (
    <section class="balance" aria-label="Balance">
      <h3>Balance</h3>
      <WordsLine {...{ program, isUnderWay, hearing, fail }} />
      <ScrollTable
        label="What was owed and what became of it"
        columns={[
          { title: "from > to" },
          { title: "owed", isNumber: true },
          { title: "done", isNumber: true },
          { title: "given up", isNumber: true },
          { title: "under way", isNumber: true },
          { title: "repeated", isNumber: true },
        ]}
        rows={rows.map(({ name, account: { owed, done, dead, again } }) => ({
          key: name,
          class: dead > 0 ? "bad" : owed > done ? "unused" : undefined,
          cells: [name, owed, done, dead, owed - done - dead, again],
        }))}
      />
    </section>
  );
};

const rowsOf = ({ books }: Activity): { name: string; account: Account }[] => [
  ...Object.entries(books.deliveries).map(([name, account]) => ({ name, account })),
  ...Object.entries(books.events).map(([name, account]) => ({ name: `${name} runs`, account })),
];

/** Only where the stack says which tables hold counts and messages. */
const WordsLine = ({ program, ...rest }: Pick<PanelProps, "program"> & CountsProps) => {
  const [words, seen] = [findTable(program, "wordsTable"), findTable(program, "seenTable")];
  return words === undefined || seen === undefined ? null : <Words {...{ words, seen, ...rest }} />;
};

interface CountsProps extends Pick<PanelProps, "hearing" | "fail"> {
  /** Counts may follow what was said yet. */
  isUnderWay: boolean;
}

const Words = ({ words, seen, isUnderWay, hearing, fail }: { words: string; seen: string } & CountsProps) => {
  const read = async () => balanceWords(await control.readItems(words, mostItems), await control.readItems(seen, mostItems));
  const balance = useReading(hearing, `balance ${words} ${seen}`, read, fail);
  if (balance === undefined) return null;
  const { accepted, multiplied, said, counted, differing, incomparable } = balance;
  return (
    <p role="status">
      {accepted} messages accepted, {multiplied} multiplied; {said} tokens said, counted as {counted}.{" "}
      {incomparable !== undefined ? (
        <span class="unused">Not compared: {incomparable}.</span>
      ) : differing.length === 0 ? (
        <span class="good">Counts agree with what was said.</span>
      ) : isUnderWay ? (
        <span class="unused">Some is under way; then they are compared.</span>
      ) : (
        <span class="bad">Counts differ for {differing.slice(0, 5).join(", ")}.</span>
      )}
    </p>
  );
};

/** The Pulumi name of a table that a stack output names. */
const findTable = ({ outputs, resources }: Program, output: string): string | undefined =>
  resources.find(({ type, outputs: { name } }) => type === "aws:dynamodb/table:Table" && name === outputs[output])?.name;

export { BalancePanel, findTable };
