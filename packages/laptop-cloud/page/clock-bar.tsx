import { useEffect, useState } from "preact/hooks";
import type { Occurrence } from "../src/protocol";
import { control } from "./control";
import type { EventStream } from "./event-stream";
import { dayOf, formatDuration, formatMoment } from "./format";
import { usePage } from "./page-context";
import { Time } from "./time";
import "./clock.css";

const STEPS = [
  { seconds: 60, label: "+1 min" },
  { seconds: 45 * 60, label: "+45 min" },
  { seconds: 6 * 3600, label: "+6 h" },
];

/** What fires within this time after the clock was moved is shown as fired by the move. */
const FIRED_WITHIN_MS = 5000;
const MAX_FIRED_SHOWN = 12;

/** The clock has been moved if it is ahead of the machine by more. */
const MOVED_MS = 5000;

/** Kinds of occurrences that a timer can cause. */
const TIMED_KINDS = new Set(["timer", "retry", "deliver", "dead-letter", "alarm", "receive"]);

/** The cloud's clock. */
interface CloudClock {
  nowMs: number;
  /** A move under way: where it began and where it ends. */
  move: { startMs: number; targetMs: number } | undefined;
}

/** What a move fired, and how often. */
interface Fired {
  what: string;
  count: number;
  lastMs: number;
}

/** The cloud's time, buttons that move it, the move under way, and what the last move fired. */
const ClockBar = ({ nowMs, move }: CloudClock) => {
  const { reportError } = usePage();
  const { fired, begin, forget } = useFired(move !== undefined);
  const run = (command: Promise<unknown>) => void command.catch(reportError);
  const advance = async (seconds: number) => {
    begin();
    await control.advance(seconds);
  };
  const goBack = async () => {
    await control.goBackToNow();
    forget();
  };
  const advanceToNext = async () => {
    const { nowMs: now, nextMs } = await control.readClock();
    // A timer that is due already needs no move.
    await advance(nextMs === null ? 0 : Math.max(0, nextMs - now) / 1000);
  };
  return (
    <fieldset class="clock">
      <legend class="hidden">The cloud's clock</legend>
      {/* Its date is said unless it is this machine's: everywhere else, today is the cloud's. */}
      <time dateTime={new Date(nowMs).toISOString()} title={new Date(nowMs).toISOString()}>
        {formatMoment(nowMs, dayOf(Date.now()))}
      </time>
      {move === undefined ? null : <Move nowMs={nowMs} {...move} onCancel={() => run(control.cancelMove())} />}
      {STEPS.map(({ seconds, label }) => (
        <button
          type="button"
          key={seconds}
          onClick={() => run(advance(seconds))}
          title={`Move the cloud's time forward by ${label.slice(1)}`}
        >
          {label}
        </button>
      ))}
      <button type="button" onClick={() => run(advanceToNext())} title="Move the cloud's time forward to the next timer">
        Next timer
      </button>
      {nowMs - Date.now() < MOVED_MS ? null : (
        <button type="button" onClick={() => run(goBack())} title="Go back to this machine's time">
          Back to now
        </button>
      )}
      {fired === undefined ? null : <FiredList fired={fired} />}
    </fieldset>
  );
};

interface MoveProps {
  nowMs: number;
  startMs: number;
  targetMs: number;
  onCancel(): void;
}

/** How far a move is. */
const Move = ({ nowMs, startMs, targetMs, onCancel }: MoveProps) => (
  <span class="move">
    <progress aria-label="Move of the clock" max={targetMs - startMs} value={Math.min(targetMs, nowMs) - startMs} />
    <span>
      to <Time atMs={targetMs} />, {formatDuration(Math.max(0, targetMs - nowMs))} left
    </span>
    <button type="button" onClick={onCancel} title="Leave the clock where it is">
      Cancel
    </button>
  </span>
);

const FiredList = ({ fired }: { fired: Fired[] }) => {
  const summary = fired.map(({ what }) => what).slice(0, MAX_FIRED_SHOWN);
  if (fired.length === 0)
    return (
      <span class="fired" role="status">
        Nothing fired.
      </span>
    );
  return (
    <details class="fired">
      <summary>
        <span role="status">{`Fired: ${summary.join("; ")}${fired.length > MAX_FIRED_SHOWN ? "; ..." : ""}`}</span>
      </summary>
      <ul>
        {fired.map(({ what, count, lastMs }) => (
          <li key={what}>
            <Time atMs={lastMs} /> {what}
            {count === 1 ? "" : `, ${count} times`}
          </li>
        ))}
      </ul>
    </details>
  );
};

/** Collects what fires during a move of the clock and shortly after it. Undefined before the first move. */
const useFired = (isMoving: boolean) => {
  const { events } = usePage();
  const [fired, setFired] = useState<Fired[]>();
  const [isListening, setListening] = useState(false);
  useEffect(() => {
    if (isMoving) {
      setFired(before => before ?? []);
      setListening(true);
      return;
    }
    const timer = setTimeout(() => setListening(false), FIRED_WITHIN_MS);
    return () => clearTimeout(timer);
  }, [isMoving, isListening]);
  useEffect(() => {
    if (!isListening) return;
    return events.on("occurrence", occurrence => {
      if (TIMED_KINDS.has(occurrence.kind)) setFired((before = []) => addFired(before, occurrence));
    });
  }, [events, isListening]);
  return {
    fired,
    begin: () => {
      setFired([]);
      setListening(true);
    },
    forget: () => setFired(undefined),
  };
};

const addFired = (fired: Fired[], occurrence: Occurrence): Fired[] => {
  const [what, lastMs] = [describe(occurrence), occurrence.atMs];
  return fired.some(each => each.what === what)
    ? fired.map(each => (each.what === what ? { what, count: each.count + 1, lastMs } : each))
    : [...fired, { what, count: 1, lastMs }];
};

const describe = ({ kind, from = "", to = "", detail = {} }: Occurrence) => {
  const expired = detail["expiredItems"];
  if (expired !== undefined) return `items of ${to} expired`;
  return to === "" || to === from ? `${kind} ${from}` : `${kind} ${from} → ${to}`;
};

/** The cloud's clock, counted on from the last clock event; before the first, the machine's. The component renders again each second. */
const useClock = (events: EventStream): CloudClock => {
  const [last, setLast] = useState<CloudClock & { receivedMs: number }>();
  const [, tick] = useState(0);
  useEffect(() => {
    const unsubscribe = events.on("clock", ({ nowMs, targetMs }) =>
      setLast(before => ({
        nowMs,
        receivedMs: performance.now(),
        move: targetMs === null ? undefined : { startMs: before?.move?.startMs ?? before?.nowMs ?? nowMs, targetMs },
      })),
    );
    const timer = setInterval(() => tick(count => count + 1), 1000);
    return () => {
      unsubscribe();
      clearInterval(timer);
    };
  }, [events]);
  return last === undefined
    ? { nowMs: Date.now(), move: undefined }
    : { nowMs: last.nowMs + performance.now() - last.receivedMs, move: last.move };
};

export type { CloudClock };
export { ClockBar, useClock };
