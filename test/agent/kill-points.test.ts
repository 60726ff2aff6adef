import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { buildSlotKey, isEnded, MAX_TRIES } from "#core/agent/task";
import { parseTaskRequest } from "#core/agent/task-request";
import { HELD_SECONDS } from "../../agent/hold";
import { buildAsk, buildMessage, type Kill, type Life, startWorkplace, type Workplace } from "./workplace";

/** What a message's task calls that changes something. */
const CALLS = [
  "gateway",
  "TransactWriteItemsCommand",
  "UpdateItemCommand",
  "ReceiveMessageCommand",
  "DeleteItemCommand",
  "DeleteMessageCommand",
];

/** Concurrent workplaces. Each has its own clock, so that a jump in one does not disturb the heartbeats in another. */
const LANES = 3;

interface Work {
  id: string;
  body: string;
  thread: string;
  expected: string[];
}

/** Does a piece of work, during which the first worker is killed, and another finishes it. Returns what the first worker was when it died. */
type Run = (place: Workplace, kill: Kill | undefined, ts: string) => Promise<Life>;

/**
 * Kills workers between any two calls that change something, once for each such pair, whichever test makes it. Dying after the first call equals
 * dying before the second. After each kill another worker finishes the task.
 */
describe("kill points of the worker", function () {
  this.timeout(300_000);
  let places: Workplace[];
  const died = new Set<string>();
  before(async () => {
    places = await Promise.all(Array.from({ length: LANES }, () => startWorkplace()));
  });
  after(() => Promise.all(places.map(place => place.stop())));

  /** Lists where a worker can be killed that makes these calls. Leaves out the pairs of calls at which one has died. */
  const listKills = (changes: readonly string[], when: Kill["when"]): Kill[] =>
    ["", ...changes].flatMap((first, index) => {
      const second = changes[index] ?? "";
      const [pair, of] = [`${first}, ${second}`, when === "before" ? second : first];
      if (of === "" || died.has(pair)) return [];
      died.add(pair);
      const until = when === "before" ? index + 1 : index;
      return [{ of, call: changes.slice(0, until).filter(change => change === of).length, when }];
    });

  /** Runs once undisturbed, then with a kill at each call, in several workplaces at the same time. Expects calls of all these names among them. */
  const dieAtEach = async (expected: string[], when: Kill["when"], run: Run): Promise<void> => {
    let runs = 0;
    const runNext = (place: Workplace, kill?: Kill) => {
      runs += 1;
      return run(place, kill, `${1000 + 100 * runs}.000100`);
    };
    const { changes } = await runNext(places[0]!);
    expect(changes.map(change => change.split(" ")[0])).to.include.members(expected);
    const kills = listKills([...changes], when);
    expect(kills, "kills that no other test makes").not.to.deep.equal([]);
    let deaths = 0;
    const runLane = async (place: Workplace) => {
      for (let kill = kills.shift(); kill !== undefined; kill = kills.shift()) if ((await runNext(place, kill)).isDead) deaths += 1;
    };
    await Promise.all(places.map(runLane));
    expect(deaths, "workers that died").to.be.above(0);
  };

  const runKilled = async (place: Workplace, { id, body, thread, expected }: Work, kill: Kill | undefined): Promise<Life> => {
    const isQueueEmpty = async () => (await place.countMessages("agent-tasks")) === 0;
    const doomed = place.hire({ kill });
    await place.say({ body });
    await eventually(async () => doomed.life.isDead || isQueueEmpty());
    await doomed.stop();
    const where = describeKill(kill);
    // The leases and messages of the dead worker expire.
    if (doomed.life.isDead) place.clock.advance(HELD_SECONDS + 1);
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
    return doomed.life;
  };

  it("a message's task has each effect once, even if its worker dies before any call", async () => {
    const expected = ["one", "1. lunch: 12", "Posted: one\nSlept 1 s.\nReported 1 words."];
    await dieAtEach(CALLS, "before", (place, kill, ts) => {
      const message = buildMessage("post one then sleep 1s then report words", { ts });
      return runKilled(place, { ...message, thread: `thread#T0001#C0001#${ts}`, expected }, kill);
    });
  });

  it("a task of /ask has each effect once, even if its worker dies after any call", async () => {
    await dieAtEach(["gateway"], "after", (place, kill, ts) => {
      const ask = buildAsk("post one", `after.${ts}`);
      return runKilled(place, { ...ask, thread: `thread#${ask.id}`, expected: ["one", "Posted: one"] }, kill);
    });
  });

  it("a streamed answer is shown once, even if its worker dies at any call", async () => {
    const text = "one two three four five six seven eight";
    await dieAtEach(["gateway", "TransactWriteItemsCommand"], "after", (place, kill, ts) => {
      const message = buildMessage(`say ${text} then post more`, { channel: "CSTREAM", ts });
      return runKilled(place, { ...message, thread: `thread#T0001#CSTREAM#${ts}`, expected: ["more", `${text}\nPosted: more`] }, kill);
    });
  });

  it("turns of a thread run once each, even if a worker dies while it lets one wait or passes the thread on", async () => {
    await dieAtEach(["UpdateItemCommand", "SendMessageCommand", "DeleteMessageCommand"], "after", async (place, kill, ts) => {
      const first = buildMessage("sleep 4s then post one", { channel: "CTURNS", ts });
      const second = buildMessage("post two", { channel: "CTURNS", ts: `${Number(ts) + 5}00`.slice(0, 11), threadTs: ts });
      const isDone = async () => (await place.tasks.read(second.id))?.state === "done" && (await place.countMessages("agent-tasks")) === 0;
      const doomed = place.hire({ kill });
      await place.say(first);
      await eventually(() => doomed.life.isDead || place.gateway.card(first.id) !== undefined);
      await place.say(second);
      await eventually(async () => doomed.life.isDead || (await isDone()));
      await doomed.stop();
      const where = describeKill(kill);
      place.clock.advance(HELD_SECONDS + 1);
      const successor = place.hire();
      await eventually(isDone);
      await successor.stop();

      expect((await place.tasks.read(first.id))?.state, where).to.equal("done");
      expect(place.gateway.posts(first.id), where).to.deep.equal(["one", "Slept 4 s.\nPosted: one"]);
      expect(place.gateway.posts(second.id), where).to.deep.equal(["two", "Posted: two"]);
      return doomed.life;
    });
  });

  it("a task that waits for a slot runs once, even if a worker dies at any call meanwhile", async () => {
    await dieAtEach(["gateway", "SendMessageCommand", "DeleteMessageCommand"], "after", async (place, kill, ts) => {
      const user = `U${ts.slice(0, 4)}`;
      const message = buildMessage("post one", { channel: "CSLOTS", ts, user });
      const other = { thread: buildSlotKey({ team: "T0001", user }, 1), taskId: "other", leaseId: "other" };
      await place.leases.acquire(other, place.nowMs(), place.nowMs() + 86_400_000);
      const doomed = place.hire({ kill, tasksPerUser: 1 });
      await place.say(message);
      await eventually(() => doomed.life.isDead || doomed.life.calls.includes("DeleteMessageCommand"));
      await doomed.stop();
      const where = describeKill(kill);
      await place.leases.release(other);
      place.clock.advance(HELD_SECONDS + 1);
      const successor = place.hire({ tasksPerUser: 1 });
      await eventually(async () => (await place.countMessages("agent-tasks")) === 0);
      await successor.stop();

      expect((await place.tasks.read(message.id))?.state, where).to.equal("done");
      expect(place.gateway.posts(message.id), where).to.deep.equal(["one", "Posted: one"]);
      return doomed.life;
    });
  });

  /** Kills workers during the last try of a task. */
  const loseLastTries = (text: string, when: Kill["when"], expected: string[]) =>
    dieAtEach(expected, when, async (place, kill, ts) => {
      const message = buildMessage(text, { channel: `C${when}`.toUpperCase(), ts });
      await place.tasks.accept(parseTaskRequest(message.body), place.nowMs());
      await place.say(message);
      await place.useUpTries(MAX_TRIES - 1);
      const deadLetters = await place.countMessages("agent-tasks-dead-letters");
      const doomed = place.hire({ kill });
      await eventually(async () => doomed.life.isDead || (await place.countMessages("agent-tasks")) === 0);
      await doomed.stop();
      const { calls, isDead } = doomed.life;
      const where = describeKill(kill);
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
      return doomed.life;
    });

  it("a task ends, and its card shows it, even if a worker dies at any call of the last try", async () => {
    const calls = ["PutItemCommand", "gateway", "TransactWriteItemsCommand"];
    await loseLastTries("post one then sleep 1s", "after", [...calls, "DeleteMessageCommand"]);
    await loseLastTries("post one then fail no milk", "before", [...calls, "ChangeMessageVisibilityCommand"]);
  });

  /** Interrupts a sleeping task, and kills its worker at each of the calls that follow. */
  const interruptAll = (
    interrupt: (place: Workplace, id: string, stop: () => Promise<void>) => Promise<void>,
    state: string,
    posts: string[],
    expected: string[],
  ) =>
    dieAtEach(expected, "after", async (place, kill, ts) => {
      const message = buildMessage("post one then sleep 1m", { channel: `C${state}`, ts });
      const doomed = place.hire();
      await place.say(message);
      await eventually(() => place.gateway.card(message.id)?.steps.at(-1)?.label === "Sleep 1 min");
      doomed.life.arm(kill);
      await interrupt(place, message.id, doomed.stop);
      await eventually(async () => doomed.life.isDead || !doomed.worker.isBusy);
      await doomed.stop();
      const where = describeKill(kill);
      place.clock.advance(HELD_SECONDS + 1);
      const successor = place.hire();
      await eventually(async () => (await place.countMessages("agent-tasks")) === 0);
      await successor.stop();

      expect((await place.tasks.read(message.id))?.state, where).to.equal(state);
      expect(place.gateway.posts(message.id), where).to.deep.equal(posts);
      expect(place.gateway.card(message.id)?.state, where).to.equal(state);
      return doomed.life;
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

const describeKill = (kill: Kill | undefined) => (kill === undefined ? "undisturbed" : `${kill.when} call ${kill.call} of ${kill.of}`);
