import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { buildSlotKey, isEnded, MAX_TRIES } from "#core/agent/task";
import { parseTaskRequest } from "#core/agent/task-request";
import { HELD_SECONDS } from "../../agent/hold";
import { buildAsk, buildMessage, type Kill, startWorkplace, type Workplace } from "./workplace";

/** More calls than any task of these tests makes. Counting ends at the first call that is not reached. */
const MAX_CALLS = 80;
/** Concurrent workplaces. Each has its own clock, so that a jump in one does not disturb the heartbeats in another. */
const LANES = 3;

/** Calls of a task that change something, except heartbeats, whose times vary. */
const KINDS = [
  "gateway",
  "TransactWriteItemsCommand",
  "UpdateItemCommand",
  "ReceiveMessageCommand",
  "DeleteItemCommand",
  "DeleteMessageCommand",
];

interface Work {
  id: string;
  body: string;
  thread: string;
  expected: string[];
}

/**
 * Kills a worker at its first call, the next worker at its second call, and so on, before or after the call, until a worker survives.
 * Counts each kind of call separately, because background calls come at any time. After each kill another worker finishes the task.
 */
describe("kill points of the worker", function () {
  this.timeout(300_000);
  let places: Workplace[];
  before(async () => {
    places = await Promise.all(Array.from({ length: LANES }, () => startWorkplace()));
  });
  after(() => Promise.all(places.map(place => place.stop())));

  /** Returns the call at which the worker died; undefined if it finished the task first. */
  const runKilled = async (place: Workplace, { id, body, thread, expected }: Work, kill: Kill): Promise<string | undefined> => {
    const isQueueEmpty = async () => (await place.countMessages("agent-tasks")) === 0;
    const doomed = place.hire({ kill });
    await place.say({ body });
    await eventually(async () => doomed.life.isDead || isQueueEmpty());
    await doomed.stop();
    const last = doomed.life.isDead ? doomed.life.calls.at(-1) : undefined;
    const where = `${kill.when} call ${kill.call} of ${kill.of}`;
    // The leases and messages of the dead worker expire.
    if (last !== undefined) place.clock.advance(HELD_SECONDS + 1);
    const successor = place.hire();
    await eventually(isQueueEmpty).catch((cause: unknown) => {
      throw new Error(`the message is still there after a kill ${where}`, { cause });
    });
    await successor.stop();

    expect((await place.tasks.read(id))?.state, where).to.equal("done");
    expect(place.gateway.posts(id), where).to.deep.equal(expected);
    expect(place.gateway.card(id)?.state, where).to.equal("done");
    const lease = await place.readLease(thread);
    expect(lease?.until ?? 0, `the lease, ${where}`).to.be.at.most(place.nowMs());
    return last;
  };

  /** Kills a worker at the first call of each kind, then at the second, and so on, until one survives. Returns the calls at which workers died. */
  const runAll = async (when: Kill["when"], buildWork: (number: number) => Work): Promise<string[]> => {
    const deaths: string[] = [];
    const left = [...KINDS];
    let works = 0;
    const runLane = async (place: Workplace) => {
      for (let of = left.shift(); of !== undefined; of = left.shift()) {
        for (let call = 1; call <= MAX_CALLS; call += 1) {
          works += 1;
          const death = await runKilled(place, buildWork(works), { call, of, when });
          if (death === undefined) break;
          deaths.push(death);
        }
      }
    };
    await Promise.all(places.map(runLane));
    return deaths;
  };

  const expectAllKinds = (deaths: string[]) => expect(deaths).to.include.members(KINDS);

  // Calls are sequential, so dying after one equals dying before the next. Each test needs only one of the two.
  it("a message's task has each effect once, even if its worker dies before any call", async () => {
    const deaths = await runAll("before", number => {
      const ts = `1000.${String(number).padStart(6, "0")}`;
      const expected = ["one", "1. lunch: 12", "Posted: one\nSlept 1 s.\nReported 1 words."];
      return { ...buildMessage("post one then sleep 1s then report words", { ts }), thread: `thread#T0001#C0001#${ts}`, expected };
    });

    expectAllKinds(deaths);
  });

  it("a task of /ask has each effect once, even if its worker dies after any call", async () => {
    const deaths = await runAll("after", number => {
      const ask = buildAsk("post one", `after.${number}`);
      return { ...ask, thread: `thread#${ask.id}`, expected: ["one", "Posted: one"] };
    });

    expectAllKinds(deaths);
  });

  /**
   * Calls `run` with a kill at the first call, then at the second, and so on, until a worker survives. Checks that workers died at all
   * expected calls. `run` returns the call at which its worker died.
   */
  const dieAtEach = async (
    expected: string[],
    when: Kill["when"],
    run: (kill: Kill, ts: string) => Promise<string | undefined>,
  ): Promise<void> => {
    const deaths = new Set<string>();
    let runs = 0;
    const isReached = async (kill: Kill) => {
      runs += 1;
      const death = await run(kill, `1000.${String(runs).padStart(6, "0")}`);
      if (death !== undefined) deaths.add(death);
      return death !== undefined;
    };
    for (let call = 1; await isReached({ call, when }); call += 1) if (call === MAX_CALLS) throw new Error("there was no end to the calls");
    // Heartbeats shift the count, so a call may have been skipped. Kill at skipped calls by name.
    for (const of of expected) if (!deaths.has(of)) await isReached({ call: 1, of, when });
    expect([...deaths]).to.include.members(expected);
  };

  it("a streamed answer is shown once, even if its worker dies at any call", async () => {
    const text = "one two three four five six seven eight";
    await dieAtEach(["gateway", "TransactWriteItemsCommand"], "after", async (kill, ts) => {
      const [place] = places as [Workplace];
      const message = buildMessage(`say ${text} then post more`, { channel: "CSTREAM", ts });
      const expected = ["more", `${text}\nPosted: more`];
      return runKilled(place, { ...message, thread: `thread#T0001#CSTREAM#${ts}`, expected }, kill);
    });
  });

  it("turns of a thread run once each, even if a worker dies while it lets one wait or passes the thread on", async () => {
    const [place] = places as [Workplace];
    let runs = 0;
    /** Returns whether the worker died. */
    const run = async (kill: Kill): Promise<boolean> => {
      runs += 1;
      const ts = `${2000 + 10 * runs}.000100`;
      const first = buildMessage("sleep 4s then post one", { channel: "CTURNS", ts });
      const second = buildMessage("post two", { channel: "CTURNS", ts: `${2005 + 10 * runs}.000100`, threadTs: ts });
      const isDone = async () => (await place.tasks.read(second.id))?.state === "done" && (await place.countMessages("agent-tasks")) === 0;
      const doomed = place.hire({ kill });
      await place.say(first);
      await eventually(() => doomed.life.isDead || place.gateway.card(first.id) !== undefined);
      await place.say(second);
      await eventually(async () => doomed.life.isDead || (await isDone()));
      await doomed.stop();
      const where = `after call ${kill.call} of ${kill.of}`;
      place.clock.advance(HELD_SECONDS + 1);
      const successor = place.hire();
      await eventually(isDone);
      await successor.stop();

      expect((await place.tasks.read(first.id))?.state, where).to.equal("done");
      expect(place.gateway.posts(first.id), where).to.deep.equal(["one", "Slept 4 s.\nPosted: one"]);
      expect(place.gateway.posts(second.id), where).to.deep.equal(["two", "Posted: two"]);
      return doomed.life.isDead;
    };

    for (const of of ["UpdateItemCommand", "SendMessageCommand", "DeleteMessageCommand"])
      for (let call = 1; await run({ call, of, when: "after" }); call += 1) if (call === MAX_CALLS) throw new Error("there was no end");
  });

  it("a task that waits for a slot runs once, even if a worker dies at any call meanwhile", async () => {
    const calls = ["gateway", "SendMessageCommand", "DeleteMessageCommand"];
    await dieAtEach(calls, "after", async (kill, ts) => {
      const [place] = places as [Workplace];
      const message = buildMessage("post one", { channel: "CSLOTS", ts, user: `U${ts.slice(5)}` });
      const slot = buildSlotKey({ team: "T0001", user: `U${ts.slice(5)}` }, 1);
      const other = { thread: slot, taskId: "other", leaseId: "other" };
      await place.leases.acquire(other, place.nowMs(), place.nowMs() + 86_400_000);
      const doomed = place.hire({ kill, tasksPerUser: 1 });
      await place.say(message);
      await eventually(() => doomed.life.isDead || doomed.life.calls.includes("DeleteMessageCommand"));
      await doomed.stop();
      const where = `after call ${kill.call}, ${doomed.life.calls.at(-1)}`;
      await place.leases.release(other);
      place.clock.advance(HELD_SECONDS + 1);
      const successor = place.hire({ tasksPerUser: 1 });
      await eventually(async () => (await place.countMessages("agent-tasks")) === 0);
      await successor.stop();

      expect((await place.tasks.read(message.id))?.state, where).to.equal("done");
      expect(place.gateway.posts(message.id), where).to.deep.equal(["one", "Posted: one"]);
      return doomed.life.isDead ? doomed.life.calls.at(-1) : undefined;
    });
  });

  /** Kills workers during the last try of a task. */
  const loseLastTries = (place: Workplace, text: string, when: Kill["when"], expected: string[]) =>
    dieAtEach(expected, when, async (kill, ts) => {
      const message = buildMessage(text, { channel: `C${when}`.toUpperCase(), ts });
      await place.tasks.accept(parseTaskRequest(message.body), place.nowMs());
      await place.say(message);
      await place.useUpTries(MAX_TRIES - 1);
      const deadLetters = await place.countMessages("agent-tasks-dead-letters");
      const doomed = place.hire({ kill });
      await eventually(async () => doomed.life.isDead || (await place.countMessages("agent-tasks")) === 0);
      await doomed.stop();
      const { calls, isDead } = doomed.life;
      const where = `${when} call ${kill.call}, ${calls.at(-1)}`;
      place.clock.advance(HELD_SECONDS + 1);
      const successor = place.hire();
      await eventually(async () => (await place.countMessages("agent-tasks")) === 0);
      // If the worker dies after the last receive and before the mark, nobody knows of the task; only its dead letter raises an alarm.
      const isUnmarked = isDead && !(when === "after" ? calls : calls.slice(0, -1)).includes("PutItemCommand");
      const readTask = async () => (await place.tasks.read(message.id))!;
      const isDeadLetter = async () => (await place.countMessages("agent-tasks-dead-letters")) > deadLetters;
      await eventually(async () => isEnded(await readTask()) || (isUnmarked && isDeadLetter()));
      await eventually(async () => (await place.lastTries.list()).length === 0);
      await successor.stop();

      const task = await readTask();
      if (isEnded(task)) expect(place.gateway.card(message.id)?.state, where).to.equal(task.state);
      const posts = place.gateway.posts(message.id);
      expect(new Set(posts).size, where).to.equal(posts.length);
      if (task.state === "done") expect(posts, where).to.deep.equal(["one", "Posted: one\nSlept 1 s."]);
      return isDead ? calls.at(-1) : undefined;
    });

  it("a task ends, and its card shows it, even if a worker dies at any call of the last try", async () => {
    const [first, second] = places as [Workplace, Workplace];
    const calls = ["PutItemCommand", "gateway", "TransactWriteItemsCommand"];
    await Promise.all([
      loseLastTries(first, "post one then sleep 1s", "after", [...calls, "DeleteMessageCommand"]),
      loseLastTries(second, "post one then fail no milk", "before", [...calls, "ChangeMessageVisibilityCommand"]),
    ]);
  });

  /** Interrupts a sleeping task, and kills its worker at each of the calls that follow. */
  const interruptAll = (
    interrupt: (place: Workplace, id: string, stop: () => Promise<void>) => Promise<void>,
    state: string,
    posts: string[],
    expected: string[],
  ) =>
    dieAtEach(expected, "after", async (kill, ts) => {
      const [place] = places as [Workplace];
      const message = buildMessage("post one then sleep 1m", { channel: `C${state}`, ts });
      const doomed = place.hire();
      await place.say(message);
      await eventually(() => place.gateway.card(message.id)?.steps.at(-1)?.label === "Sleep 1 min");
      doomed.life.arm(kill);
      await interrupt(place, message.id, doomed.stop);
      await eventually(async () => doomed.life.isDead || !doomed.worker.isBusy);
      await doomed.stop();
      const where = `after call ${kill.call}, ${doomed.life.calls.at(-1)}`;
      place.clock.advance(HELD_SECONDS + 1);
      const successor = place.hire();
      await eventually(async () => (await place.countMessages("agent-tasks")) === 0);
      await successor.stop();

      expect((await place.tasks.read(message.id))?.state, where).to.equal(state);
      expect(place.gateway.posts(message.id), where).to.deep.equal(posts);
      expect(place.gateway.card(message.id)?.state, where).to.equal(state);
      return doomed.life.isDead ? doomed.life.calls.at(-1) : undefined;
    });

  it("a task that is handed back is finished, even if its worker dies at any call meanwhile", async () => {
    const calls = ["UpdateItemCommand", "SendMessageCommand"];
    await interruptAll((_place, _id, stop) => stop(), "done", ["one", "Posted: one\nSlept 1 min."], calls);
  });

  it("a stopped task stays stopped, even if its worker dies at any call meanwhile", async () => {
    const requestStop = async (place: Workplace, id: string) => {
      await place.tasks.requestStop(id, "U0002", place.nowMs());
    };
    const calls = ["gateway", "TransactWriteItemsCommand", "DeleteItemCommand", "DeleteMessageCommand"];
    await interruptAll(requestStop, "stopped", ["one"], calls);
  });
});
