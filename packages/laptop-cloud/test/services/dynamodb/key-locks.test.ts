import { expect } from "chai";
import * as fc from "fast-check";
import { KeyLocks } from "../../../src/services/dynamodb/key-locks";

const names = (...keys: string[]) => keys.map(key => ({ table: "words", key }));
const turn = () => new Promise<void>(resolve => setImmediate(resolve));

describe("dynamodb key locks", () => {
  it("give exclusive access to a key, in order of arrival", async () => {
    const locks = new KeyLocks();
    const order: string[] = [];
    const work = (name: string) => async () => {
      order.push(`${name} begins`);
      await turn();
      order.push(`${name} ends`);
    };
    await Promise.all([
      locks.hold(names("a"), work("first")),
      locks.hold(names("a", "b"), work("second")),
      locks.hold(names("b"), work("third")),
    ]);
    expect(order).to.deep.equal(["first begins", "first ends", "second begins", "second ends", "third begins", "third ends"]);
  });

  it("don't block other keys and tables", async () => {
    const locks = new KeyLocks();
    let release = () => {};
    const held = locks.hold(names("a"), () => new Promise<void>(resolve => (release = resolve)));
    await locks.hold(names("b"), async () => {});
    await locks.hold([{ table: "seen", key: "a" }], async () => {});
    release();
    await held;
  });

  it("are released when the work fails", async () => {
    const locks = new KeyLocks();
    const failed = await locks.hold(names("a"), () => Promise.reject(new Error("broken"))).catch((error: Error) => error.message);
    expect(failed).to.equal("broken");
    expect(await locks.hold(names("a"), async () => "next")).to.equal("next");
  });

  it("never deadlock, and never have two holders of one key or table", async () => {
    const request = fc.oneof(
      { weight: 9, arbitrary: fc.record({ keys: fc.uniqueArray(fc.constantFrom("a", "b", "c", "d"), { minLength: 1 }) }) },
      { weight: 1, arbitrary: fc.record({ keys: fc.constant("all" as const) }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(request, { maxLength: 30 }), async requests => {
        const locks = new KeyLocks();
        const within = new Set<string>();
        const work = (keys: string[]) => async () => {
          for (const key of keys) expect(within.has(key), key).to.equal(false);
          for (const key of keys) within.add(key);
          await turn();
          for (const key of keys) within.delete(key);
        };
        await Promise.all(
          requests.map(({ keys }) =>
            keys === "all" ? locks.holdTable("words", work(["a", "b", "c", "d"])) : locks.hold(names(...keys), work(keys)),
          ),
        );
        expect(within.size).to.equal(0);
      }),
      { numRuns: 50 },
    );
  });
});
