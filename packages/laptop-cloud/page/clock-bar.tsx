import { useEffect, useRef, useState } from "preact/hooks";
import { control } from "./control";
import type { Hearing } from "./hearing";
import type { Occurrence } from "./occurrence";
import { showDateTime } from "./show";

interface Props {
  /** The cloud's time, epoch milliseconds. */
  nowMs: number;
  hearing: Hearing;
  fail(error: unknown): void;
}

const steps = [
  { seconds: 60, label: "+1 min" },
  { seconds: 45 * 60, label: "+45 min" },
  { seconds: 6 * 3600, label: "+6 h" },
];

/** How long after a move of the clock that what happens is taken for its doing, milliseconds. */
const echoMs = 5000;
const mostFired = 12;

/** What fires when its time has come. */
const timed = new Set(["timer", "retry", "deliver", "dead-letter", "alarm", "receive"]);

/** The cloud's time, and buttons that move it forward; then what fired because of that. */
const ClockBar = ({ nowMs, hearing, fail }: Props) => {
  const [fired, setFired] = useState<string[]>();
  const echoEnd = useRef(Number.NEGATIVE_INFINITY);
  useEffect(
    () =>
      hearing.on("occurrence", occurrence => {
        if (!timed.has(occurrence.kind) || performance.now() > echoEnd.current) return;
        setFired((before = []) => [...new Set([...before, describe(occurrence)])]);
      }),
    [hearing],
  );
  const advance = async (seconds: number) => {
    echoEnd.current = Number.POSITIVE_INFINITY;
    setFired([]);
    try {
      await control.advance(seconds);
    } finally {
      echoEnd.current = performance.now() + echoMs;
    }
  };
  const advanceToNext = async () => {
    const { nowMs: now, nextMs } = await control.readClock();
    // A timer that is due now fires by itself.
    await advance(nextMs === null ? 0 : Math.max(0, nextMs - now) / 1000);
  };
  return (
    <fieldset class="clock">
      <legend class="hidden">The cloud's clock</legend>
      <time dateTime={new Date(nowMs).toISOString()}>{showDateTime(nowMs)}</time>
      {steps.map(({ seconds, label }) => (
        <button
          type="button"
          key={seconds}
          onClick={() => void advance(seconds).catch(fail)}
          title={`Move the cloud's time forward by ${label.slice(1)}`}
        >
          {label}
        </button>
      ))}
      <button type="button" onClick={() => void advanceToNext().catch(fail)} title="Move the cloud's time forward to the next timer">
        Next timer
      </button>
      {fired === undefined ? null : (
        <span class="fired" role="status" title={fired.join("\n")}>
          {fired.length === 0
            ? "Nothing fired."
            : `Fired: ${fired.slice(0, mostFired).join("; ")}${fired.length > mostFired ? "; ..." : ""}`}
        </span>
      )}
    </fieldset>
  );
};

const describe = ({ kind, from = "", to = "" }: Occurrence) => (to === "" || to === from ? `${kind} ${from}` : `${kind} ${from} → ${to}`);

/** The cloud's time, which goes on by itself from when it was last heard of. */
const useClock = (hearing: Hearing): number | undefined => {
  const [heard, setHeard] = useState<{ nowMs: number; atMs: number }>();
  const [, tick] = useState(0);
  useEffect(() => {
    const end = hearing.on("clock", ({ nowMs }) => setHeard({ nowMs, atMs: performance.now() }));
    const timer = setInterval(() => tick(count => count + 1), 1000);
    return () => {
      end();
      clearInterval(timer);
    };
  }, [hearing]);
  return heard === undefined ? undefined : heard.nowMs + performance.now() - heard.atMs;
};

export { ClockBar, useClock };
