import { expect } from "chai";
import { Deadline } from "#core/deadline";
import { EVER, type Person } from "#core/message/count-keys";
import type { TokenCount } from "#core/message/tokens";
import { DELETED, ORIGINAL } from "#core/message/version";
import { CountOnce } from "#stores/count-once";
import { CountedVersions } from "#stores/message/counted-versions";
import { PersonalBoards } from "#stores/message/personal-boards";
import { SeenTable } from "#stores/message/seen-table";
import { Table } from "#stores/table";
import { createTables, type Tables } from "../../dynamodb-endpoint";

const [FIRST, SECOND] = ["2025-11-22", "2025-11-23"];
const person = { user: "U0001", generation: 0 };
const everywhere = { team: "T0001", person };

describe("personal boards", () => {
  let tables: Tables;
  let boards: PersonalBoards;
  beforeEach(async () => {
    tables = await createTables();
    boards = new PersonalBoards(tables.client, { boardsTable: tables.boards, seenTable: tables.seen });
  });
  afterEach(() => tables.stop());

  const soon = () => new Deadline(5000);
  /** Counts a version of a message that was said at a second of the first day. */
  const count = async (second: number, order: string, tokens: TokenCount[], { channel = "C0001", who = person as Person } = {}) => {
    const counted = new CountedVersions({
      once: new CountOnce(tables.client),
      seen: new SeenTable(tables.client, tables.seen),
      effect: {
        name: "leaderboard",
        times: 11,
        findPerson: async () => who,
        build: ({ team, private: isPrivate, times }, each) =>
          each.map(([token, by]) => boards.buildAddition({ team, channel, person: who }, isPrivate, [token, by * times])),
      },
      archiveDays: 90,
      dedupHours: 48,
    });
    const saidAtSeconds = Date.parse(FIRST!) / 1000 + second;
    const place = { team: "T0001", channel, ts: `${saidAtSeconds}.000100`, private: channel.startsWith("G") };
    await counted.apply({ ...place, order, atSeconds: saidAtSeconds }, tokens, [], soon());
  };
  const read = async (where: object, ...periods: string[]) =>
    Object.fromEntries(await boards.readCounts({ ...everywhere, ...where }, periods, soon()));

  it("have what was said in public together, and in each conversation by itself", async () => {
    await count(1, ORIGINAL, [
      ["tea", 2],
      ["#tea", 1],
    ]);
    await count(2, ORIGINAL, [["tea", 1]], { channel: "C0002" });
    await count(3, ORIGINAL, [["plan", 1]], { channel: "G0001" });
    await count(86_400, ORIGINAL, [["milk", 1]]);
    await count(4, ORIGINAL, [["ale", 9]], { who: { user: "U0002", generation: 0 } });
    await count(5, ORIGINAL, [["old", 9]], { who: { user: "U0001", generation: 1 } });

    expect(await read({}, FIRST!)).to.deep.equal({ tea: 3, "#tea": 1 });
    expect(await read({}, FIRST!, SECOND!)).to.deep.equal({ tea: 3, "#tea": 1, milk: 1 });
    expect(await read({}, EVER)).to.deep.equal({ tea: 33, "#tea": 11, milk: 11 });
    expect(await read({ channel: "C0001" }, FIRST!)).to.deep.equal({ tea: 2, "#tea": 1 });
    expect(await read({ channel: "C0001" }, EVER)).to.deep.equal({ tea: 22, "#tea": 11, milk: 11 });
    expect(await read({ channel: "G0001" }, FIRST!)).to.deep.equal({ plan: 1 });
    expect(await read({ channel: "G0001" }, EVER)).to.deep.equal({ plan: 11 });
  });

  it("follow edits and deletions", async () => {
    await count(1, ORIGINAL, [["tea", 1]]);
    await count(2, ORIGINAL, [["tea", 1]]);
    await count(1, "00001763805700.000000", [["milk", 2]]);
    expect([await read({}, FIRST!), await read({}, EVER)]).to.deep.equal([
      { tea: 1, milk: 2 },
      { tea: 11, milk: 22 },
    ]);
    await count(1, DELETED, []);
    expect([await read({}, FIRST!), await read({ channel: "C0001" }, EVER)]).to.deep.equal([{ tea: 1 }, { tea: 11 }]);
  });

  it("have the counts that earlier releases kept of conversations", async () => {
    await count(1, ORIGINAL, [["tea", 1]]);
    await new Table(tables.client, tables.boards).put({ board: "@U0001.000000#C0001#ever#word", token: "tea", count: 22 });
    expect(await read({ channel: "C0001" }, EVER)).to.deep.equal({ tea: 33 });
    expect(await read({}, EVER)).to.deep.equal({ tea: 11 });
  });
});
