import { randomUUID } from "node:crypto";
import { AwsError } from "../../kernel/aws-error";
import type { Caller, ServiceCaller } from "../../kernel/caller";
import { messageOf, type RetriedCall, RetriedCalls } from "../../kernel/retried-calls";
import type { Cloud } from "../../kernel/service";
import type { State, StateChange } from "../../kernel/state";
import { buildTargetCall, isThrottling } from "../../kernel/target-call";
import type { BusEvent } from "./bus-event";
import { ruleArn } from "./names";
import type { Rule } from "./rule";
import type { Target } from "./target";
import { buildTargetInput } from "./target-input";

/** The delivery of an event to a target. */
interface Delivery extends RetriedCall {
  ruleArn: string;
  ruleName: string;
  target: Target;
  event: BusEvent;
  trace: string;
}

const PRINCIPAL = "events.amazonaws.com";

/** Deliveries: durable, retried as EventBridge retries, and then sent to the target's dead-letter queue. */
class Deliveries {
  readonly #calls: RetriedCalls<Delivery>;

  constructor(
    private readonly cloud: Cloud,
    state: State,
  ) {
    this.#calls = new RetriedCalls(cloud, state, {
      keyPrefix: "delivery/",
      attempt: delivery => this.#attempt(delivery),
      record: (delivery, kind, detail) => this.#record(delivery, kind, detail),
      describe: ({ ruleName }) => `The rule ${ruleName}`,
      buildDeadLetter,
      senderOf: serviceCaller,
    });
  }

  /** Repeats the unfinished deliveries of an earlier start. */
  resume() {
    return this.#calls.resume();
  }

  stop() {
    return this.#calls.stop();
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
    return deliveries.map(delivery => this.#calls.toChange(delivery));
  }

  begin(deliveries: Delivery[]) {
    for (const delivery of deliveries) this.#calls.begin(delivery);
  }

  async #attempt(delivery: Delivery) {
    const { target, event, ruleName, createdMs } = delivery;
    const payload = buildTargetInput(target, event, { ruleArn: delivery.ruleArn, ruleName, ingestedMs: createdMs });
    const { service, operation, input } = buildTargetCall(target.Arn, payload, this.cloud.place)!;
    await this.cloud.call(service, operation, input, callerOf(delivery));
    this.#record(delivery, "deliver", { attempt: delivery.failures + 1 });
  }

  #record({ trace, ruleArn: arn, ruleName, target, event }: Delivery, kind: string, detail: Record<string, unknown>) {
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

/** "Using dead-letter queues to process undelivered events": the original event, with the reason in attributes. */
const buildDeadLetter = ({ event, ruleArn: RULE_ARN }: Delivery, error: unknown) => ({
  body: JSON.stringify(event),
  attributes: { RULE_ARN, ERROR_CODE: errorCodeOf(error), ERROR_MESSAGE: messageOf(error).slice(0, 1000) },
});

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

/** The codes of EventBridge's dead letters. */
const errorCodeOf = (error: unknown): string => {
  if (!(error instanceof AwsError)) return "UNKNOWN";
  if (/AccessDenied|AuthorizationError/.test(error.code)) return "NO_PERMISSIONS";
  if (/NotFound|NonExistent|DoesNotExist/.test(error.code)) return "NO_RESOURCE";
  if (isThrottling(error.code)) return "THROTTLING";
  return error.status < 500 ? "SDK_CLIENT_ERROR" : "UNKNOWN";
};

export { Deliveries };
