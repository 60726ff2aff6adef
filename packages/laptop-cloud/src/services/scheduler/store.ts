import { AwsError } from "../../kernel/aws-error";
import type { Timer } from "../../kernel/clock";
import { parseExpression } from "../../kernel/schedule-expression";
import type { Cloud } from "../../kernel/service";
import type { State, StateChange } from "../../kernel/state";
import type { ScheduleDefinition } from "./definition";
import type { Runs } from "./runs";

/** A schedule as it is stored. */
interface Schedule {
  definition: ScheduleDefinition;
  createdMs: number;
  modifiedMs: number;
  /** When it is due next; null if it is over or disabled. */
  nextMs: number | null;
  /** Whether the program declares it. If so, it is deleted when the program no longer does. */
  declared: boolean;
  /** The client token of the request that created it, so that the request can be retried. */
  clientToken?: string;
  /** The trace of the request that created it, which a one-time schedule continues. */
  trace?: string;
}

interface Group {
  name: string;
  createdMs: number;
  declared: boolean;
  clientToken?: string;
  tags: Record<string, string>;
}

const defaultGroup = "default";

const keyOf = ({ GroupName, Name }: Pick<ScheduleDefinition, "GroupName" | "Name">) => `schedule/${GroupName}/${Name}`;
const groupKeyOf = (name: string) => `group/${name}`;

/**
 * All schedules and groups, each with its timer.
 *
 * In memory for reading, and on disk before a call answers. Times that passed while the cloud was off or the clock was moved
 * cause one run; then the schedule continues from now.
 */
class Schedules {
  readonly #schedules = new Map<string, Schedule>();
  readonly #groups = new Map<string, Group>();
  readonly #timers = new Map<string, Timer>();
  /** Changes are written one after the other, so that the last change of a schedule wins. */
  #written: Promise<void> = Promise.resolve();
  #running = false;
  #stopFollowing = () => {};

  constructor(
    readonly cloud: Cloud,
    private readonly state: State,
    private readonly runs: Runs,
  ) {}

  async load() {
    for (const [key, schedule] of await this.state.entries<Schedule>("schedule/")) this.#schedules.set(key, schedule);
    for (const [key, group] of await this.state.entries<Group>("group/")) this.#groups.set(key, group);
    if (!this.#groups.has(groupKeyOf(defaultGroup))) await this.putGroup(defaultGroup, { declared: false });
  }

  /** Starts the timers. */
  resume() {
    this.#running = true;
    this.#armAll();
    this.#stopFollowing = this.cloud.clock.onMove((_nowMs, movedMs) => {
      if (movedMs < 0) this.#armAll();
    });
  }

  #armAll() {
    for (const key of this.#schedules.keys()) this.#arm(key);
  }

  async stop() {
    this.#running = false;
    this.#stopFollowing();
    for (const timer of this.#timers.values()) timer.cancel();
    await this.#written;
  }

  /** Throws `AwsError` ResourceNotFoundException. */
  get(groupName: string, name: string): Schedule {
    const schedule = this.find(groupName, name);
    if (schedule === undefined) throw notFound(`Schedule ${name} does not exist.`);
    return schedule;
  }

  find(groupName: string, name: string): Schedule | undefined {
    return this.#schedules.get(keyOf({ GroupName: groupName, Name: name }));
  }

  all(): Schedule[] {
    return [...this.#schedules.values()];
  }

  /** Creates or replaces a schedule. Throws `AwsError` ResourceNotFoundException for a group that does not exist. */
  async put(definition: ScheduleDefinition, more: Pick<Schedule, "declared" | "clientToken" | "trace">): Promise<Schedule> {
    this.getGroup(definition.GroupName);
    const key = keyOf(definition);
    const nowMs = this.cloud.clock.nowMs();
    const schedule: Schedule = {
      ...more,
      definition,
      createdMs: this.#schedules.get(key)?.createdMs ?? nowMs,
      modifiedMs: nowMs,
      nextMs: firstMs(definition, nowMs),
    };
    this.#schedules.set(key, schedule);
    await this.#write([{ put: key, value: schedule }]);
    this.#arm(key);
    return schedule;
  }

  async delete(groupName: string, name: string) {
    const key = keyOf(this.get(groupName, name).definition);
    this.#forget(key);
    await this.#write([{ delete: key }]);
  }

  /** Throws `AwsError` ResourceNotFoundException. */
  getGroup(name: string): Group {
    const group = this.#groups.get(groupKeyOf(name));
    if (group === undefined) throw notFound(`Schedule group ${name} does not exist.`);
    return group;
  }

  findGroup(name: string): Group | undefined {
    return this.#groups.get(groupKeyOf(name));
  }

  allGroups(): Group[] {
    return [...this.#groups.values()];
  }

  async putGroup(name: string, more: Partial<Group>): Promise<Group> {
    const group: Group = { name, createdMs: this.cloud.clock.nowMs(), declared: false, tags: {}, ...this.findGroup(name), ...more };
    this.#groups.set(groupKeyOf(name), group);
    await this.#write([{ put: groupKeyOf(name), value: group }]);
    return group;
  }

  /** Deletes a group with all its schedules. */
  async deleteGroup(name: string) {
    this.getGroup(name);
    const keys = [...this.#schedules].filter(([, { definition }]) => definition.GroupName === name).map(([key]) => key);
    for (const key of keys) this.#forget(key);
    this.#groups.delete(groupKeyOf(name));
    await this.#write([...keys, groupKeyOf(name)].map(key => ({ delete: key })));
  }

  #forget(key: string) {
    this.#schedules.delete(key);
    this.#timers.get(key)?.cancel();
    this.#timers.delete(key);
  }

  #arm(key: string) {
    this.#timers.get(key)?.cancel();
    const schedule = this.#schedules.get(key);
    if (!this.#running || schedule === undefined || schedule.nextMs === null) return;
    // Sooner than planned only if the clock went back.
    const soonestMs = expressionOf(schedule.definition).once ? null : followingMs(schedule, this.cloud.clock.nowMs());
    const nextMs = Math.min(schedule.nextMs, soonestMs ?? schedule.nextMs);
    this.#schedules.set(key, { ...schedule, nextMs });
    const timer = this.cloud.clock.at(nextMs, () => void this.cloud.clock.hold(this.#fire(key)).catch(error => console.error(error)));
    this.#timers.set(key, timer);
  }

  /** Writes the run and the schedule's next time together, so that a crash neither loses nor doubles a firing. */
  async #fire(key: string) {
    const schedule = this.#schedules.get(key);
    if (schedule === undefined || schedule.nextMs === null || schedule.nextMs > this.cloud.clock.nowMs()) return;
    const { definition } = schedule;
    const { once } = expressionOf(definition);
    const arn = scheduleArn(this.cloud, definition.GroupName, definition.Name);
    const run = this.runs.create({
      scheduleArn: arn,
      scheduleName: this.cloud.inventory.byArn(arn)?.name ?? definition.Name,
      groupArn: groupArn(this.cloud, definition.GroupName),
      target: definition.Target,
      scheduledMs: schedule.nextMs,
      trace: once ? schedule.trace : undefined,
    });
    const nextMs = once ? null : followingMs(schedule, this.cloud.clock.nowMs());
    const over = nextMs === null && definition.ActionAfterCompletion === "DELETE";
    if (over) this.#forget(key);
    else this.#schedules.set(key, { ...schedule, nextMs });
    this.#arm(key);
    await this.#write([this.runs.toChange(run), over ? { delete: key } : { put: key, value: { ...schedule, nextMs } }]);
    this.runs.begin(run);
  }

  #write(changes: StateChange[]): Promise<void> {
    const write = this.#written.then(() => this.state.batch(changes));
    // The caller reports a failed write; the next one is attempted anyway.
    this.#written = write.catch(() => {});
    return write;
  }
}

const expressionOf = (definition: ScheduleDefinition) =>
  parseExpression(definition.ScheduleExpression, definition.ScheduleExpressionTimezone);

/** A one-time schedule whose time has passed is due at once, because a late timer is better than none. */
const firstMs = (definition: ScheduleDefinition, nowMs: number): number | null => {
  if (definition.State === "DISABLED") return null;
  const expression = expressionOf(definition);
  if (expression.once) return expression.next(0, 0) ?? null;
  const startMs = definition.StartDate === undefined ? nowMs : definition.StartDate * 1000;
  return beforeEnd(definition, expression.next(Math.max(nowMs, startMs) - 1, startMs));
};

const followingMs = ({ definition, modifiedMs }: Schedule, nowMs: number): number | null =>
  beforeEnd(
    definition,
    // The clock may have gone back since the schedule was made.
    expressionOf(definition).next(nowMs, definition.StartDate === undefined ? Math.min(modifiedMs, nowMs) : definition.StartDate * 1000),
  );

const beforeEnd = ({ EndDate }: ScheduleDefinition, nextMs: number | undefined): number | null =>
  nextMs === undefined || (EndDate !== undefined && nextMs > EndDate * 1000) ? null : nextMs;

const scheduleArn = ({ place }: Pick<Cloud, "place">, groupName: string, name: string) =>
  `arn:aws:scheduler:${place.region}:${place.account}:schedule/${groupName}/${name}`;

const groupArn = ({ place }: Pick<Cloud, "place">, name: string) =>
  `arn:aws:scheduler:${place.region}:${place.account}:schedule-group/${name}`;

const notFound = (message: string) => new AwsError("ResourceNotFoundException", message, 404);

export type { Group, Schedule };
export { defaultGroup, groupArn, Schedules, scheduleArn };
