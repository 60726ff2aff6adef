/**
 * Metrics in CloudWatch's embedded metric format: one log line for each request, message or turn, and no call. CloudWatch makes the metrics from
 * the lines. Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
import { AsyncLocalStorage } from "node:async_hooks";

/** All metrics, with their units. CloudWatch bills each for every function that reports it, as much as three alarms (ADR 61), so they are few. */
const UNITS = {
  /** From a request's arrival to its answer, without the cold start. */
  AckMs: "Milliseconds",
  /** 1 if a door's request was refused, failed, or was answered after Slack had hung up; else 0. */
  FailedAcks: "Count",
  /** Requests that Slack sent again. */
  SlackRetries: "Count",
  /** Messages that were accepted for the first time. */
  Messages: "Count",
  /** Tokens of these messages. */
  Tokens: "Count",
  /** Deliveries of messages that had been accepted before. */
  Duplicates: "Count",
  /** Messages that a subscriber has handled. */
  Effects: "Count",
  /** From the message in Slack to the end of a subscriber's effect. */
  LagMs: "Milliseconds",
  /** Messages that the relay had to finish. */
  RelayedMessages: "Count",
  /** How long somebody had waited in a queue when the turn began. */
  DibsWaitMs: "Milliseconds",
  /** Turns of the agent that have ended, however. */
  AgentTurns: "Count",
  /** Tokens that the agent's model has read and written. */
  AgentTokens: "Count",
  /** What these tokens cost, US dollars; only for models whose price is known. */
  AgentDollars: "None",
  /** 1 for a good rating of an agent's answer, 0 for a bad one: the average is the share of good ratings. */
  AgentFeedback: "Count",
} as const;

type MetricName = keyof typeof UNITS;

/** What is being worked on. */
interface Work {
  /** The message that it is about, once that is known. */
  messageId?: string;
  values: Map<MetricName, number[]>;
}

const NAMESPACE = "slack-fanout";
/** The only dimension: the function's name, which also tells the stack. */
const DIMENSION = "service";
/** The most values of one metric in a line. */
const MAX_VALUES = 100;

class Metrics {
  readonly #current = new AsyncLocalStorage<Work>();

  /** `service` undefined writes nothing: the code does not run in a stack. `write` gets a line with its end. */
  constructor(
    private readonly service: () => string | undefined,
    // console.log would write the time and the request id before the JSON, which CloudWatch then could not read.
    private readonly write: (line: string) => void = line => void process.stdout.write(line),
    private readonly nowMs = Date.now,
  ) {}

  /** Does some work, then writes the values that were added meanwhile, also if the work fails. Work inside other work has a line of its own. */
  async measure<T>(work: () => Promise<T>): Promise<T> {
    const current: Work = { values: new Map() };
    try {
      return await this.#current.run(current, work);
    } finally {
      this.#report(current);
    }
  }

  /** Adds a value to the work in progress, if any. */
  add(name: MetricName, value: number): void {
    const values = this.#current.getStore()?.values;
    const before = values?.get(name) ?? [];
    if (before.length < MAX_VALUES) values?.set(name, [...before, value]);
  }

  /** Names the message that the work in progress is about. Its log lines carry the id from then on. */
  concern(messageId: string): void {
    const work = this.#current.getStore();
    if (work !== undefined) work.messageId = messageId;
  }

  /** The message that the work in progress is about. */
  get messageId(): string | undefined {
    return this.#current.getStore()?.messageId;
  }

  #report({ messageId, values }: Work): void {
    const service = this.service();
    if (service === undefined || values.size === 0) return;
    this.write(`${JSON.stringify(buildLine(values, { [DIMENSION]: service, messageId }, this.nowMs()))}\n`);
  }
}

const buildLine = (values: Work["values"], properties: Record<string, string | undefined>, nowMs: number) => ({
  _aws: {
    Timestamp: nowMs,
    CloudWatchMetrics: [
      { Namespace: NAMESPACE, Dimensions: [[DIMENSION]], Metrics: [...values.keys()].map(Name => ({ Name, Unit: UNITS[Name] })) },
    ],
  },
  ...properties,
  ...Object.fromEntries([...values].map(([name, list]) => [name, list.length === 1 ? list[0] : list])),
});

/** The metrics of this process. Lambda names its function; a container's name is in `SERVICE`. */
const metrics = new Metrics(() => process.env["AWS_LAMBDA_FUNCTION_NAME"] ?? process.env["SERVICE"]);

export type { MetricName };
export { DIMENSION, Metrics, metrics, NAMESPACE, UNITS };
