/** Faults that a person switches on: `POST {page}/control/weather`. */
interface WeatherReport {
  /** SNS and SQS deliver the same message twice. */
  duplicate: Share;
  /** Delay of deliveries of SNS and SQS, in milliseconds. */
  delayMs: number;
  /** SNS and standard queues deliver messages in any order. */
  shuffle: boolean;
  /** DynamoDB answers ThrottlingException. */
  throttle: Share;
  /** DynamoDB transactions answer TransactionConflict. */
  conflict: Share;
  /** DynamoDB limits each partition key as AWS does: `true`, or a share of AWS's limits, so that a laptop can reach them. */
  partitionLimits: boolean | number;
  /** SNS refuses to publish. */
  snsDown: boolean;
  /** Kills functions, each at its n-th AWS call, once. */
  kill: Kill | Kill[] | null;
  /** Faults of plugins. */
  [fault: string]: unknown;
}

/** One fault that can be switched on. */
interface Fault {
  /** The value while the fault is off. */
  fair: unknown;
  isValid(value: unknown): boolean;
  /** Describes the valid values, for the error: "true or false". */
  mustBe: string;
}

/** How often: never, often (`true`: see `OFTEN_SHARE`), a share of all calls (below 1), or the next n calls (1 and more). */
type Share = boolean | number;

interface Kill {
  /** Pulumi name of the function. */
  function: string;
  /** The n-th AWS call of one invocation, from 1. */
  call: number;
  when: "before" | "after";
}

/** The share that `true` means: frequent enough to notice, rare enough that the third attempt succeeds. */
const OFTEN_SHARE = 0.3;

class Weather {
  readonly #faults: Record<string, Fault>;
  #report: WeatherReport;

  /** `pluginFaults`: faults of plugins by name, in addition to the cloud's own. */
  constructor(
    pluginFaults: Record<string, Fault> = {},
    private readonly random: () => number = Math.random,
  ) {
    this.#faults = { ...FAULTS, ...pluginFaults };
    this.#report = this.#fair();
  }

  get report(): WeatherReport {
    return { ...this.#report };
  }

  /** Changes the named faults and leaves the others; an empty object switches all off. Throws `TypeError` that quotes a bad value. */
  change(changes: unknown): WeatherReport {
    const parsed = this.#parse(changes);
    this.#report = Object.keys(parsed).length === 0 ? this.#fair() : { ...this.#report, ...parsed };
    return this.report;
  }

  /** Whether the fault affects this call. Counts down if it is set for the next n calls. */
  strikes(fault: "duplicate" | "throttle" | "conflict"): boolean {
    const share = this.#report[fault];
    if (share === false || share === 0) return false;
    if (share === true) return fault === "duplicate" || this.random() < OFTEN_SHARE;
    if (share < 1) return this.random() < share;
    this.#report[fault] = share - 1;
    return true;
  }

  /** The share of AWS's limits that a partition key of DynamoDB has; undefined without limits. */
  get partitionShare(): number | undefined {
    const { partitionLimits } = this.#report;
    return partitionLimits === false ? undefined : Number(partitionLimits);
  }

  /** The kills that are still to come. */
  get kills(): Kill[] {
    return [this.#report.kill ?? []].flat();
  }

  /** Returns whether a kill is set for this call, once. */
  takeKill(functionName: string, call: number, when: Kill["when"]): boolean {
    const { kills } = this;
    const index = kills.findIndex(kill => kill.function === functionName && kill.call === call && kill.when === when);
    if (index === -1) return false;
    kills.splice(index, 1);
    this.#report.kill = kills.length === 0 ? null : kills;
    return true;
  }

  #fair() {
    return Object.fromEntries(Object.entries(this.#faults).map(([name, { fair }]) => [name, fair])) as unknown as WeatherReport;
  }

  #parse(changes: unknown): Record<string, unknown> {
    if (typeof changes !== "object" || changes === null || Array.isArray(changes))
      throw new TypeError(`The weather is ${quote(changes)}, but must be a JSON object.`);
    return Object.fromEntries(Object.entries(changes).map(([name, value]) => [name, this.#parseFault(name, value)]));
  }

  #parseFault(name: string, value: unknown): unknown {
    const fault = Object.hasOwn(this.#faults, name) ? this.#faults[name] : undefined;
    if (fault === undefined)
      throw new TypeError(`The weather has no fault ${quote(name)}. It has ${Object.keys(this.#faults).join(", ")}.`);
    if (value === null) return fault.fair;
    if (!fault.isValid(value)) throw new TypeError(`${name} is ${quote(value)}, but must be ${fault.mustBe}.`);
    return value;
  }
}

const SHARE = { fair: false, isValid: isShare, mustBe: "true, false, a share below 1, or a number of calls" };
const SWITCH = { fair: false, isValid: isBoolean, mustBe: "true or false" };

const FAULTS: Record<string, Fault> = {
  duplicate: SHARE,
  delayMs: { fair: 0, isValid: isCount, mustBe: "a whole number of milliseconds from 0 up" },
  shuffle: SWITCH,
  throttle: SHARE,
  conflict: SHARE,
  partitionLimits: {
    fair: false,
    isValid: value => isBoolean(value) || (typeof value === "number" && value > 0 && value <= 1),
    mustBe: "true, false, or a share of AWS's limits above 0 and up to 1",
  },
  snsDown: SWITCH,
  kill: {
    fair: null,
    isValid: value => value === null || isKill(value) || (Array.isArray(value) && value.length > 0 && value.every(isKill)),
    mustBe: '{"function": its Pulumi name, "call": from 1, "when": "before" or "after"}, a list of such, or null',
  },
};

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

export type { Fault, Kill, WeatherReport };
export { Weather };
