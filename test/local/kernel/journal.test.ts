import { expect } from "chai";
import { Journal } from "../../../local/kernel/journal";
import type { State, StateChange } from "../../../local/kernel/state";

/** A state whose batches end when the test says so. */
const createSlowState = () => {
  const batches: { changes: StateChange[]; end: (error?: Error) => void }[] = [];
  const batch = (changes: StateChange[]) =>
    new Promise<void>((resolve, reject) => batches.push({ changes, end: error => (error ? reject(error) : resolve()) }));
  return { batches, state: { batch } as Partial<State> as State };
};

const settled = () => new Promise(resolve => setImmediate(resolve));

describe("journal", () => {
  it("keeps one batch under way and gathers what comes meanwhile", async () => {
    const { batches, state } = createSlowState();
    const journal = new Journal(state);
    const first = journal.write({ put: "a", value: 1 });
    await settled();
    const others = [journal.write({ put: "a", value: 2 }), journal.write({ delete: "b" })];
    await settled();
    expect(batches.map(({ changes }) => changes)).to.deep.equal([[{ put: "a", value: 1 }]]);
    batches[0]!.end();
    await first;
    await settled();
    expect(batches[1]!.changes).to.deep.equal([{ put: "a", value: 2 }, { delete: "b" }]);
    batches[1]!.end();
    await Promise.all(others);
  });

  it("tells of a failed batch whoever waits for it, and goes on", async () => {
    const { batches, state } = createSlowState();
    const journal = new Journal(state);
    const first = journal.write({ put: "a", value: 1 });
    const refused = first.then(
      () => "written",
      (error: Error) => error.message,
    );
    await settled();
    const second = journal.write({ put: "b", value: 1 });
    batches[0]!.end(new Error("disk full"));
    expect(await refused).to.equal("disk full");
    await settled();
    batches[1]!.end();
    await second;
  });
});
