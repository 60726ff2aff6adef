import { expect } from "chai";
import fc from "fast-check";
import { Clock } from "../../../src/kernel/clock";
import { createRandom } from "../../../src/kernel/seeded-random";
import type { StateChange } from "../../../src/kernel/state";
import type { NewMessage, StoredMessage } from "../../../src/services/sqs/message";
import { Queue } from "../../../src/services/sqs/queue";
import { parseAttributes } from "../../../src/services/sqs/queue-attributes";

const createQueue = (clock: Clock) => {
  const record = { name: "orders", attributes: parseAttributes({}), tags: {}, createdMs: 0, modifiedMs: 0, declared: true };
  return new Queue(record, "arn:aws:sqs:us-east-1:000000000000:orders", { clock, random: createRandom(1), isShuffled: () => false });
};

const createMessage = (id: string, nowMs: number, delaySeconds: number): NewMessage => ({
  id,
  body: id,
  senderId: "tester",
  sentMs: nowMs,
  visibleMs: nowMs + delaySeconds * 1000,
  receives: 0,
  receivesBefore: 0,
});

/** A clock that stops between moves, so that the model and the queue see the same time. */
class StillClock extends Clock {
  #nowMs = 1_000_000;

  override nowMs() {
    return this.#nowMs;
  }

  move(seconds: number) {
    this.#nowMs += seconds * 1000;
  }
}

/** The model of a message: when it becomes visible, and its latest receipt. */
interface Known {
  visibleMs: number;
  latest?: StoredMessage["receipt"];
  sequence: number;
}

type Step =
  | { do: "send"; delaySeconds: number }
  | { do: "receive"; most: number; visibilitySeconds: number }
  | { do: "delete"; pick: number }
  | { do: "show"; pick: number; inSeconds: number }
  | { do: "move"; seconds: number }
  | { do: "restart" };

const seconds = fc.integer({ min: 0, max: 100 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("send" as const), delaySeconds: seconds }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("receive" as const), most: fc.integer({ min: 1, max: 10 }), visibilitySeconds: seconds }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("delete" as const), pick: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("show" as const), pick: fc.nat(), inSeconds: seconds }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("move" as const), seconds }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restart" as const) }) },
);

/** Runs steps against a queue, and checks its guarantees. */
class Trial {
  readonly clock = new StillClock();
  readonly known = new Map<string, Known>();
  readonly disk = new Map<string, StoredMessage>();
  queue = createQueue(this.clock);
  #sent = 0;

  run(next: Step) {
    switch (next.do) {
      case "send":
        return this.#send(next.delaySeconds);
      case "receive":
        return this.#receive(next.most, next.visibilitySeconds);
      case "delete":
        return this.#withReceived(next.pick, (id, message) => {
          this.#write([this.queue.remove(message)]);
          this.known.delete(id);
        });
      case "show":
        return this.#withReceived(next.pick, (id, message) => {
          const visibleMs = this.clock.nowMs() + next.inSeconds * 1000;
          this.#write([this.queue.show(message, visibleMs)]);
          this.known.get(id)!.visibleMs = visibleMs;
        });
      case "move":
        return this.clock.move(next.seconds);
      case "restart":
        return this.#restart();
    }
  }

  #send(delaySeconds: number) {
    const id = String(this.#sent++);
    const message = createMessage(id, this.clock.nowMs(), delaySeconds);
    const change = this.queue.add(message);
    this.#write([change]);
    const { sequence } = (change as { value: StoredMessage }).value;
    this.known.set(id, { visibleMs: message.visibleMs, sequence });
  }

  #receive(most: number, visibilitySeconds: number) {
    const nowMs = this.clock.nowMs();
    const due = [...this.known].filter(([, { visibleMs }]) => visibleMs <= nowMs).map(([id]) => id);
    const { messages, changes } = this.queue.take({ most, visibilityMs: visibilitySeconds * 1000, maxReceives: Number.POSITIVE_INFINITY });
    this.#write(changes);
    const ids = messages.map(({ id }) => id);
    expect(due, "deleted, hidden or delayed messages stay so").to.include.members(ids);
    expect(new Set(ids), "no message twice in one answer").to.have.lengthOf(ids.length);
    expect(ids, "all that is due, as far as there is room").to.have.lengthOf(Math.min(most, due.length));
    for (const { id, receipt } of messages)
      Object.assign(this.known.get(id)!, { visibleMs: nowMs + visibilitySeconds * 1000, latest: receipt });
  }

  #withReceived(pick: number, act: (id: string, message: StoredMessage) => void) {
    const received = [...this.known].filter(([, { latest }]) => latest !== undefined);
    if (received.length === 0) return;
    const [id, { sequence, latest }] = received[pick % received.length]!;
    const handle = { queue: "orders", sequence, token: latest!.token };
    expect(this.queue.find({ ...handle, token: "stale" }), "a stale receipt finds nothing").to.equal(undefined);
    const message = this.queue.find(handle);
    expect(message?.id).to.equal(id);
    act(id, message!);
  }

  #write(changes: StateChange[]) {
    for (const change of changes) {
      if ("put" in change) this.disk.set(change.put, structuredClone(change.value as StoredMessage));
      else this.disk.delete(change.delete);
    }
  }

  #restart() {
    this.queue = createQueue(this.clock);
    for (const [, message] of [...this.disk].sort()) this.queue.restore(structuredClone(message));
  }
}

/** The ids of all messages in a queue. */
const drain = (queue: Queue): string[] => {
  const { messages } = queue.take({ most: 10, visibilityMs: 1000, maxReceives: Number.POSITIVE_INFINITY });
  return messages.length === 0 ? [] : [...messages.map(({ id }) => id), ...drain(queue)];
};

describe("sqs queue", () => {
  it("never loses messages, returns hidden ones or restores deleted ones", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), steps => {
        const trial = new Trial();
        for (const next of steps) trial.run(next);
        trial.clock.move(100);
        expect(drain(trial.queue)).to.have.members([...trial.known.keys()]);
      }),
      { numRuns: 300 },
    );
  });

  it("is loosely ordered: the oldest fifty first", () => {
    const clock = new StillClock();
    const queue = createQueue(clock);
    for (let index = 0; index < 200; index++) queue.add(createMessage(String(index), clock.nowMs(), 0));
    const { messages } = queue.take({ most: 10, visibilityMs: 1000, maxReceives: Number.POSITIVE_INFINITY });
    expect(messages.every(({ id }) => Number(id) < 50)).to.equal(true);
  });
});
