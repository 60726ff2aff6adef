import { control, type PanelProps, type Program, ScrollTable, useLiveData } from "@slack-fanout/laptop-cloud/page";
import type { Account, Activity } from "@slack-fanout/laptop-cloud/protocol";
import { slack } from "@slack-fanout/pretend-slack/page";
import { compareCounts } from "./balance";
import { findTable } from "./find-table";

/** Larger tables are not compared. */
const MAX_ITEMS = 5000;

/** Shows whether deliveries and counts match the messages. In any weather they should, once nothing is under way. */
const BalancePanel = ({ program, activity }: PanelProps) => {
  const deliveries = useLiveData("slack deliveries", slack.readDeliveries);
  if (activity === undefined || deliveries === undefined) return null;
  const rows = [{ name: "Slack > doors", account: { ...deliveries, again: 0 } }, ...rowsOf(activity)];
  const isUnderWay = rows.some(({ account: { owed, done, dead } }) => owed > done + dead);
  return (
    <section class="balance" aria-label="Balance">
      <h3>Balance</h3>
      <CountsLine {...{ program, isUnderWay }} />
      <ScrollTable
        label="Deliveries and their outcomes"
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

interface CountsProps {
  /** Counts can be behind the messages while deliveries are under way. */
  isUnderWay: boolean;
}

/** Compares the counts, if stack outputs name the tables of words and messages. */
const CountsLine = ({ program, isUnderWay }: { program: Program } & CountsProps) => {
  const [words, seen] = [findTable(program, "wordsTable"), findTable(program, "seenTable")];
  return words === undefined || seen === undefined ? null : <Counts {...{ words, seen, isUnderWay }} />;
};

const Counts = ({ words, seen, isUnderWay }: { words: string; seen: string } & CountsProps) => {
  const read = async () => compareCounts(await control.readItems(words, MAX_ITEMS), await control.readItems(seen, MAX_ITEMS));
  const balance = useLiveData(`balance ${words} ${seen}`, read);
  if (balance === undefined) return null;
  const { accepted, multiplied, said, counted, differing, incomparable } = balance;
  return (
    <p role="status">
      {accepted} messages accepted, {multiplied} multiplied. They have {said} tokens; the counts add up to {counted}.{" "}
      {incomparable !== undefined ? (
        <span class="unused">Not compared: {incomparable}.</span>
      ) : differing.length === 0 ? (
        <span class="good">Counts match the messages.</span>
      ) : isUnderWay ? (
        <span class="unused">Deliveries are under way; counts are compared afterwards.</span>
      ) : (
        <span class="bad">Counts differ for {differing.slice(0, 5).join(", ")}.</span>
      )}
    </p>
  );
};

export { BalancePanel };
