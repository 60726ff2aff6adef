/** Slack's message timestamps: seconds, a point, six digits; unique within a channel. */

const pattern = /^\d{1,12}(\.\d{1,6})?$/;

const isTimestamp = (text: string) => pattern.test(text);

const microsOf = (ts: string): number => {
  const [seconds = "0", fraction = ""] = ts.split(".");
  return Number(seconds) * 1_000_000 + Number(fraction.padEnd(6, "0"));
};

const formatTimestamp = (micros: number): string => `${Math.floor(micros / 1_000_000)}.${String(micros % 1_000_000).padStart(6, "0")}`;

const secondsOf = (nowMs: number) => Math.floor(nowMs / 1000);

export { formatTimestamp, isTimestamp, microsOf, secondsOf };
