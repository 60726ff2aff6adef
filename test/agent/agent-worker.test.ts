import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import type { Brain } from "../../agent/brain";
import { HELD_SECONDS } from "../../agent/hold";
import { buildAsk, buildMessage, startWorkplace, type Workplace } from "./workplace";

describe("agent-worker", () => {
  let place: Workplace;
  beforeEach(async () => {
    place = await startWorkplace();
  });
  afterEach(() => place.stop());

  const readState = async (id: string) => (await place.tasks.read(id))?.state;
  const waitForState = (id: string, state: string) => eventually(async () => (await readState(id)) === state);
  const waitForEmptyQueue = () => eventually(async () => (await place.countMessages("agent-tasks")) === 0);

  describe("a task", () => {
    it("runs its steps, answers once, and leaves neither message nor lease", async () => {
      const message = buildMessage("post one then post two");
      place.hire();
      await place.say(message);
      await waitForState(message.id, "done");
      await waitForEmptyQueue();

      expect(place.gateway.posts(message.id)).to.deep.equal(["one", "two", "Posted: one\nPosted: two"]);
      expect(place.gateway.card(message.id)).to.deep.equal({
        state: "done",
        steps: [
          { label: "Post: one", state: "done" },
          { label: "Post: two", state: "done" },
          { label: "Answer", state: "done" },
        ],
      });
      expect(await place.tasks.read(message.id)).to.include({ answer: "Posted: one\nPosted: two", attempts: 1 });
      expect(await place.readLease("thread#T0001#C0001#1763805600.000100")).to.equal(undefined);
    });

    it("of /ask posts its card first, and everything else in the card's thread", async () => {
      const ask = buildAsk("post one");
      place.hire();
      await place.say(ask);
      await waitForState(ask.id, "done");

      const task = await place.tasks.read(ask.id);
      expect(task?.cardTs).to.be.a("string");
      expect(task?.threadTs).to.equal(task?.cardTs);
      expect(place.gateway.posts(ask.id)).to.deep.equal(["one", "Posted: one"]);
    });

    it("runs once if it is delivered twice", async () => {
      const message = buildMessage("post one");
      place.hire();
      place.hire();
      await Promise.all([place.say(message), place.say(message), place.say(message)]);
      await waitForState(message.id, "done");
      await waitForEmptyQueue();

      expect(place.gateway.posts(message.id)).to.deep.equal(["one", "Posted: one"]);
    });
  });

  describe("a thread", () => {
    it("runs one task at a time; another waits and says so", async () => {
      const first = buildMessage("sleep 1m", { ts: "1763805600.000100" });
      const second = buildMessage("post two", { ts: "1763805601.000100", threadTs: "1763805600.000100" });
      place.hire();
      await place.say(first);
      await waitForState(first.id, "processing");
      place.hire();
      await place.say(second);
      await eventually(() => place.gateway.card(second.id)?.state === "waiting");
      expect(await readState(second.id)).to.equal("waiting");
      await waitForState(second.id, "done");

      expect(await readState(first.id)).to.equal("done");
      expect(place.gateway.effects.map(({ task }) => task)).to.deep.equal([first.id, second.id, second.id]);
    });

    it("does not block other threads", async () => {
      const slow = buildMessage("sleep 10m", { ts: "1763805600.000100" });
      const quick = buildMessage("post two", { ts: "1763805601.000100" });
      place.hire();
      await place.say(slow);
      await place.say(quick);
      await waitForState(quick.id, "done");

      expect(await readState(slow.id)).to.equal("processing");
    });
  });

  describe("a person", () => {
    const ASK = (number: number) => buildMessage(number <= 3 ? "sleep 10m" : "post more", { ts: `176380560${number}.000100` });
    const others = buildMessage("post quick", { ts: "1763805609.000100", user: "U0002" });
    /** Three tasks at work, and a fourth that waits. */
    const sayFour = async () => {
      place.hire();
      for (const number of [1, 2, 3]) await place.say(ASK(number));
      for (const number of [1, 2, 3]) await waitForState(ASK(number).id, "processing");
      await place.say(ASK(4));
      await eventually(() => place.gateway.card(ASK(4).id)?.state === "waiting");
    };

    it("has three running tasks; a fourth waits, says so once, blocks nobody else, and begins when one ends", async () => {
      await sayFour();
      expect(place.gateway.card(ASK(4).id)?.note).to.equal("Waiting: you have 3 tasks at work. This one begins when one of them ends.");
      await place.say(others);
      await waitForState(others.id, "done");
      expect(await readState(ASK(4).id)).to.equal("waiting");
      await place.tasks.requestStop(ASK(2).id, "U0001", place.nowMs());
      await waitForState(ASK(4).id, "done");

      expect(place.gateway.posts(ASK(4).id)).to.deep.equal(["more", "Posted: more"]);
      expect(place.gateway.cards.get(ASK(4).id)!.filter(({ state }) => state === "waiting")).to.have.length(1);
      const readSlots = () => Promise.all([1, 2, 3].map(number => place.readLease(`slot#T0001#U0001#${number}`)));
      await eventually(async () => (await readSlots()).filter(slot => slot !== undefined).length === 2);
    });

    it("stops a task that waits for its turn", async () => {
      await sayFour();
      expect(await place.tasks.requestStop(ASK(4).id, "U0001", place.nowMs())).to.equal(true);
      await waitForState(ASK(4).id, "stopped");
      expect(place.gateway.card(ASK(4).id)).to.include({ state: "stopped" });
      expect(place.gateway.posts(ASK(4).id)).to.deep.equal([]);
    });

    it("gets the slot of a task that failed for good", async () => {
      place.hire({ tasksPerUser: 1 });
      await place.say(buildMessage("fail no milk", { ts: "1763805601.000100" }));
      await waitForState("T0001-C0001-1763805601.000100", "failed");
      await eventually(async () => (await place.readLease("slot#T0001#U0001#1")) === undefined);
      await place.say(ASK(4));
      await waitForState(ASK(4).id, "done");
      expect(place.gateway.cards.get(ASK(4).id)!.map(({ state }) => state)).to.not.include("waiting");
    });
  });

  describe("a workspace that floods", () => {
    it("has its share of the workers, and does not keep the tasks of another one waiting", async () => {
      place.hire({ tasksPerTeam: 2 });
      const flood = Array.from({ length: 12 }, (_, index) =>
        buildMessage("sleep 5h", { ts: `${1_763_805_600 + index}.000100`, user: `U000${index}` }),
      );
      for (const message of flood) await place.say(message);
      await eventually(() => flood.filter(({ id }) => place.gateway.card(id)?.state === "waiting").length >= 4);
      const other = buildMessage("post quick", { ts: "1763805700.000100", team: "T0002" });
      await place.say(other);
      await waitForState(other.id, "done");

      const states = await Promise.all(flood.map(({ id }) => readState(id)));
      expect(states.filter(state => state === "processing")).to.have.length(2);
      const [waiting] = flood.filter((_, index) => states[index] === "waiting" && place.gateway.card(flood[index]!.id) !== undefined);
      const note = "Waiting: your workspace has 2 tasks at work. This one begins when one of them ends.";
      expect(place.gateway.card(waiting!.id)?.note).to.equal(note);
    });
  });

  describe("stopping", () => {
    it("ends a running step", async () => {
      const message = buildMessage("post one then sleep 5h then post two");
      place.hire();
      await place.say(message);
      await eventually(() => place.gateway.card(message.id)?.steps.at(-1)?.label === "Sleep 5 h");
      expect(await place.tasks.requestStop(message.id, "U0002", place.nowMs())).to.equal(true);
      await waitForState(message.id, "stopped");
      await waitForEmptyQueue();

      expect(place.gateway.posts(message.id)).to.deep.equal(["one"]);
      expect(place.gateway.card(message.id)).to.deep.include({ state: "stopped", note: "Stopped on request." });
      expect(place.gateway.card(message.id)?.steps.at(-1)).to.deep.equal({ label: "Sleep 5 h", state: "stopped" });
      expect(await place.readLease("thread#T0001#C0001#1763805600.000100")).to.equal(undefined);
    });

    it("ends a task that no worker had received yet, and does not affect later ones", async () => {
      const thread = { team: "T0001", channel: "C0001", threadTs: "1763805600.000100" };
      const early = buildMessage("post one", { ts: "1763805600.000100" });
      const late = buildMessage("post two", { ts: "1763805602.000100", threadTs: "1763805600.000100" });
      await place.tasks.recordStop(thread, { by: "U0002", atMs: 1_763_805_601_000 }, place.nowMs());
      await place.tasks.recordStop(thread, { by: "U0003", atMs: 1_763_805_599_000 }, place.nowMs());
      await Promise.all([place.say(early), place.say(late)]);
      place.hire();
      await waitForState(early.id, "stopped");
      await waitForState(late.id, "done");

      expect(await place.tasks.read(early.id)).to.include({ stopBy: "U0002" });
      expect(place.gateway.card(early.id)?.state).to.equal("stopped");
      expect(place.gateway.posts(early.id)).to.deep.equal([]);
    });

    it("ends a task that waits for its thread", async () => {
      const first = buildMessage("sleep 5h", { ts: "1763805600.000100" });
      const second = buildMessage("post two", { ts: "1763805601.000100", threadTs: "1763805600.000100" });
      place.hire();
      await place.say(first);
      await waitForState(first.id, "processing");
      await place.say(second);
      await eventually(() => place.gateway.card(second.id)?.state === "waiting");
      await place.tasks.requestStop(second.id, "U0002", place.nowMs());
      await waitForState(second.id, "stopped");

      expect(place.gateway.card(second.id)?.state).to.equal("stopped");
      expect(await readState(first.id)).to.equal("processing");
    });
  });

  describe("a brain that fails", () => {
    it("is tried three times; then the card says why and the message is a dead letter", async () => {
      const message = buildMessage("post one then fail no milk");
      place.hire();
      await place.say(message);
      await waitForState(message.id, "failed");
      await eventually(async () => (await place.countMessages("agent-tasks-dead-letters")) === 1);

      expect(await place.countMessages("agent-tasks")).to.equal(0);
      expect(place.gateway.posts(message.id)).to.deep.equal(["one"]);
      expect(await place.tasks.read(message.id)).to.include({ error: "no milk", attempts: 3 });
      expect(place.gateway.card(message.id)).to.deep.include({ state: "failed", note: "no milk" });
      expect(place.gateway.card(message.id)?.steps).to.deep.equal([
        { label: "Post: one", state: "done" },
        { label: "Fail", state: "failed" },
      ]);
      expect(await place.readLease("thread#T0001#C0001#1763805600.000100")).to.equal(undefined);
    });

    it("resumes at its last checkpoint when its dead letter is redriven", async () => {
      let isMilkThere = false;
      const ran: string[] = [];
      const brain: Brain = {
        async *think() {
          for (const label of ["buy bread", "buy milk"]) {
            yield {
              label,
              run: async () => {
                ran.push(label);
                if (label === "buy milk" && !isMilkThere) throw new Error("no milk");
                return null;
              },
            };
          }
          return "bought";
        },
      };
      const message = buildMessage("buy");
      place.hire({ brain });
      await place.say(message);
      await waitForState(message.id, "failed");
      isMilkThere = true;
      await place.say(message);
      await waitForState(message.id, "done");

      expect(ran).to.deep.equal(["buy bread", "buy milk", "buy milk", "buy milk", "buy milk"]);
      expect(place.gateway.posts(message.id)).to.deep.equal(["bought"]);
      expect(await place.tasks.read(message.id)).to.not.have.property("error");
    });

    it("fails if its steps differ from its checkpoints", async () => {
      const message = buildMessage("go");
      let runs = 0;
      const brain: Brain = {
        async *think() {
          runs += 1;
          yield { label: `Step of run ${runs}`, run: async () => null };
          throw new Error("once more");
        },
      };
      place.hire({ brain });
      await place.say(message);
      await waitForState(message.id, "failed");

      expect((await place.tasks.read(message.id))?.error).to.equal(
        'Step 1 was "Step of run 1" before and is "Step of run 3" now: the task can\'t be resumed.',
      );
    });
  });

  describe("a worker that dies", () => {
    /** Kills several workers in turn during the task's second step. */
    const loseWorkers = async (id: string, times: number) => {
      for (let time = 1; time <= times; time += 1) {
        const doomed = place.hire();
        await eventually(async () => (await place.tasks.read(id))?.attempts === time);
        await eventually(() => place.gateway.card(id)?.steps.at(-1)?.label === "Sleep 5 min");
        doomed.life.isDead = true;
        await doomed.stop();
        // An aborted poll gets no message once the cloud has noticed.
        await place.countMessages("agent-tasks");
        place.clock.advance(HELD_SECONDS + 1);
      }
    };

    it("leaves a dead letter and a card that says so, on the last try", async () => {
      const message = buildMessage("post one then sleep 5m");
      await place.say(message);
      await loseWorkers(message.id, 3);
      place.hire();
      await waitForState(message.id, "failed");

      const error = "Its worker died during the last of 3 tries.";
      expect(await place.tasks.read(message.id)).to.include({ error });
      expect(place.gateway.card(message.id)).to.deep.include({ state: "failed", note: error });
      expect(place.gateway.card(message.id)?.steps[0]).to.deep.equal({ label: "Post: one", state: "done" });
      await eventually(async () => (await place.countMessages("agent-tasks-dead-letters")) === 1);
      expect(await place.tasks.findActive("T0001", "C0001")).to.deep.equal([]);
    });

    it("leaves the task to the next worker, on an earlier try", async () => {
      const message = buildMessage("post one then sleep 5m");
      await place.say(message);
      await loseWorkers(message.id, 2);
      place.hire();
      place.hire();
      await waitForState(message.id, "done");

      expect(place.gateway.posts(message.id)).to.deep.equal(["one", "Posted: one\nSlept 5 min."]);
    });

    it("does not restart the eight hours if it dies between the time limit and deleting the message", async () => {
      const message = buildMessage("post one then sleep 10h");
      const doomed = place.hire();
      await place.say(message);
      await eventually(() => place.gateway.card(message.id)?.steps.at(-1)?.label === "Sleep 10 h");
      doomed.life.dieBefore("DeleteMessageCommand");
      place.clock.advance(8 * 3600);
      await eventually(() => doomed.life.isDead);
      await doomed.stop();
      place.clock.advance(HELD_SECONDS + 1);
      place.hire();
      await waitForEmptyQueue();

      expect(await readState(message.id)).to.equal("failed");
      expect(place.gateway.card(message.id)?.state).to.equal("failed");
    });
  });

  describe("a worker that shuts down", () => {
    it("hands its task back at once, and the next worker wakes up at the same time", async () => {
      const message = buildMessage("post one then sleep 1m then post two");
      const first = place.hire();
      await place.say(message);
      await eventually(() => place.gateway.card(message.id)?.steps.at(-1)?.label === "Sleep 1 min");
      const [{ output: untilMs } = { output: null }] = (await place.tasks.readSteps(message.id)).filter(({ label }) =>
        label.startsWith("Set"),
      );
      await first.stop();

      expect(await readState(message.id)).to.equal("waiting");
      expect(await place.readLease("thread#T0001#C0001#1763805600.000100")).to.equal(undefined);
      const [returned] = await first.queue.receive(1, 0, AbortSignal.timeout(5000));
      expect(returned?.receiveCount).to.equal(1);

      place.hire();
      await waitForState(message.id, "done");
      expect(place.nowMs()).to.be.at.least(Number(untilMs));
      const steps = await place.tasks.readSteps(message.id);
      expect(steps.map(({ label }) => label)).to.deep.equal(["Post: one", "Set the alarm in 1 min", "Sleep 1 min", "Post: two", "Answer"]);
      expect(steps[1]?.output).to.equal(untilMs);
      expect(place.gateway.posts(message.id)).to.deep.equal(["one", "two", "Posted: one\nSlept 1 min.\nPosted: two"]);
      await waitForEmptyQueue();
    });

    it("stops while it is idle, and while a task waits for its thread", async () => {
      const first = buildMessage("sleep 5h", { ts: "1763805600.000100" });
      const second = buildMessage("post two", { ts: "1763805601.000100", threadTs: "1763805600.000100" });
      const worker = place.hire();
      await Promise.all([place.say(first), place.say(second)]);
      await eventually(() => place.gateway.cards.size === 2);
      await worker.stop();
      await place.hire().stop();

      expect(await Promise.all([first.id, second.id].map(readState))).to.deep.equal(["waiting", "waiting"]);
      // The second waits in the table.
      expect(await place.countMessages("agent-tasks")).to.equal(1);
    });
  });

  describe("a long task", () => {
    it("keeps its message by heartbeats, so that nobody else receives it", async () => {
      const message = buildMessage("sleep 5m");
      const workers = [place.hire(), place.hire()];
      const countBeats = () => workers.flatMap(({ life }) => life.calls).filter(call => call === "ChangeMessageVisibilityCommand").length;
      const isDone = async () => (await readState(message.id)) === "done";
      await place.say(message);
      await waitForState(message.id, "processing");
      for (let beats = 1; !(await isDone()); beats += 1) {
        place.clock.advance(25);
        await eventually(async () => countBeats() >= beats || (await isDone()));
      }

      // Without them, the message is visible again after two minutes.
      expect(countBeats()).to.be.at.least(2);
      expect(await place.tasks.read(message.id)).to.include({ attempts: 1 });
      expect(place.gateway.posts(message.id)).to.deep.equal(["Slept 5 min."]);
    });

    it("resumes on any worker after a jump of the clock, and answers once", async () => {
      const message = buildMessage("post one then sleep 7h");
      place.hire();
      place.hire();
      await place.say(message);
      await eventually(() => place.gateway.card(message.id)?.steps.at(-1)?.label === "Sleep 7 h");
      place.clock.advance(7 * 3600);
      await waitForState(message.id, "done");
      await waitForEmptyQueue();

      expect(place.gateway.posts(message.id)).to.deep.equal(["one", "Posted: one\nSlept 7 h."]);
    });

    it("fails after eight hours, and says so", async () => {
      const message = buildMessage("post one then sleep 10h");
      place.hire();
      await place.say(message);
      await eventually(() => place.gateway.card(message.id)?.steps.at(-1)?.label === "Sleep 10 h");
      place.clock.advance(8 * 3600);
      await waitForState(message.id, "failed");
      await waitForEmptyQueue();

      expect(place.gateway.card(message.id)).to.deep.include({ state: "failed", note: "The task took longer than 8 hours." });
      expect(await place.countMessages("agent-tasks-dead-letters")).to.equal(0);
    });
  });

  describe("approval", () => {
    it("is waited for, by the next worker too", async () => {
      place.gateway.awaiting.add("create_trello_card");
      const message = buildMessage("card Milk");
      const first = place.hire();
      await place.say(message);
      await eventually(() => place.gateway.card(message.id)?.note === "Waits for approval.");
      expect(place.gateway.card(message.id)?.state).to.equal("waiting");
      await first.stop();
      place.hire();
      await eventually(() => place.gateway.card(message.id)?.note === "Waits for approval.");
      place.gateway.awaiting.clear();
      await waitForState(message.id, "done");

      expect(place.gateway.effects.map(({ tool, key }) => [tool, key])).to.deep.equal([
        ["create_trello_card", "step-0001"],
        ["post_to_slack", "answer"],
      ]);
    });
  });

  it("shows many long steps on a card that the gateway accepts", async () => {
    const label = "é".repeat(5000);
    const brain: Brain = {
      async *think() {
        for (let step = 0; step < 120; step += 1) yield { label, run: async () => null };
        return "";
      },
    };
    const message = buildMessage("go");
    place.hire({ brain });
    await place.say(message);
    await waitForState(message.id, "done");

    expect(place.gateway.card(message.id)?.steps).to.have.length(121);
    const sizes = await Promise.all(place.gateway.requests.map(async request => (await request.arrayBuffer()).byteLength));
    expect(Math.max(...sizes)).to.be.below(1024 * 1024);
  });

  describe("a message that is not a task", () => {
    it("becomes a dead letter, and blocks nothing", async () => {
      const message = buildMessage("post one");
      place.hire();
      await place.say({ body: "{}" });
      await place.say(message);
      await waitForState(message.id, "done");
      // Wait until the task's own message is deleted. Otherwise the jumps would redeliver it until it is a dead letter too.
      await eventually(async () => (await place.countMessages("agent-tasks")) === 1);
      await eventually(async () => {
        place.clock.advance(HELD_SECONDS + 1);
        return (await place.countMessages("agent-tasks-dead-letters")) === 1;
      });
    });
  });

  it("carries the message's trace to the gateway", async () => {
    const message = buildMessage("post one");
    const header = "Root=1-67890abc-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=1";
    place.hire();
    await place.say(message, header);
    await waitForState(message.id, "done");

    expect(new Set(place.gateway.requests.map(({ headers }) => headers.get("x-amzn-trace-id")))).to.deep.equal(new Set([header]));
  });

  it("works through an outage of the gateway", async () => {
    const message = buildMessage("post one");
    place.gateway.outages = 4;
    place.hire();
    await place.say(message);
    await waitForState(message.id, "done");

    expect(place.gateway.posts(message.id)).to.deep.equal(["one", "Posted: one"]);
    expect(place.lines.filter(line => line.startsWith("the gateway does not answer"))).to.have.length(4);
  });
});
