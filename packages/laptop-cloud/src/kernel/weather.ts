/** Faults that a person switches on: `POST {page}/control/weather`. */
interface WeatherReport {
  /** SNS and SQS deliver the same message twice. */
  duplicate: Share;
  /** Deliveries of SNS and SQS wait so long, milliseconds. */
  delayMs: number;
  /** SNS and standard queues hand messages out in any order. */
  shuffle: boolean;
  /** DynamoDB answers ThrottlingException. */
  throttle: Share;
  /** DynamoDB transactions answer TransactionConflict. */
  conflict: Share;
  /** SNS refuses to publish. */
  snsDown: boolean;
  /** The status that Slack's Web API answers with in place of its own; 0 for its own. */
  slackStatus: number;
  /** Ends a function at its n-th AWS call; once. */
  kill: Kill | null;
}

/** How often: never, often (`true`: see `oftenShare`), a share of all occasions (below 1), or the next n (1 and more). */
type Share = boolean | number;

interface Kill {
  /** Pulumi name of the function. */
  function: string;
  /** The n-th AWS call of one invocation, from 1. */
  call: number;
  when: "before" | "after";
}

const fair: WeatherReport = {
  duplicate: false,
  delayMs: 0,
  shuffle: false,
  throttle: false,
  conflict: false,
  snsDown: false,
  slackStatus: 0,
  kill: null,
};

/** What `true` means for faults that clients must retry: often enough to be met, rare enough that the third try gets through. */
const oftenShare = 0.3;

class Weather {
  #report: WeatherReport = { ...fair };

  constructor(private readonly random: () => number = Math.random) {}

  get report(): WeatherReport {
    return { ...this.#report };
  }

  /** Changes what is named and leaves the rest; an empty report clears the sky. Throws `TypeError` that quotes what can't be taken. */
  change(changes: unknown): WeatherReport {
    const parsed = parseChanges(changes);
    this.#report = Object.keys(parsed).length === 0 ? { ...fair } : { ...this.#report, ...parsed };
    return this.report;
  }

  /** Whether this occasion is hit. Counts down where the next n were asked for. */
  strikes(fault: "duplicate" | "throttle" | "conflict"): boolean {
    const share = this.#report[fault];
    if (share === false || share === 0) return false;
    if (share === true) return fault === "duplicate" || this.random() < oftenShare;
    if (share < 1) return this.random() < share;
    this.#report[fault] = share - 1;
    return true;
  }

  /** Takes the kill that is set for this call, if it is this one. */
  takeKill(functionName: string, call: number, when: Kill["when"]): boolean {
    const kill = this.#report.kill;
    if (kill === null || kill.function !== functionName || kill.call !== call || kill.when !== when) return false;
    this.#report.kill = null;
    return true;
  }
}

const wanted: Record<keyof WeatherReport, { is: (value: unknown) => boolean; want: string }> = {
  duplicate: { is: isShare, want: "true, false, a share below 1, or how many of the next" },
  throttle: { is: isShare, want: "true, false, a share below 1, or how many of the next" },
  conflict: { is: isShare, want: "true, false, a share below 1, or how many of the next" },
  delayMs: { is: isCount, want: "a whole number of milliseconds from 0 up" },
  shuffle: { is: isBoolean, want: "true or false" },
  snsDown: { is: isBoolean, want: "true or false" },
  slackStatus: {
    is: value => value === 0 || (isCount(value) && value >= 200 && value <= 599),
    want: "an HTTP status from 200 to 599, or 0",
  },
  kill: {
    is: value => value === null || isKill(value),
    want: '{"function": its Pulumi name, "call": from 1, "when": "before" or "after"}, or null',
  },
};

function parseChanges(changes: unknown): Partial<WeatherReport> {
  if (typeof changes !== "object" || changes === null || Array.isArray(changes))
    throw new TypeError(`The weather is ${quote(changes)}: want a JSON object.`);
  const parsed: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(changes)) {
    if (!Object.hasOwn(wanted, key)) throw new TypeError(`The weather has no ${quote(key)}: it has ${Object.keys(wanted).join(", ")}.`);
    const calmed = value === null ? fair[key as keyof WeatherReport] : value;
    const { is, want } = wanted[key as keyof WeatherReport];
    if (!is(calmed)) throw new TypeError(`${key} is ${quote(value)}: want ${want}.`);
    parsed[key] = calmed;
  }
  return parsed as Partial<WeatherReport>;
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isShare(value: unknown): value is Share {
  return isBoolean(value) || isCount(value) || (typeof value === "number" && value > 0 && value < 1);
}

function isKill(value: unknown): value is Kill {
  const kill = value as Partial<Kill> | null;
  return (
    typeof kill === "object" &&
    kill !== null &&
    typeof kill.function === "string" &&
    isCount(kill.call) &&
    kill.call >= 1 &&
    (kill.when === "before" || kill.when === "after")
  );
}

function quote(value: unknown) {
  return JSON.stringify(value)?.slice(0, 100) ?? String(value);
}

export type { Kill, WeatherReport };
export { Weather };
