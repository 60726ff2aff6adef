import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { WebClient } from "@slack/web-api";
import { expect } from "chai";
import sinon from "sinon";
import { Deadline } from "#core/deadline";
import { LEAST_LEVEL } from "#core/message/levels";
import { CountOnce } from "#stores/count-once";
import { FilesTable } from "#stores/documents/files-table";
import { BoardsTable } from "#stores/message/boards-table";
import { ForgottenBoards } from "#stores/message/forgotten-boards";
import { PersonalBoards } from "#stores/message/personal-boards";
import { SeenTable } from "#stores/message/seen-table";
import { WordsTable } from "#stores/message/words-table";
import { type Row, Table } from "#stores/table";
import {
  buildBoardsGap,
  buildFilesGap,
  buildLevelsGap,
  buildSpeakersGap,
  buildWordsGap,
  Conversations,
  chooseTeam,
  Migration,
} from "../../scripts/migrate";
import type { StackOutputs } from "../../scripts/stack-outputs";
import { createTables, type Tables } from "../dynamodb-endpoint";

const everybody = { team: "T0001" };

describe("migrate", () => {
  let tables: Tables;
  beforeEach(async () => {
    tables = await createTables();
  });
  afterEach(() => tables.stop());

  const soon = () => new Deadline(60_000);
  const put = (table: string, row: Row) => new Table(tables.client, table).put(row);
  const migrate = (isDryRun = false, report = (_sentence: string) => {}) => new Migration(tables.client, isDryRun, report);
  const readWords = () => new WordsTable(tables.client, tables.words).readTop(everybody, "annotation", 50, soon());

  /** A row as earlier releases stored it. */
  const putWord = (word: string, count: number) => put(tables.words, { word, kind: "annotation", count });

  it("restores old counts to the leaderboard, and does nothing the second time", async () => {
    await putWord("#tea", 22);
    await put(tables.boards, { board: "2026-11-22#word", token: "tea", count: 2, expires_at: 9 });
    await put(tables.boards, { board: "2026-11-22#word", token: "milk", count: 400, expires_at: 9 });
    const choice = { board: "@U0002", token: "choice", ranking: "choices", team: "T0001", user: "U0002", generation: 1 };
    await put(tables.boards, { ...choice, count: 9 });
    const version = { version: "0", counts: '[["tea",2]]', private: false, times: 11 };
    const ts = `${Date.UTC(2026, 10, 22) / 1000}.000100`;
    await put(tables.seen, { event_id: `T0001-C0001-${ts}#leaderboard`, ...version, person: { user: "U0001", generation: 0 } });
    await put(tables.seen, { event_id: `T0001-C0001-${ts}#multiplier`, ...version });
    const fill = async () => [
      await migrate().fill(buildWordsGap(tables.words, "T0001")),
      await migrate().fill(buildLevelsGap(tables.words, ["word"], LEAST_LEVEL.words)),
      await migrate().fill(buildBoardsGap(tables.boards, "T0001")),
      await migrate().fill(buildLevelsGap(tables.boards, ["board", "token"], LEAST_LEVEL.boards)),
      await migrate().fill(buildSpeakersGap(tables.seen)),
    ];
    const lacking = (...rows: number[]) => rows.map(count => ({ lacking: count, unknown: 0 }));
    expect(await readWords()).to.deep.equal([]);

    expect(await fill()).to.deep.equal(lacking(1, 1, 2, 2, 1));
    expect(await readWords()).to.deep.equal([["#tea", 22]]);
    const board = { ...everybody, period: "2026-11-22" };
    const boards = new BoardsTable(tables.client, tables.boards);
    expect(await boards.readTop(board, "word", 10, soon())).to.deep.equal([
      ["milk", 400],
      ["tea", 2],
    ]);
    const personal = { boardsTable: tables.boards, seenTable: tables.seen };
    const spoken = { ...everybody, person: { user: "U0001", generation: 0 } };
    expect(await new PersonalBoards(tables.client, personal).readCounts(spoken, ["2026-11-22"], soon())).to.deep.equal([["tea", 2]]);
    const forgotten = new ForgottenBoards(tables.client, tables.boards);
    expect(await forgotten.listDue(9)).to.deep.equal([{ team: "T0001", user: "U0002", generation: 1 }]);
    expect(await fill()).to.deep.equal(lacking(0, 0, 0, 0, 0));
  });

  it("counts messages exactly during a migration, and makes nothing private public", async () => {
    const [words, seen] = [new WordsTable(tables.client, tables.words), new SeenTable(tables.client, tables.seen)];
    const once = new CountOnce(tables.client);
    const tags = Array.from({ length: 40 }, (_, index) => `#t${index}`);
    await Promise.all(tags.map(tag => putWord(tag, 11)));
    const say = (tag: string, scope: { team: string; channel?: string }) =>
      once.add([seen.buildEffectMarker(`${tag} ${scope.channel}`, 2_000_000_000)], [words.buildAddition(scope, [tag, 1])], soon());

    await Promise.all([
      migrate().fill(buildWordsGap(tables.words, "T0001")),
      migrate().fill(buildWordsGap(tables.words, "T0001")),
      migrate().fill(buildLevelsGap(tables.words, ["word"], LEAST_LEVEL.words)),
      ...tags.flatMap(tag => [say(tag, everybody), say(tag, { ...everybody, channel: "G0001" })]),
    ]);
    expect(await readWords()).to.have.deep.members(tags.map(tag => [tag, 12]));
  });

  it("changes nothing in a dry run, and counts what it would change", async () => {
    await putWord("#tea", 22);
    expect(await migrate(true).fill(buildWordsGap(tables.words, "T0001"))).to.deep.equal({ lacking: 1, unknown: 0 });
    expect(await new Table(tables.client, tables.words).get({ word: "#tea" })).to.not.have.property("ranking");
  });

  it("marks old files as private or public as Slack tells, and skips those of unknown conversations", async () => {
    for (const [index, channel] of ["C0001", "C0001", "C0MPIM1", "D0001", "C0GONE"].entries())
      await put(tables.files, { tag: "T0001#receipt", posted: `${index}.0#F${index}`, channel });
    const { conversations } = new WebClient("xoxb-test");
    const info = sinon.stub(conversations, "info").callsFake(async ({ channel }) => {
      if (channel === "C0GONE") throw await refusal();
      return { ok: true, channel: channel === "D0001" ? { is_im: true } : { is_private: channel !== "C0001" } };
    });

    const filled = await migrate().fill(buildFilesGap(tables.files, new Conversations(conversations)));
    expect(filled).to.deep.equal({ lacking: 5, unknown: 1 });
    sinon.assert.callCount(info, 4);
    const shown = async (channel: string) => {
      const search = { ...everybody, tag: "#receipt", channel, limit: 10 };
      return (await new FilesTable(tables.client, tables.files).readVisible(search, soon())).map(({ fileId }) => fileId);
    };
    expect(await shown("C0002")).to.deep.equal(["F1", "F0"]);
    expect(await shown("C0GONE")).to.deep.equal(["F4", "F1", "F0"]);
    const { Items = [] } = await tables.client.send(new ScanCommand({ TableName: tables.files }));
    expect(Items.find(({ channel }) => channel?.S === "C0GONE")).to.not.have.property("private");
  });

  describe("options", () => {
    const outputs = { teamId: "T0001" } as StackOutputs;

    it("use the stack's team unless another is named", () => {
      expect(chooseTeam(undefined, outputs)).to.equal("T0001");
      expect(chooseTeam("T0002", outputs)).to.equal("T0002");
      expect(() => chooseTeam(undefined, {} as StackOutputs)).to.throw("pass the workspace with --team");
      expect(() => chooseTeam("E0001", outputs)).to.throw('"E0001"');
    });
  });
});

/** What the client throws when Slack refuses. */
const refusal = async (): Promise<unknown> => {
  const client = new WebClient("xoxb-test", {
    fetch: async () => new Response(JSON.stringify({ ok: false, error: "channel_not_found" })),
  });
  return client.conversations.info({ channel: "C0GONE" }).catch((error: unknown) => error);
};
