import { useEffect, useRef, useState } from "preact/hooks";
import type { Occurrence } from "../src/protocol";
import { control } from "./control";
import type { EventStream } from "./event-stream";
import { formatDateTime } from "./format";
import { usePage } from "./page-context";

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

/** The cloud's time in epoch milliseconds, buttons that move it forward, and what the last move fired. */
const ClockBar = ({ nowMs }: { nowMs: number }) => {
  const { events, reportError } = usePage();
  const [fired, setFired] = useState<string[]>();
  const firedUntil = useRef(Number.NEGATIVE_INFINITY);
  useEffect(
    () =>
      events.on("occurrence", occurrence => {
        if (!TIMED_KINDS.has(occurrence.kind) || performance.now() > firedUntil.current) return;
        setFired((before = []) => [...new Set([...before, describe(occurrence)])]);
      }),
    [events],
  );
  const advance = async (seconds: number) => {
    firedUntil.current = Number.POSITIVE_INFINITY;
    setFired([]);
    try {
      await control.advance(seconds);
    } finally {
      firedUntil.current = performance.now() + FIRED_WITHIN_MS;
    }
  };
  const goBack = async () => {
    await control.goBackToNow();
    setFired(undefined);
  };
  const advanceToNext = async () => {
    const { nowMs: now, nextMs } = await control.readClock();
    // A timer that is due already needs no move.
    await advance(nextMs === null ? 0 : Math.max(0, nextMs - now) / 1000);
  };
  return (
    <fieldset class="clock">
      <legend class="hidden">The cloud's clock</legend>
      <time dateTime={new Date(nowMs).toISOString()}>{formatDateTime(nowMs)}</time>
      {STEPS.map(({ seconds, label }) => (
        <button
          type="button"
          key={seconds}
          onClick={() => void advance(seconds).catch(reportError)}
          title={`Move the cloud's time forward by ${label.slice(1)}`}
        >
          {label}
        </button>
      ))}
      <button type="button" onClick={() => void advanceToNext().catch(reportError)} title="Move the cloud's time forward to the next timer">
        Next timer
      </button>
      {nowMs - Date.now() < MOVED_MS ? null : (
        <button type="button" onClick={() => void goBack().catch(reportError)} title="Go back to this machine's time">
          Back to now
        </button>
      )}
      {fired === undefined ? null : (
        <span class="fired" role="status" title={fired.join("\n")}>
          {fired.length === 0
            ? "Nothing fired."
            : `Fired: ${fired.slice(0, MAX_FIRED_SHOWN).join("; ")}${fired.length > MAX_FIRED_SHOWN ? "; ..." : ""}`}
        </span>
      )}
    </fieldset>
  );
};

const describe = ({ kind, from = "", to = "" }: Occurrence) => (to === "" || to === from ? `${kind} ${from}` : `${kind} ${from} → ${to}`);

/** The cloud's time, counted on from the last clock event; undefined before the first. The component renders again each second. */
const useClock = (events: EventStream): number | undefined => {
  const [last, setLast] = useState<{ nowMs: number; receivedMs: number }>();
  const [, tick] = useState(0);
  useEffect(() => {
    const unsubscribe = events.on("clock", ({ nowMs }) => setLast({ nowMs, receivedMs: performance.now() }));
    const timer = setInterval(() => tick(count => count + 1), 1000);
    return () => {
      unsubscribe();
      clearInterval(timer);
    };
  }, [events]);
  return last === undefined ? undefined : last.nowMs + performance.now() - last.receivedMs;
};

export { ClockBar, useClock };
