import type { Timer } from "../../kernel/clock";
import type { Call, Cloud, PolicyDocument } from "../../kernel/service";
import type { State, StateChange } from "../../kernel/state";
import { createTraceRoot } from "../../kernel/trace";
import { buildBusEvent } from "./bus-event";
import type { Deliveries } from "./deliveries";
import { busArn, busNameOf, DEFAULT_BUS, notFound, ruleArn } from "./names";
import { Rule, type RuleDefinition, type RuleRecord } from "./rule";

/** An event bus as it is stored. */
interface Bus {
  name: string;
  description?: string;
  policy?: PolicyDocument;
  tags: Record<string, string>;
  createdMs: number;
  /** Whether the program declares it. If so, it is deleted when the program no longer does. */
  declared: boolean;
}

const keyOf = ({ EventBusName, Name }: Pick<RuleDefinition, "EventBusName" | "Name">) => `rule/${EventBusName}/${Name}`;

/** All event buses and their rules, with a timer for each schedule. Times that passed while the cloud was off cause one event. */
class Buses {
  readonly #buses = new Map<string, Bus>();
  readonly #rules = new Map<string, Rule>();
  readonly #timers = new Map<string, Timer>();
  #isRunning = false;
  #stopFollowing = () => {};

  constructor(
    readonly cloud: Cloud,
    readonly state: State,
    private readonly deliveries: Deliveries,
  ) {}

  /** Loads what an earlier run stored. The default bus always exists. */
  async load() {
    for (const [, bus] of await this.state.entries<Bus>("bus/")) this.#buses.set(bus.name, bus);
    for (const [key, record] of await this.state.entries<RuleRecord>("rule/")) this.#rules.set(key, new Rule(record));
    if (!this.#buses.has(DEFAULT_BUS)) await this.putBus(DEFAULT_BUS, {});
  }

  /** Starts the timers. */
  resume() {
    this.#isRunning = true;
    this.#armAll();
    this.#stopFollowing = this.cloud.clock.onMove((_nowMs, movedMs) => {
      if (movedMs < 0) this.#armAll();
    });
  }

  #armAll() {
    for (const key of this.#rules.keys()) this.#arm(key);
  }

  stop() {
    this.#isRunning = false;
    this.#stopFollowing();
    for (const timer of this.#timers.values()) timer.cancel();
  }

  buses(): Bus[] {
    return [...this.#buses.values()];
  }

  findBus(nameOrArn: unknown): Bus | undefined {
    return this.#buses.get(busNameOf(nameOrArn));
  }

  /** Throws `AwsError` ResourceNotFoundException. */
  bus(nameOrArn: unknown): Bus {
    const bus = this.findBus(nameOrArn);
    if (bus === undefined) throw notFound(`Event bus ${busNameOf(nameOrArn)} does not exist.`);
    return bus;
  }

  busArn(name: string) {
    return busArn(name, this.cloud.place);
  }

  /** Authorizes an action on a bus, by the caller's role and the policy of the bus. */
  authorizeBus(call: Call, action: string, bus: Bus, context?: Record<string, string>) {
    call.authorize(`events:${action}`, this.busArn(bus.name), { resourcePolicy: bus.policy, context });
  }

  async putBus(name: string, changes: Partial<Bus>): Promise<Bus> {
    const nowMs = this.cloud.clock.nowMs();
    const bus: Bus = { name, tags: {}, createdMs: nowMs, declared: false, ...this.#buses.get(name), ...changes };
    this.#buses.set(name, bus);
    await this.state.put(`bus/${name}`, bus);
    return bus;
  }

  /** Deletes a bus with its rules. */
  async deleteBus(name: string) {
    this.#buses.delete(name);
    const changes = this.rulesOf(name).map(({ record }) => this.#forget(keyOf(record.definition)));
    await this.state.batch([{ delete: `bus/${name}` }, ...changes]);
  }

  rules(): Rule[] {
    return [...this.#rules.values()];
  }

  rulesOf(bus: string): Rule[] {
    return this.rules().filter(({ record }) => record.definition.EventBusName === bus);
  }

  findRule(bus: string, name: string): Rule | undefined {
    return this.#rules.get(keyOf({ EventBusName: bus, Name: name }));
  }

  /** Throws `AwsError` ResourceNotFoundException. */
  rule(bus: string, name: string): Rule {
    const rule = this.findRule(bus, name);
    if (rule === undefined) throw notFound(`Rule ${name} does not exist on EventBus ${bus}.`);
    return rule;
  }

  ruleArn({ EventBusName, Name }: Pick<RuleDefinition, "EventBusName" | "Name">) {
    return ruleArn(EventBusName, Name, this.cloud.place);
  }

  /** Creates or replaces a rule. Its targets stay, and so does the next time of an unchanged schedule. */
  async putRule(definition: RuleDefinition, changes: Partial<Pick<RuleRecord, "targets" | "tags" | "declared">>) {
    this.bus(definition.EventBusName);
    const before = this.findRule(definition.EventBusName, definition.Name)?.record;
    const nowMs = this.cloud.clock.nowMs();
    const keepsTime =
      before?.definition.ScheduleExpression === definition.ScheduleExpression && before?.definition.State === definition.State;
    const record: RuleRecord = {
      targets: [],
      tags: {},
      declared: false,
      ...before,
      ...changes,
      definition,
      anchorMs: keepsTime ? before!.anchorMs : nowMs,
      nextMs: null,
    };
    await this.#write({ ...record, nextMs: keepsTime ? before!.nextMs : new Rule(record).nextAfter(nowMs) });
  }

  async deleteRule(rule: Rule) {
    await this.state.batch([this.#forget(keyOf(rule.record.definition))]);
  }

  async #write(record: RuleRecord, changes: StateChange[] = []) {
    const key = keyOf(record.definition);
    this.#rules.set(key, new Rule(record));
    this.#arm(key);
    await this.state.batch([{ put: key, value: record }, ...changes]);
  }

  #forget(key: string): StateChange {
    this.#rules.delete(key);
    this.#timers.get(key)?.cancel();
    this.#timers.delete(key);
    return { delete: key };
  }

  #arm(key: string) {
    this.#timers.get(key)?.cancel();
    const rule = this.#rules.get(key);
    const plannedMs = rule?.record.nextMs ?? null;
    if (!this.#isRunning || rule === undefined || plannedMs === null) return;
    const { clock } = this.cloud;
    // Sooner than planned only if the clock went back.
    const nextMs = Math.min(plannedMs, rule.nextAfter(clock.nowMs()) ?? plannedMs);
    this.#rules.set(key, new Rule({ ...rule.record, nextMs }));
    this.#timers.set(
      key,
      clock.at(nextMs, () => void clock.hold(this.#fire(key)).catch(error => console.error(error))),
    );
  }

  /** Writes the deliveries and the next time together, so that a crash neither loses nor doubles an event. */
  async #fire(key: string) {
    const rule = this.#rules.get(key);
    const nowMs = this.cloud.clock.nowMs();
    const timeMs = rule?.record.nextMs ?? null;
    if (rule === undefined || timeMs === null || timeMs > nowMs) return;
    const arn = this.ruleArn(rule.record.definition);
    const event = buildBusEvent({ detailType: "Scheduled Event", source: "aws.events", timeMs, resources: [arn] }, this.cloud.place);
    const deliveries = this.deliveries.create([rule], event, createTraceRoot(nowMs));
    await this.#write({ ...rule.record, nextMs: rule.nextAfter(nowMs) }, this.deliveries.toChanges(deliveries));
    this.deliveries.begin(deliveries);
  }
}

export type { Bus };
export { Buses };
