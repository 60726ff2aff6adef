/** How values are written for people. */

const time = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

const showTime = (atMs: number) => time.format(atMs);
const showDateTime = (atMs: number) => dateTime.format(atMs);

const units: [number, string][] = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
  [1000, "s"],
];

/** "in 45 min", "1.5 h", in the largest unit that fits. */
const showDuration = (ms: number): string => {
  const [size, unit] = units.find(([length]) => ms >= length) ?? [1, "ms"];
  const amount = ms / size;
  return `${amount >= 10 || unit === "ms" ? Math.round(amount) : Math.round(amount * 10) / 10} ${unit}`;
};

const showBytes = (bytes: number): string => {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
};

/** The part of an ARN that tells it from others. */
const shortArn = (arn: string): string => (arn.startsWith("arn:") ? arn.split(":").slice(5).join(":") : arn);

/** JSON with line breaks; other text as it is. */
const pretty = (text: string): string => {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
};

export { pretty, shortArn, showBytes, showDateTime, showDuration, showTime };
