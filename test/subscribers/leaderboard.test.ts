import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { expect } from "chai";
import sinon from "sinon";
import { Deadline } from "#core/deadline";
import type { EventEnvelope } from "#core/message/event";
import { type Envelope, readVersion } from "#core/message/message";
import { BoardsTable } from "#stores/message/boards-table";
import { PersonalBoards } from "#stores/message/personal-boards";
import { PersonalChoices } from "#stores/message/personal-choices";
import { Leaderboard } from "#subscribers/leaderboard";
import { buildDeletion, buildEdit, buildEnvelope } from "./envelopes";
import { ARCHIVE_DAYS, createWorld } from "./world";

const END_OF_DAY_SECONDS = Date.UTC(2025, 10, 23) / 1000;

/** "BOARD TOKEN = COUNT", with the counts of conversations behind it. */
const rowOf = (item: Record<string, AttributeValue>): string => {
  const conversations = Object.entries(item).filter(([name]) => /^[CG]/.test(name));
  const counts = conversations.map(([name, count]) => `, ${name} = ${count.N}`);
  return `${item["board"]?.S} ${item["token"]?.S} = ${item["count"]?.N ?? 0}${counts.join("")}`;
};

describe("leaderboard", () => {
  const handleAll = async (...envelopes: (Envelope | EventEnvelope)[]) => {
    const world = createWorld();
    for (const envelope of envelopes) await world.leaderboard().handle(envelope);
    return world.cloud.items("boards").map(rowOf);
  };
  /** The rows of the boards after some messages, without people's own. */
  const handle = async (...envelopes: (Envelope | EventEnvelope)[]) => (await handleAll(...envelopes)).filter(row => !row.startsWith("@"));
  /** The rows of people's own boards. */
  const handlePersonal = async (...envelopes: (Envelope | EventEnvelope)[]) =>
    (await handleAll(...envelopes)).filter(row => row.startsWith("@"));

  it("adds to the boards of the UTC day, and to those of the conversation", async () => {
    const ts = `${END_OF_DAY_SECONDS - 1}.999999`;
    const tokens: [string, number][] = [
      ["tea", 2],
      ["#receipt", 1],
    ];
    expect(await handle(buildEnvelope({ ts, tokens }))).to.deep.equal([
      "2025-11-22#word tea = 2",
      "2025-11-22#annotation #receipt = 1",
      "C0001#2025-11-22#word tea = 2",
      "C0001#2025-11-22#annotation #receipt = 1",
      "C0001#ever#word tea = 22",
      "C0001#ever#annotation #receipt = 11",
    ]);
  });

  it("keeps a day's rows for some days", () => {
    const built: (number | undefined)[] = [];
    const boards = {
      buildAddition: (_board: unknown, _count: unknown, expiresAtSeconds?: number) => built.push(expiresAtSeconds) as never,
    };
    const message = { team: "T0001", channel: "C0001", ts: `${END_OF_DAY_SECONDS - 1}.5`, private: true, times: 11 };
    const personal = sinon.createStubInstance(PersonalBoards);
    const choices = sinon.createStubInstance(PersonalChoices);
    new Leaderboard({ boards, personal, choices, settings: { multiplier: 10, archiveDays: ARCHIVE_DAYS, personalBoards: true } }).build(
      message,
      [["tea", 1]],
    );
    expect(built).to.deep.equal([END_OF_DAY_SECONDS + ARCHIVE_DAYS * 86_400, undefined]);
  });

  it("counts private messages only on the boards of their conversation", async () => {
    expect(await handle(buildEnvelope({ channel: "C0MPIM1", private: true, tokens: [["#plan", 1]] }))).to.deep.equal([
      "C0MPIM1#2025-11-22#annotation #plan = 1",
      "C0MPIM1#ever#annotation #plan = 11",
    ]);
  });

  it("starts a new board at midnight", async () => {
    const [first] = await handle(buildEnvelope({ ts: `${END_OF_DAY_SECONDS}.000000`, tokens: [["tea", 1]] }));
    expect(first).to.equal("2025-11-23#word tea = 1");
  });

  it("counts an edit on the day of the message", async () => {
    const ts = `${END_OF_DAY_SECONDS - 1}.000100`;
    const editedTs = `${END_OF_DAY_SECONDS + 60}.000000`;
    expect(await handle(buildEnvelope({ ts, tokens: [["tea", 1]] }), buildEdit("milk", { ts, editedTs }))).to.deep.equal([
      "2025-11-22#word tea = 0",
      "C0001#2025-11-22#word tea = 0",
      "C0001#ever#word tea = 0",
      "2025-11-22#word milk = 1",
      "C0001#2025-11-22#word milk = 1",
      "C0001#ever#word milk = 11",
    ]);
  });

  it("takes everything back after a deletion", async () => {
    const boards = await handle(buildEnvelope({ tokens: [["tea", 3]] }), buildDeletion());
    expect(boards.map(each => each.split(" = ")[1])).to.deep.equal(["0", "0", "0"]);
  });

  describe("a person's own boards", () => {
    it("count public conversations together, and each by itself", async () => {
      const tokens: [string, number][] = [["tea", 2]];
      expect(await handlePersonal(buildEnvelope({ tokens }))).to.deep.equal(["@U0001.000000#ever#word tea = 22, C0001 = 22"]);
    });

    it("show what was said in private only in its conversation", async () => {
      expect(await handlePersonal(buildEnvelope({ channel: "G0001", private: true, tokens: [["#plan", 1]] }))).to.deep.equal([
        "@U0001.000000#ever#annotation #plan = 0, G0001 = 11",
      ]);
    });

    it("follow edits and deletions", async () => {
      const said = buildEnvelope({ tokens: [["tea", 1]] });
      const ofTea = (rows: string[]) => rows.filter(row => row.includes(" tea ")).map(row => row.slice(row.indexOf("=")));
      expect(ofTea(await handlePersonal(said, buildEdit("tea tea tea")))).to.deep.equal(["= 33, C0001 = 33"]);
      expect(ofTea(await handlePersonal(said, buildEdit("tea tea"), buildDeletion()))).to.deep.equal(["= 0, C0001 = 0"]);
      expect(ofTea(await handlePersonal(buildEdit("tea tea"), said))).to.deep.equal(["= 22, C0001 = 22"]);
    });

    it("don't exist if they are off", async () => {
      const choices = sinon.createStubInstance(PersonalChoices);
      const leaderboard = new Leaderboard({
        boards: sinon.createStubInstance(BoardsTable),
        personal: sinon.createStubInstance(PersonalBoards),
        choices,
        settings: { multiplier: 10, archiveDays: ARCHIVE_DAYS, personalBoards: false },
      });
      const version = readVersion(buildEnvelope({ tokens: [["tea", 1]] }))!;
      expect(await leaderboard.findPerson(version, new Deadline(1000))).to.equal(undefined);
      sinon.assert.notCalled(choices.findPerson);
    });

    it("don't exist for somebody unknown, and for people of another company", async () => {
      expect(await handlePersonal(buildEnvelope({ user: "" }), buildEnvelope({ ts: "1763805601.000100", external: true }))).to.deep.equal(
        [],
      );
    });

    it("follow the choice at the time when the message was counted", async () => {
      const world = createWorld();
      const choose = (choice: object) => world.cloud.put("boards", { board: { S: "@U0001" }, token: { S: "choice" }, ...choice });
      const rows = () =>
        world.cloud
          .items("boards")
          .filter(item => item["board"]?.S?.match(/^@.*#ever/) && item["count"]?.N !== "0")
          .map(rowOf);
      const [first, second] = ["1763805600.000100", "1763805601.000100"] as const;
      await world.leaderboard().handle(buildEnvelope({ ts: first, tokens: [["tea", 1]] }));
      choose({ off: { BOOL: true }, generation: { N: "1" } });
      await world.leaderboard().handle(buildEnvelope({ ts: second, tokens: [["coffee", 1]] }));
      choose({ off: { BOOL: false }, generation: { N: "1" } });
      await world.leaderboard().handle(buildEdit("milk", { ts: first }));
      await world.leaderboard().handle(buildEdit("cocoa", { ts: second }));
      expect(rows()).to.deep.equal(["@U0001.000000#ever#word milk = 11, C0001 = 11"]);
      await world.leaderboard().handle(buildEnvelope({ ts: "1763805602.000100", tokens: [["tea", 1]] }));
      expect(rows()).to.include("@U0001.000001#ever#word tea = 11, C0001 = 11");
    });

    it("stay as they are after an edit of a message that an earlier release counted", async () => {
      const world = createWorld();
      await world.leaderboard().handle(buildEnvelope({ user: "", tokens: [["tea", 1]] }));
      await world.leaderboard().handle(buildEdit("milk"));
      expect(world.cloud.items("boards").filter(item => item["board"]?.S?.startsWith("@"))).to.deep.equal([]);
    });
  });
});
