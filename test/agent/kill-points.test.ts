import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { buildSlotKey, isEnded, MAX_TRIES } from "#core/agent/task";
import { parseTaskRequest } from "#core/agent/task-request";
import { HELD_SECONDS } from "../../agent/hold";
import { buildAsk, buildMessage, type Kill, startWorkplace, type Workplace } from "./workplace";

/** Far more calls than a task of the tests makes; each lane ends with the first call that is not reached. */
const MAX_CALLS = 80;
/** Places under way at once; each has a clock of its own, so that no lane's jump troubles another's heartbeats. */
const LANES = 3;

/** The calls by which a task gets done; heartbeats come when they come. */
const KINDS = [
  "gateway",
  "GetItemCommand",
  "TransactWriteItemsCommand",
  "UpdateItemCommand",
  "ReceiveMessageCommand",
  "PutItemCommand",
  "QueryCommand",
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
 * Lets one worker after the other begin a task, each killed one call later than the one before, in front of the call or behind it, until
 * one gets through unharmed; kind by kind, as the background's calls fall in anywhere. After each kill another worker finishes the task.
 */
describe("kill points of the worker", function () {
  this.timeout(300_000);
  let places: Workplace[];
  before(async () => {
    places = await Promise.all(Array.from({ length: LANES }, () => startWorkplace()));
  });
  after(() => Promise.all(places.map(place => place.stop())));

  /** Returns the call at which the worker died, undefined when the task was done before. */
  const runKilled = async (place: Workplace, { id, body, thread, expected }: Work, kill: Kill): Promise<string | undefined> => {
    const isQueueEmpty = async () => (await place.countMessages("agent-tasks")) === 0;
    const doomed = place.hire({ kill });
    await place.say({ body });
    await eventually(async () => doomed.life.isDead || isQueueEmpty());
    await doomed.stop();
    const last = doomed.life.isDead ? doomed.life.calls.at(-1) : undefined;
    const where = `${kill.when} call ${kill.call} of ${kill.of}`;
    // What the dead one held comes free by itself.
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

  /** Lets a worker die at the first, the second, ... call of each kind, until one is not reached. Returns the calls at which workers died. */
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

  // To die behind a call is to die in front of the next one, where calls come one after the other: one of the two each is enough.
  it("a message's task has each effect once, before whichever call its worker dies", async () => {
    const deaths = await runAll("before", number => {
      const ts = `1000.${String(number).padStart(6, "0")}`;
      const expected = ["one", "1. lunch: 12", "Posted: one\nSlept 1 s.\nReported 1 words."];
      return { ...buildMessage("post one then sleep 1s then report words", { ts }), thread: `thread#T0001#C0001#${ts}`, expected };
    });

    expectAllKinds(deaths);
  });

  it("a task of /ask has each effect once, after whichever call its worker dies", async () => {
    const deaths = await runAll("after", number => {
      const ask = buildAsk("post one", `after.${number}`);
      return { ...ask, thread: `thread#${ask.id}`, expected: ["one", "Posted: one"] };
    });

    expectAllKinds(deaths);
  });

  /**
   * Runs with one worker after the other, each killed one call later than the one before, until one gets through; checks that the expected
   * calls are among those at which they died. `run` returns the call at which its worker died.
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
    // Heartbeats fall in anywhere and shift the count: a call that was passed over by that is meant by its name.
    for (const of of expected) if (!deaths.has(of)) await isReached({ call: 1, of, when });
    expect([...deaths]).to.include.members(expected);
  };

  it("a task that waits for a slot runs once, wherever a worker dies meanwhile", async () => {
    const calls = ["GetItemCommand", "gateway", "SendMessageCommand", "DeleteMessageCommand"];
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

  /** Lets workers die over the last try of a task. */
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
      // Between its last receive and its mark nobody knows of a task: its dead letter raises the alarm, and that is all.
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

  it("a task ends, on its card too, wherever a worker dies during the last try", async () => {
    const [first, second] = places as [Workplace, Workplace];
    const calls = ["PutItemCommand", "gateway", "TransactWriteItemsCommand"];
    await Promise.all([
      loseLastTries(first, "post one then sleep 1s", "after", [...calls, "DeleteMessageCommand"]),
      loseLastTries(second, "post one then fail no milk", "before", [...calls, "ChangeMessageVisibilityCommand"]),
    ]);
  });

  /** Ends a task that sleeps, and lets its worker die at each call that follows from that. */
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

  it("a task that is handed back is finished, wherever its worker dies meanwhile", async () => {
    const calls = ["UpdateItemCommand", "SendMessageCommand"];
    await interruptAll((_place, _id, stop) => stop(), "done", ["one", "Posted: one\nSlept 1 min."], calls);
  });

  it("a stopped task stays stopped, wherever its worker dies meanwhile", async () => {
    const requestStop = async (place: Workplace, id: string) => {
      await place.tasks.requestStop(id, "U0002", place.nowMs());
    };
    const calls = ["GetItemCommand", "gateway", "TransactWriteItemsCommand", "DeleteItemCommand", "DeleteMessageCommand"];
    await interruptAll(requestStop, "stopped", ["one"], calls);
  });
});
