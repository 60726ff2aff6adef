import { AwsError } from "../../kernel/aws-error";
import type { Cloud } from "../../kernel/service";
import type { State } from "../../kernel/state";
import type { DeployedFunction } from "./deployed-function";
import type { Condition, QueuedEvent } from "./event-outcome";
import { EventSender } from "./event-sender";
import type { InvocationOutcome } from "./execution-environment";
import { DEFAULT_EVENT_INVOKE } from "./function-configuration";
import { errorOf, type Invoker } from "./invoker";
import type { Functions } from "./store";

/** The waits before the first and the second retry of a failed event (Lambda, "Error handling for asynchronous invocation"). */
const RETRY_DELAYS_MS = [60_000, 120_000];

/** A throttled event waits from 1 s up to 5 min, doubling (the same page). */
const THROTTLE_DELAY_MS = { min: 1000, max: 300_000 };

const keyOf = (requestId: string) => `event/${requestId}`;

/**
 * Events of asynchronous invocations. Each is on disk before its caller gets 202, and stays there until it succeeds, is sent
 * to a destination or dead-letter queue, or turns out to have neither. After a crash all of them run again: at least once, as on AWS.
 */
class EventQueue {
  readonly #sender: EventSender;

  constructor(
    private readonly cloud: Cloud,
    private readonly state: State,
    private readonly functions: Functions,
    private readonly invoker: Invoker,
  ) {
    this.#sender = new EventSender(cloud);
  }

  /** Schedules the events that an earlier run accepted but did not finish. */
  async resume() {
    const events = (await this.state.entries<QueuedEvent>(keyOf(""))).map(([, event]) => event);
    for (const event of events.sort((a, b) => a.acceptedMs - b.acceptedMs)) this.#schedule(event);
  }

  /** Resolves when the event is durable. */
  async accept(request: Pick<QueuedEvent, "functionName" | "requestId" | "payload" | "trace" | "from">) {
    const acceptedMs = this.cloud.clock.nowMs();
    const attempts = { failedAttempts: 0, throttledAttempts: 0 };
    const event: QueuedEvent = { ...request, acceptedMs, dueMs: acceptedMs, ...attempts };
    await this.cloud.clock.hold(this.#save(event));
    void this.cloud.clock.hold(this.#run(event));
  }

  #schedule(event: QueuedEvent) {
    const { clock } = this.cloud;
    clock.stopAt(event.dueMs, () => void clock.hold(this.#run(event)));
  }

  async #run(event: QueuedEvent) {
    await this.invoker.letCallersPass();
    try {
      const deployed = this.functions.get(event.functionName);
      if (deployed === undefined) await this.#drop(event);
      else if (event.dueMs - event.acceptedMs > (deployed.eventInvoke ?? DEFAULT_EVENT_INVOKE).maximumEventAgeSeconds * 1000) {
        await this.#finish(deployed, event, "EventAgeExceeded", undefined);
      } else await this.#attempt(deployed, event);
    } catch (error) {
      // The run may outlive the cloud, whose state is then closed. The event is still on disk.
      if (!this.invoker.stopped) console.error(error);
    }
  }

  async #attempt(deployed: DeployedFunction, event: QueuedEvent) {
    const { requestId, payload, trace } = event;
    const reason = { from: event.from, type: "Event", attempt: event.failedAttempts + 1 } as const;
    let outcome: InvocationOutcome;
    try {
      outcome = await this.invoker.run(deployed, { requestId, payload, trace }, reason);
    } catch (error) {
      if (error instanceof AwsError && error.code === "TooManyRequestsException") return this.#backOff(deployed, event);
      throw error;
    }
    // The process ended with the cloud, which is not a failure: the event runs again at the next start.
    if (this.invoker.stopped) return;
    if (!outcome.failed) return this.#finish(deployed, event, "Success", outcome);
    await this.#retry(deployed, { ...event, failedAttempts: event.failedAttempts + 1 }, outcome);
  }

  async #retry(deployed: DeployedFunction, event: QueuedEvent, outcome: InvocationOutcome) {
    const { maximumRetryAttempts, maximumEventAgeSeconds } = deployed.eventInvoke ?? DEFAULT_EVENT_INVOKE;
    if (event.failedAttempts > maximumRetryAttempts) return this.#finish(deployed, event, "RetriesExhausted", outcome);
    const dueMs = this.cloud.clock.nowMs() + RETRY_DELAYS_MS[event.failedAttempts - 1]!;
    if (dueMs > event.acceptedMs + maximumEventAgeSeconds * 1000) return this.#finish(deployed, event, "EventAgeExceeded", outcome);
    this.#recordRetry(deployed, event, { attempt: event.failedAttempts + 1, dueMs, error: errorOf(outcome) });
    await this.#postpone({ ...event, dueMs });
  }

  async #backOff(deployed: DeployedFunction, event: QueuedEvent) {
    const waitMs = Math.min(THROTTLE_DELAY_MS.min * 2 ** event.throttledAttempts, THROTTLE_DELAY_MS.max);
    const dueMs = this.cloud.clock.nowMs() + waitMs;
    this.#recordRetry(deployed, event, { dueMs, error: "TooManyRequestsException" });
    await this.#postpone({ ...event, dueMs, throttledAttempts: event.throttledAttempts + 1 });
  }

  async #postpone(event: QueuedEvent) {
    await this.#save(event);
    this.#schedule(event);
  }

  async #finish(deployed: DeployedFunction, event: QueuedEvent, condition: Condition, outcome: InvocationOutcome | undefined) {
    await this.#sender.send(deployed, event, condition, outcome);
    await this.#forget(event);
  }

  async #drop(event: QueuedEvent) {
    console.error(`There is no function ${event.functionName} any more: its event ${event.requestId} is lost.`);
    await this.#forget(event);
  }

  #save(event: QueuedEvent) {
    return this.state.put(keyOf(event.requestId), event);
  }

  #forget(event: QueuedEvent) {
    return this.state.delete(keyOf(event.requestId));
  }

  #recordRetry(deployed: DeployedFunction, { requestId, trace }: QueuedEvent, detail: object) {
    const from = deployed.configuration.label;
    this.cloud.occurrences.record({
      atMs: this.cloud.clock.nowMs(),
      kind: "retry",
      trace,
      from,
      to: from,
      detail: { requestId, ...detail },
    });
  }
}

export { EventQueue };
