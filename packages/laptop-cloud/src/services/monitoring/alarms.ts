import { randomUUID } from "node:crypto";
import { AwsError } from "../../kernel/aws-error";
import type { Timer } from "../../kernel/clock";
import type { Occurrence } from "../../kernel/occurrences";
import type { Cloud } from "../../kernel/service";
import type { State, StateChange } from "../../kernel/state";
import { createTraceRoot } from "../../kernel/trace";
import { type AlarmDefinition, evaluate, metricsOf, type Points, reasonOf, rises, type StateValue } from "./alarm";
import { isSampled, readGauge } from "./gauges";
import type { Term } from "./metric-sum";
import { actionsFor, alarmArn, buildNotification, type Transition } from "./notification";
import { valuesOf } from "./occurred";
import { type Statistic, setOf, statisticOf } from "./statistic";
import { type Datapoint, type Metric, type Metrics, MINUTE_MS } from "./store";

/** An alarm as it is stored. */
interface Alarm {
  definition: AlarmDefinition;
  configuredMs: number;
  state: StateValue;
  reason: string;
  changedMs: number;
  /** Whether the program declares it. If so, it is deleted when the program no longer does. */
  declared: boolean;
}

/** A notification that is not published yet. */
interface Notice {
  topicArn: string;
  alarmArn: string;
  alarmName: string;
  Subject: string;
  Message: string;
  trace: string;
}

/** CloudWatch evaluates once a period. Here alarms are evaluated more often, because somebody waits for them. */
const EVALUATION_INTERVAL_MS = 10_000;

const alarmKey = (name: string) => `alarm/${name}`;
const noticePrefix = "notice/";
const sampledKey = "sampledMs";

/** All alarms: measures their metrics, evaluates them, and notifies their topics. A state change and its notifications are written together. */
class Alarms {
  readonly #alarms = new Map<string, Alarm>();
  readonly #notices = new Map<string, Notice>();
  #timer: Timer | undefined;
  #evaluating: Promise<void> = Promise.resolve();
  #running = false;
  #stopListening = () => {};

  constructor(
    readonly cloud: Cloud,
    private readonly state: State,
    private readonly metrics: Metrics,
  ) {}

  async load() {
    for (const [, alarm] of await this.state.entries<Alarm>("alarm/")) this.#alarms.set(alarm.definition.AlarmName, alarm);
    for (const [key, notice] of await this.state.entries<Notice>(noticePrefix)) this.#notices.set(key, notice);
  }

  resume() {
    this.#running = true;
    this.#stopListening = this.cloud.occurrences.onRecord(occurrence => this.#measure(occurrence));
    this.#arm(this.cloud.clock.nowMs());
  }

  async stop() {
    this.#running = false;
    this.#stopListening();
    this.#timer?.cancel();
    await this.#evaluating;
  }

  all(): Alarm[] {
    return [...this.#alarms.values()];
  }

  find(name: string): Alarm | undefined {
    return this.#alarms.get(name);
  }

  /** Throws `AwsError` ResourceNotFound. */
  get(name: string): Alarm {
    const alarm = this.find(name);
    if (alarm === undefined) throw new AwsError("ResourceNotFound", `There is no alarm ${JSON.stringify(name)}.`, 404);
    return alarm;
  }

  /** Creates an alarm, or changes one, which keeps its state. */
  async put(definition: AlarmDefinition, { declared }: Pick<Alarm, "declared">) {
    const nowMs = this.cloud.clock.nowMs();
    const existing = this.find(definition.AlarmName);
    await this.#keep({
      definition,
      configuredMs: nowMs,
      state: existing?.state ?? "INSUFFICIENT_DATA",
      reason: existing?.reason ?? "Unchecked: Initial alarm creation",
      changedMs: existing?.changedMs ?? nowMs,
      declared,
    });
  }

  async delete(name: string) {
    this.#alarms.delete(name);
    await this.state.delete(alarmKey(name));
  }

  /** Sets an alarm's state and notifies its topics; the next evaluation may change it again. */
  async setState(name: string, to: StateValue, reason: string) {
    const alarm = this.get(name);
    if (alarm.state !== to) await this.#change(alarm, { from: alarm.state, to, reason, atMs: this.cloud.clock.nowMs() });
    await this.#publish();
  }

  #keep(alarm: Alarm, more: StateChange[] = []): Promise<void> {
    const { AlarmName } = alarm.definition;
    this.#alarms.set(AlarmName, alarm);
    return this.state.batch([{ put: alarmKey(AlarmName), value: alarm }, ...more]);
  }

  /** The interval counts from the start of the last evaluation, so moving the clock triggers the next one at once. */
  #arm(atMs: number) {
    if (!this.#running) return;
    this.#timer = this.cloud.clock.at(atMs, () => {
      const startedMs = this.cloud.clock.nowMs();
      this.#evaluating = this.#evaluateAll()
        .catch(error => console.error(error))
        .finally(() => this.#arm(startedMs + EVALUATION_INTERVAL_MS));
    });
  }

  async #evaluateAll() {
    await this.#sample();
    for (const alarm of this.all()) await this.#evaluate(alarm);
    await this.#publish();
    await this.metrics.prune(this.cloud.clock.nowMs());
  }

  /** Values of occurrences are stored, because they can't be measured again after a restart. */
  #measure(occurrence: Occurrence) {
    const { atMs } = occurrence;
    const values = valuesOf(occurrence, this.cloud.inventory).map(({ metric, value }) => ({ metric, atMs, set: setOf(value) }));
    if (values.length > 0) this.metrics.put(values).catch(error => console.error(error));
  }

  /** Fills the time since the last measurement with the current value, also while the cloud was off or the clock was moved. */
  async #sample() {
    const nowMs = this.cloud.clock.nowMs();
    const lastMs = Math.max((await this.state.get<number>(sampledKey)) ?? nowMs, nowMs - this.#longestRangeMs());
    for (const metric of this.#sampled()) {
      const value = await readGauge(this.cloud, metric);
      if (value === undefined) continue;
      for (let atMs = nowMs; atMs === nowMs || atMs > lastMs; atMs -= MINUTE_MS) this.metrics.sample(metric, atMs, setOf(value));
    }
    await this.state.put(sampledKey, nowMs);
  }

  #sampled(): Metric[] {
    const metrics = this.all()
      .flatMap(({ definition }) => metricsOf(definition))
      .filter(isSampled);
    return [...new Map(metrics.map(metric => [JSON.stringify(metric), metric])).values()];
  }

  #longestRangeMs(): number {
    return Math.max(MINUTE_MS, ...this.all().map(({ definition }) => rangeMs(definition) + definition.Period * 1000));
  }

  async #evaluate(alarm: Alarm) {
    const { definition, state } = alarm;
    const nowMs = this.cloud.clock.nowMs();
    const periodMs = definition.Period * 1000;
    const wholeMs = Math.floor(nowMs / periodMs) * periodMs;
    const whole = this.#pointsBefore(definition, wholeMs);
    const partial = this.#pointsBefore(definition, wholeMs + periodMs);
    const early = rises(definition) && evaluate(definition, partial, state) === "ALARM";
    const points = early ? partial : whole;
    const to = evaluate(definition, points, state);
    if (to !== state) await this.#change(alarm, { from: state, to, reason: reasonOf(definition, points, to), atMs: nowMs });
  }

  #pointsBefore(definition: AlarmDefinition, endMs: number): Points {
    const periodMs = definition.Period * 1000;
    const startMs = endMs - rangeMs(definition);
    const found = metricsOf(definition).map(
      metric => new Map(this.metrics.read(metric, startMs, endMs, periodMs).map(point => [point.atMs, point])),
    );
    return Array.from({ length: definition.EvaluationPeriods }, (_, index) => {
      const points = found.map(each => each.get(startMs + index * periodMs));
      return definition.Terms === undefined ? points[0] : sumOf(points, definition.Terms, definition.Statistic, startMs + index * periodMs);
    });
  }

  async #change(alarm: Alarm, transition: Transition) {
    const { definition, configuredMs } = alarm;
    const arn = alarmArn(this.cloud.place, definition.AlarmName);
    const trace = createTraceRoot(transition.atMs);
    const name = this.cloud.inventory.byArn(arn)?.name ?? definition.AlarmName;
    const notices = actionsFor(definition, transition.to).map((topicArn): [string, Notice] => [
      noticePrefix + randomUUID(),
      {
        topicArn,
        alarmArn: arn,
        alarmName: name,
        trace,
        ...buildNotification(definition, configuredMs, transition, this.cloud.place),
      },
    ]);
    await this.#keep(
      { ...alarm, state: transition.to, reason: transition.reason, changedMs: transition.atMs },
      notices.map(([key, value]) => ({ put: key, value })),
    );
    for (const [key, notice] of notices) this.#notices.set(key, notice);
    const { from, to, reason, atMs } = transition;
    this.cloud.occurrences.record({ atMs, kind: "alarm", trace, from: name, detail: { from, to, reason } });
  }

  /** Publishes pending notifications. Retries them if SNS is unavailable; logs and drops those that SNS refuses. */
  async #publish() {
    for (const [key, notice] of [...this.#notices]) {
      const { topicArn, Subject, Message, alarmArn: sourceArn, trace } = notice;
      const caller = { kind: "service", principal: "cloudwatch.amazonaws.com", sourceArn, trace } as const;
      try {
        await this.cloud.call("sns", "Publish", { TopicArn: topicArn, Subject, Message }, caller);
      } catch (error) {
        if (!(error instanceof AwsError) || error.status >= 500) continue;
        console.error(`The alarm ${notice.alarmName} could not tell ${topicArn}: ${error.message}`);
      }
      this.#notices.delete(key);
      await this.state.delete(key);
    }
  }
}

/** A period has a sum if each metric has a value or a fill value. */
const sumOf = (points: Points, terms: readonly Term[], statistic: Statistic, atMs: number): Datapoint | undefined => {
  let sum = 0;
  for (const [index, { sign, fill }] of terms.entries()) {
    const point = points[index];
    const value = point === undefined ? fill : statisticOf(point.set, statistic);
    if (value === undefined) return undefined;
    sum += sign * value;
  }
  return { atMs, set: setOf(sum) };
};

const rangeMs = ({ Period, EvaluationPeriods }: AlarmDefinition) => Period * EvaluationPeriods * 1000;

export type { Alarm };
export { Alarms };
