import { expect } from "chai";
import { eventually } from "../local/laptop";
import { buildAsk, buildMessage, startWorkplace, type Workplace } from "./workplace";

describe("agent-worker", () => {
  let place: Workplace;
  beforeEach(async () => {
    place = await startWorkplace();
  });
  afterEach(() => place.stop());

  const readState = async (id: string) => (await place.tasks.read(id))?.state;
  const waitForState = (id: string, state: string) => eventually(async () => (await readState(id)) === state, 15_000);
  const waitForEmptyQueue = () => eventually(async () => (await place.countMessages("agent-tasks")) === 0);

  describe("a task", () => {
    it("does its steps, answers once, and leaves neither message nor lease", async () => {
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

    it("of /ask has its card before anything is posted, and the card's thread from then on", async () => {
      const ask = buildAsk("post one");
      place.hire();
      await place.say(ask);
      await waitForState(ask.id, "done");

      const task = await place.tasks.read(ask.id);
      expect(task?.cardTs).to.be.a("string");
      expect(task?.threadTs).to.equal(task?.cardTs);
      expect(place.gateway.posts(ask.id)).to.deep.equal(["one", "Posted: one"]);
    });

    it("that was delivered twice is done once", async () => {
      const message = buildMessage("post one");
      place.hire();
      place.hire();
      await Promise.all([place.say(message), place.say(message), place.say(message)]);
      await waitForState(message.id, "done");
      await waitForEmptyQueue();

      expect(place.gateway.posts(message.id)).to.deep.equal(["one", "Posted: one"]);
    });
  });
});
