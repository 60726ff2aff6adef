import { control, formatDuration, type PanelProps, Time, useLiveData } from "@slack-fanout/laptop-cloud/page";
import { useSession } from "@slack-fanout/pretend-slack/page";
import { findTable } from "./find-table";
import { buildTurnQueues, type TurnBar, type TurnQueue } from "./turns";

const MAX_ITEMS = 500;

/** Who holds which shared thing, who waits for it, since when and until when, by the cloud's clock. */
const TurnsPanel = ({ program, nowMs }: PanelProps) => {
  const dibs = findTable(program, "dibsTable")!;
  const history = program.resources.find(({ type, name }) => type === "aws:dynamodb/table:Table" && name === `${dibs}-history`)?.name;
  const data = useLiveData(`turns ${dibs} ${history}`, async () => ({
    dibs: await control.readItems(dibs, MAX_ITEMS),
    history: history === undefined ? undefined : await control.readItems(history, MAX_ITEMS),
  }));
  if (data === undefined) return null;
  const queues = buildTurnQueues(data.dibs, data.history, nowMs);
  if (queues.length === 0) return <p class="empty">Nobody has dibs on anything. Say “/dibs on staging for 45 minutes”.</p>;
  return (
    <>
      {queues.map(queue => (
        <section key={queue.name} class="turns" aria-label={`Turns of ${queue.name}`}>
          <h3>{queue.name}</h3>
          <ol>
            {queue.bars.map(bar => (
              <Turn key={`${bar.id} ${bar.fromMs}`} {...{ bar, queue, nowMs }} />
            ))}
          </ol>
        </section>
      ))}
    </>
  );
};

interface TurnProps {
  bar: TurnBar;
  queue: TurnQueue;
  nowMs: number;
}

const Turn = ({ bar, queue, nowMs }: TurnProps) => {
  const { workspace } = useSession();
  const place = (atMs: number) => ((atMs - queue.fromMs) / Math.max(1, queue.toMs - queue.fromMs)) * 100;
  const [left, right] = [place(bar.fromMs), place(bar.toMs)];
  const name = workspace?.users.find(({ id }) => id === bar.owner)?.name ?? bar.owner;
  return (
    <li class={bar.state}>
      <span class="who">
        <b>{name}</b> {bar.state}
      </span>{" "}
      <span class="track" aria-hidden="true">
        <span class="length" style={{ left: `${left}%`, width: `max(3px, ${right - left}%)` }} />
        <span class="now" style={{ left: `${place(nowMs)}%` }} />
      </span>{" "}
      <span class="until">
        since <Time atMs={bar.fromMs} />
        <Due {...{ bar, nowMs }} />
        {bar.reason === undefined ? "" : `, “${bar.reason}”`}
      </span>
    </li>
  );
};

const Due = ({ bar: { state, dueMs }, nowMs }: Omit<TurnProps, "queue">) => {
  if (dueMs === undefined) return state === "holds" ? <>, until it is released</> : null;
  const left = formatDuration(Math.max(0, dueMs - nowMs));
  return (
    <>
      {state === "waits" ? ", from " : ", until "}
      <Time atMs={dueMs} />
      {state === "held" ? "" : state === "waits" ? ` at the latest, in ${left}` : `, ${left} left`}
    </>
  );
};

export { TurnsPanel };
