import { control, type PanelProps, type Program, ScrollTable, useLiveData } from "@slack-fanout/laptop-cloud/page";
import type { Activity, DeliveryCounts } from "@slack-fanout/laptop-cloud/protocol";
import { slack } from "@slack-fanout/pretend-slack/page";
import { compareCounts } from "./balance";
import { findTable, isByTeam } from "./find-table";

/** Larger tables are not compared. */
const MAX_ITEMS = 5000;

/** Shows whether deliveries and counts match the messages. In any weather they should, once nothing is under way. */
const BalancePanel = ({ program, activity }: PanelProps) => {
  const deliveries = useLiveData("slack deliveries", slack.readDeliveries);
  if (activity === undefined || deliveries === undefined) return null;
  const rows = [{ name: "Slack > doors", counts: { ...deliveries, repeated: 0 } }, ...rowsOf(activity)];
  const isUnderWay = rows.some(({ counts: { expected, done, deadLetters } }) => expected > done + deadLetters);
  return (
    <section class="balance" aria-label="Balance">
      <h3>Balance</h3>
      <CountsLine {...{ program, isUnderWay }} />
      <ScrollTable
        label="Deliveries and their outcomes"
        columns={[
          { title: "from > to" },
          { title: "expected", isNumber: true },
          { title: "done", isNumber: true },
          { title: "given up", isNumber: true },
          { title: "under way", isNumber: true },
          { title: "repeated", isNumber: true },
        ]}
        rows={rows.map(({ name, counts: { expected, done, deadLetters, repeated } }) => ({
          key: name,
          class: deadLetters > 0 ? "bad" : expected > done ? "unused" : undefined,
          cells: [name, expected, done, deadLetters, expected - done - deadLetters, repeated],
        }))}
      />
    </section>
  );
};

const rowsOf = ({ balance }: Activity): { name: string; counts: DeliveryCounts }[] => [
  ...Object.entries(balance.deliveries).map(([name, counts]) => ({ name, counts })),
  ...Object.entries(balance.events).map(([name, counts]) => ({ name: `${name} runs`, counts })),
];

interface CountsProps {
  /** Counts can be behind the messages while deliveries are under way. */
  isUnderWay: boolean;
}

/** Compares the counts, if stack outputs name the tables of words and messages. */
const CountsLine = ({ program, isUnderWay }: { program: Program } & CountsProps) => {
  const [words, seen] = [findTable(program, "wordsTable"), findTable(program, "seenTable")];
  const byTeam = isByTeam(program);
  return words === undefined || seen === undefined ? null : <Counts {...{ words, seen, byTeam, isUnderWay }} />;
};

const Counts = ({ words, seen, byTeam, isUnderWay }: { words: string; seen: string; byTeam: boolean } & CountsProps) => {
  const read = async () => compareCounts(await control.readItems(words, MAX_ITEMS), await control.readItems(seen, MAX_ITEMS), byTeam);
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
