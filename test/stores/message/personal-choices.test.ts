import { randomUUID } from "node:crypto";
import { expect } from "chai";
import { Deadline } from "#core/deadline";
import { EVER, type Person } from "#core/message/count-keys";
import { CountOnce } from "#stores/count-once";
import { type BoardRowKey, ForgottenBoards } from "#stores/message/forgotten-boards";
import { PersonalBoards } from "#stores/message/personal-boards";
import { PersonalChoices } from "#stores/message/personal-choices";
import { SeenTable } from "#stores/message/seen-table";
import { createTables, type Tables } from "../../dynamodb-endpoint";

const NOW_SECONDS = 1_763_805_600;

describe("personal choices", () => {
  let tables: Tables;
  let boards: PersonalBoards;
  let choices: PersonalChoices;
  let forgotten: ForgottenBoards;
  before(async () => {
    tables = await createTables();
    boards = new PersonalBoards(tables.client, { boardsTable: tables.boards, seenTable: tables.seen });
    choices = new PersonalChoices(tables.client, tables.boards);
    forgotten = new ForgottenBoards(tables.client, tables.boards);
  });
  after(() => tables.stop());

  const soon = () => new Deadline(5000);
  const member = (user: string) => ({ team: "T0001", user });
  const say = async (person: Person, ...tokens: string[]) => {
    const additions = tokens.map(token => boards.buildAddition({ team: "T0001", channel: "C0001", person }, false, [token, 1]));
    await new CountOnce(tables.client).add(
      [new SeenTable(tables.client, tables.seen).buildEffectMarker(randomUUID(), 2_000_000_000)],
      additions,
      soon(),
    );
  };
  const readTop = (person: Person) => boards.readCounts({ team: "T0001", person }, [EVER], soon());
  const collect = async (rows: AsyncGenerator<BoardRowKey>) => {
    const keys: BoardRowKey[] = [];
    for await (const key of rows) keys.push(key);
    return keys;
  };

  it("counts by default, and nobody's words when switched off", async () => {
    expect(await choices.read(member("U0001"), soon())).to.deep.equal({ off: false, generation: 0 });
    expect(await choices.findPerson(member("U0001"), soon())).to.deep.equal({ user: "U0001", generation: 0 });
    await choices.setOff(member("U0001"), true, soon());
    expect(await choices.findPerson(member("U0001"), soon())).to.equal(undefined);
    expect(await choices.findPerson(member("U0002"), soon())).to.deep.equal({ user: "U0002", generation: 0 });
    await choices.setOff(member("U0001"), false, soon());
    expect(await choices.findPerson(member("U0001"), soon())).to.deep.equal({ user: "U0001", generation: 0 });
  });

  it("starts empty boards, and finds the rows of the earlier ones, nobody else's", async () => {
    const [first, second] = [0, 1].map(generation => ({ user: "U0003", generation })) as [Person, Person];
    await say(first, "tea", "#tea");
    await say({ user: "U00033", generation: 0 }, "tea");
    await choices.setOff(member("U0003"), true, soon());
    await choices.forget(member("U0003"), NOW_SECONDS, soon());
    expect(await choices.read(member("U0003"), soon())).to.deep.equal({ off: true, generation: 1 });
    await say(second, "milk");
    expect(await readTop(second)).to.deep.equal([["milk", 1]]);

    expect(await forgotten.listDue(NOW_SECONDS - 1)).to.deep.equal([]);
    const [due, ...others] = await forgotten.listDue(NOW_SECONDS);
    expect([due, others]).to.deep.equal([{ team: "T0001", ...second }, []]);
    const rows = await collect(forgotten.listRows(due!));
    expect(rows.map(({ board, token }) => `${board} ${token}`)).to.have.members([
      "@U0003.000000#ever#annotation #tea",
      "@U0003.000000#ever#word tea",
    ]);
    for (const row of rows) await forgotten.delete(row, soon());
    expect(await collect(forgotten.listRows(due!))).to.deep.equal([]);
    expect(await readTop(first)).to.deep.equal([]);
    expect(await readTop(second)).to.deep.equal([["milk", 1]]);
  });

  it("does not postpone what a person has forgotten in the meantime", async () => {
    await choices.forget(member("U0004"), NOW_SECONDS, soon());
    const due = async () => (await forgotten.listDue(NOW_SECONDS)).filter(({ user }) => user === "U0004");
    const [first] = await due();
    await choices.forget(member("U0004"), NOW_SECONDS, soon());
    await forgotten.postpone(first!, NOW_SECONDS + 86_400, soon());
    const [second] = await due();
    expect(second).to.have.property("generation", 2);
    await forgotten.postpone(second!, NOW_SECONDS + 86_400, soon());
    expect(await due()).to.deep.equal([]);
  });
});
