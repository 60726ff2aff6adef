import { randomUUID } from "node:crypto";
import { AwsError } from "../../kernel/aws-error";
import type { Caller, ServiceCaller } from "../../kernel/caller";
import type { Timer } from "../../kernel/clock";
import type { Cloud } from "../../kernel/service";
import type { State, StateChange } from "../../kernel/state";
import { buildTargetCall, isThrottling, queueUrl } from "../../kernel/target-call";
import type { BusEvent } from "./bus-event";
import { ruleArn } from "./names";
import type { Rule } from "./rule";
import { exhaustedCondition, type Target } from "./target";
import { buildTargetInput } from "./target-input";

/** The delivery of an event to a target. It is stored until the target or its dead-letter queue has it. */
interface Delivery {
  id: string;
  ruleArn: string;
  ruleName: string;
  target: Target;
  event: BusEvent;
  createdMs: number;
  /** When the next attempt is due. */
  dueMs: number;
  /** Attempts that failed so far. */
  failures: number;
  trace: string;
}

/** AWS documents only "exponential backoff". With this maximum, 185 retries take about the allowed 24 hours. */
const MIN_PAUSE_MS = 1000;
const MAX_PAUSE_MS = 480_000;

const PRINCIPAL = "events.amazonaws.com";

const keyPrefix = "delivery/";

/** Deliveries: durable, retried as EventBridge retries, and then sent to the target's dead-letter queue. */
class Deliveries {
  readonly #timers = new Map<string, Timer>();
  readonly #underWay = new Set<Promise<void>>();
  #isStopped = false;

  constructor(
    private readonly cloud: Cloud,
    private readonly state: State,
  ) {}

  /** Repeats the unfinished deliveries of an earlier start. */
  async resume() {
    for (const [, delivery] of await this.state.entries<Delivery>(keyPrefix)) this.#arm(delivery);
  }

  async stop() {
    this.#isStopped = true;
    for (const timer of this.#timers.values()) timer.cancel();
    await Promise.allSettled(this.#underWay);
  }

  /** One delivery for each target of the rules, or two while the weather duplicates. Write `toChanges`, then call `begin`. */
  create(rules: Rule[], event: BusEvent, trace: string): Delivery[] {
    const { clock, weather, place } = this.cloud;
    const nowMs = clock.nowMs();
    return rules.flatMap(rule => {
      const { Name, EventBusName } = rule.record.definition;
      const twice = rule.targets.filter(() => weather.strikes("duplicate"));
      return [...rule.targets, ...twice].map(target => ({
        id: randomUUID(),
        ruleArn: ruleArn(EventBusName, Name, place),
        ruleName: Name,
        target,
        event,
        createdMs: nowMs,
        dueMs: nowMs + weather.report.delayMs,
        failures: 0,
        trace,
      }));
    });
  }

  toChanges(deliveries: Delivery[]): StateChange[] {
    return deliveries.map(keep);
  }

  begin(deliveries: Delivery[]) {
    for (const delivery of deliveries) this.#arm(delivery);
  }

  #arm(delivery: Delivery) {
    if (this.#isStopped) return;
    const timer = this.cloud.clock.stopAt(delivery.dueMs, () => {
      this.#timers.delete(delivery.id);
      const work = this.#attempt(delivery)
        .catch(error => console.error(error))
        .finally(() => this.#underWay.delete(work));
      this.#underWay.add(this.cloud.clock.hold(work));
    });
    this.#timers.set(delivery.id, timer);
  }

  async #attempt(delivery: Delivery) {
    try {
      await this.#call(delivery);
    } catch (error) {
      // The cloud's stop aborted the call. The delivery stays stored, and the next start repeats it.
      if (!this.#isStopped) await this.#fail(delivery, error);
      return;
    }
    this.#record("deliver", delivery, { attempt: delivery.failures + 1 });
    await this.state.batch([forget(delivery)]);
  }

  async #call(delivery: Delivery) {
    const { target, event, ruleName, createdMs } = delivery;
    const payload = buildTargetInput(target, event, { ruleArn: delivery.ruleArn, ruleName, ingestedMs: createdMs });
    const { service, operation, input } = buildTargetCall(target.Arn, payload, this.cloud.place)!;
    await this.cloud.call(service, operation, input, callerOf(delivery));
  }

  async #fail(delivery: Delivery, error: unknown) {
    const failed = { ...delivery, failures: delivery.failures + 1 };
    const condition = exhaustedCondition(delivery.target, failed.failures, this.cloud.clock.nowMs() - delivery.createdMs);
    if (isPermanent(error) || condition !== undefined) return this.#giveUp(failed, error, condition);
    const delayMs = Math.min(MAX_PAUSE_MS, MIN_PAUSE_MS * 2 ** delivery.failures);
    const next = { ...failed, dueMs: this.cloud.clock.nowMs() + delayMs };
    this.#record("retry", delivery, { retry: failed.failures, delayMs, error: messageOf(error) });
    await this.state.batch([keep(next)]);
    this.#arm(next);
  }

  async #giveUp(delivery: Delivery, error: unknown, condition: string | undefined) {
    const queueArn = delivery.target.DeadLetterConfig?.Arn;
    this.#record("dead-letter", delivery, { error: messageOf(error), queue: queueArn ?? null });
    if (queueArn === undefined)
      console.error(
        `The rule ${delivery.ruleName} gave up calling ${delivery.target.Arn}, which has no dead-letter queue: ${messageOf(error)}`,
      );
    else await this.#sendToDeadLetterQueue(delivery, queueArn, error, condition);
    await this.state.batch([forget(delivery)]);
  }

  /** "Using dead-letter queues to process undelivered events": the original event, with the reason in attributes. */
  async #sendToDeadLetterQueue(delivery: Delivery, queueArn: string, error: unknown, condition: string | undefined) {
    const attributes: Record<string, string> = {
      RULE_ARN: delivery.ruleArn,
      TARGET_ARN: delivery.target.Arn,
      ERROR_CODE: errorCodeOf(error),
      ERROR_MESSAGE: messageOf(error).slice(0, 1000),
      RETRY_ATTEMPTS: String(delivery.failures - 1),
      ...(condition === undefined || isPermanent(error) ? {} : { EXHAUSTED_RETRY_CONDITION: condition }),
    };
    const input = {
      QueueUrl: queueUrl(queueArn, this.cloud.place),
      MessageBody: JSON.stringify(delivery.event),
      MessageAttributes: Object.fromEntries(
        Object.entries(attributes).map(([name, value]) => [name, { DataType: "String", StringValue: value }]),
      ),
    };
    try {
      await this.cloud.call("sqs", "SendMessage", input, serviceCaller(delivery));
    } catch (cause) {
      console.error(`The rule ${delivery.ruleName} could not send to its dead-letter queue ${queueArn}: ${messageOf(cause)}`);
    }
  }

  #record(kind: string, { trace, ruleArn: arn, ruleName, target, event }: Delivery, detail: Record<string, unknown>) {
    const { clock, inventory, occurrences } = this.cloud;
    occurrences.record({
      atMs: clock.nowMs(),
      kind,
      trace,
      from: inventory.byArn(arn)?.name ?? ruleName,
      to: inventory.byArn(target.Arn)?.name ?? target.Arn,
      detail: { eventId: event.id, ...detail },
    });
  }
}

/** With a role, EventBridge assumes it. Otherwise the target's own policy must allow the rule. */
const callerOf = (delivery: Delivery): Caller => {
  const { RoleArn } = delivery.target;
  if (RoleArn === undefined) return serviceCaller(delivery);
  return { kind: "role", roleArn: RoleArn, principal: PRINCIPAL, sourceArn: delivery.ruleArn, trace: delivery.trace };
};

const serviceCaller = (delivery: Delivery): ServiceCaller => ({
  kind: "service",
  principal: PRINCIPAL,
  sourceArn: delivery.ruleArn,
  trace: delivery.trace,
});

/** Missing permissions, missing targets and invalid requests stay as they are, so retries would not help. */
const isPermanent = (error: unknown) => error instanceof AwsError && error.status < 500 && !isThrottling(error.code);

/** The codes of EventBridge's dead letters. */
const errorCodeOf = (error: unknown): string => {
  if (!(error instanceof AwsError)) return "UNKNOWN";
  if (/AccessDenied|AuthorizationError/.test(error.code)) return "NO_PERMISSIONS";
  if (/NotFound|NonExistent|DoesNotExist/.test(error.code)) return "NO_RESOURCE";
  if (isThrottling(error.code)) return "THROTTLING";
  return error.status < 500 ? "SDK_CLIENT_ERROR" : "UNKNOWN";
};

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

const keep = (delivery: Delivery): StateChange => ({ put: keyPrefix + delivery.id, value: delivery });

const forget = (delivery: Delivery): StateChange => ({ delete: keyPrefix + delivery.id });

export { Deliveries };
