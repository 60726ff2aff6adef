import { useEffect, useState } from "preact/hooks";

interface Props {
  /** The cloud's time when it was last heard of, and this page's own clock at that moment, milliseconds. */
  clock: { nowMs: number; heardMs: number } | undefined;
  advance(seconds: number): void;
}

const steps = [
  { seconds: 60, label: "+1 min" },
  { seconds: 45 * 60, label: "+45 min" },
  { seconds: 6 * 3600, label: "+6 h" },
];

const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** The cloud's time, and buttons that move it forward. */
const ClockBar = ({ clock, advance }: Props) => {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick(count => count + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  if (clock === undefined) return null;
  const nowMs = clock.nowMs + performance.now() - clock.heardMs;
  return (
    <fieldset class="clock">
      <legend class="hidden">The cloud's clock</legend>
      <time dateTime={new Date(nowMs).toISOString()}>{format.format(nowMs)}</time>
      {steps.map(({ seconds, label }) => (
        <button type="button" key={seconds} onClick={() => advance(seconds)} title={`Move the cloud's time forward by ${label.slice(1)}`}>
          {label}
        </button>
      ))}
    </fieldset>
  );
};

export { ClockBar };
