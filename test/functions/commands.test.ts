import { expect } from "chai";
import sinon from "sinon";
import { createLog } from "#core/log";
import type { SlashAnswer } from "#core/slack/slash-answer";
import { Commands, type CommandsSettings } from "#functions/commands";
import { ArchiveCommand } from "#functions/commands/archive";
import { WordsCommand } from "#functions/commands/words";
import { ArchiveSearch } from "#functions/documents/archive-search";
import { guard, type HttpRequest } from "#functions/door";
import { Top } from "#functions/top";
import { WordCounts } from "#functions/word-counts";
import { FilesTable } from "#stores/documents/files-table";
import { BoardsTable } from "#stores/message/boards-table";
import { PersonalChoices } from "#stores/message/personal-choices";
import { WordsTable } from "#stores/message/words-table";
import { buildCommandRequest, NOW_MS, parseAnswer, SECRET, sign } from "./requests";

describe("commands", () => {
  let words: sinon.SinonStubbedInstance<WordsTable>;
  let boards: sinon.SinonStubbedInstance<BoardsTable>;
  let files: sinon.SinonStubbedInstance<FilesTable>;
  beforeEach(() => {
    words = sinon.createStubInstance(WordsTable);
    words.readTop.callsFake(async (_scope, kind) => (kind === "word" ? [["tea", 3]] : []));
    boards = sinon.createStubInstance(BoardsTable);
    boards.readTop.callsFake(async ({ channel, period }, kind) => [[[channel, period, kind].join(" "), 2]]);
    files = sinon.createStubInstance(FilesTable);
    sinon.stub(console, "log");
    sinon.stub(console, "error");
  });
  afterEach(() => sinon.restore());

  const send = (request: HttpRequest, settings: Partial<CommandsSettings> = {}, secrets = [SECRET]) => {
    const nowMs = () => NOW_MS;
    const choices = sinon.createStubInstance(PersonalChoices);
    const [top, counts] = [new Top({ words, boards, own: undefined, nowMs }), new WordCounts(words, boards, nowMs)];
    const known = {
      "/words": new WordsCommand({ top, counts, choices, settings: { personalBoards: true } }),
      "/archive": new ArchiveCommand(new ArchiveSearch(files)),
    };
    const commands = new Commands({
      commands: known,
      settings: { externalUsers: "refuse", ...settings },
      signingSecrets: secrets,
      slackUrl: "http://127.0.0.1:3000/slack/api/",
      nowMs: () => NOW_MS,
    });
    return guard(createLog("test", {}), each => commands.handle(each))(request);
  };
  const say = async (text: string) => parseAnswer(await send(buildCommandRequest({ text })));

  it("answers /words only to the user who asked", async () => {
    expect(await say("")).to.deep.equal({ response_type: "ephemeral", text: "*Top words*\n1. `tea` = 3" });
    expect(words.readTop.args.map(([scope, kind, limit]) => [scope, kind, limit])).to.deep.equal([
      [{ team: "T0001" }, "word", 10],
      [{ team: "T0001" }, "annotation", 10],
    ]);
  });

  it("answers with a sentence in a workspace without the app", async () => {
    const find = sinon.stub().resolves(undefined);
    const handle = (over: Record<string, string>) =>
      new Commands({
        commands: {},
        settings: { externalUsers: "refuse" },
        signingSecrets: [SECRET],
        slackUrl: undefined,
        installed: { find, sentence: "Not installed." },
        nowMs: () => NOW_MS,
      }).handle(buildCommandRequest({ response_url: undefined, ...over }));
    const answer = parseAnswer(await handle({ is_enterprise_install: "true", enterprise_id: "E0001" })) as SlashAnswer;
    expect(answer.text).to.equal("Not installed.");
    expect(find.firstCall.args[0]).to.deep.equal({ team: "T0001", enterprise: "E0001", isEnterpriseInstall: "true" });
    find.resolves({ installation: "E0001" });
    expect((parseAnswer(await handle({})) as SlashAnswer).text).not.to.equal("Not installed.");
  });

  describe("a person of another company", () => {
    const text = async (over: Record<string, string>, settings: Partial<CommandsSettings> = {}) =>
      (parseAnswer(await send(buildCommandRequest({ text: "", team_id: "T0001", ...over }), settings)) as SlashAnswer).text;

    for (const field of ["user_team", "user_team_id", "source_team"]) {
      it(`is refused by the field ${field}, unless the setting allows it`, async () => {
        expect(await text({ [field]: "T0999" })).to.include("Only people of this workspace");
        expect(await text({ [field]: "T0999" }, { externalUsers: "allow" })).to.include("Top words");
        expect(await text({ [field]: "T0001" })).to.include("Top words");
        expect(await text({ [field]: "E0001", enterprise_id: "E0001" })).to.include("Top words");
      });
    }
  });

  it("reads the boards of the UTC day", async () => {
    expect(await say("5 today"))
      .to.have.property("text")
      .that.includes("` 2025-11-22 word` = 2")
      .and.includes("` 2025-11-22 annotation` = 2");
    sinon.assert.notCalled(words.readTop);
  });

  it("reads the boards of the conversation where it is asked", async () => {
    expect(await say("here today 5"))
      .to.have.property("text")
      .that.includes("`C0001 2025-11-22 word` = 2");
    sinon.assert.notCalled(words.readTop);
  });

  it("quotes a number that it can't read, escaped", async () => {
    expect(await say("<!here>"))
      .to.have.property("text")
      .that.includes("&lt;!here&gt;");
    sinon.assert.notCalled(words.readTop);
  });

  describe("/archive", () => {
    const file = {
      fileId: "F0001",
      name: "lunch <!here>|.png",
      mimetype: "image/png",
      sizeBytes: 70,
      channel: "C0001",
      private: false,
      user: "U0001",
      ts: "1763805600.000200",
      key: "T0001/C0001/2025-11-22/F0001/original",
    };
    const ask = async (text: string) =>
      (parseAnswer(await send(buildCommandRequest({ command: "/archive", text }))) as { text: string }).text;

    it("lists the latest files with a tag", async () => {
      files.readVisible.resolves([file]);
      expect(await ask("#Receipt")).to.equal(
        "*Files with #receipt*\n1. <https://slack.com/app_redirect?channel=C0001&amp;message_ts=1763805600.000200|lunch &lt;!here&gt; .png> " +
          "(image/png, 70 bytes) by <@U0001> in <#C0001>, <!date^1763805600^{date_short_pretty} {time}|2025-11-22T10:00:00.000Z>",
      );
      expect(files.readVisible.firstCall.args[0]).to.include({ team: "T0001", tag: "#receipt", channel: "C0001" });
    });
  });

  it("lists the known commands for an unknown one", async () => {
    expect(parseAnswer(await send(buildCommandRequest({ command: "/<wordz>" }))))
      .to.have.property("text")
      .that.includes('"/&lt;wordz&gt;"')
      .and.includes("`/words`");
  });

  it("refuses another workspace with a message", async () => {
    expect(parseAnswer(await send(buildCommandRequest(), { teamId: "T0002" })))
      .to.have.property("text")
      .that.includes("another workspace");
    expect(parseAnswer(await send(buildCommandRequest(), { appId: "A0002" })))
      .to.have.property("text")
      .that.includes("another workspace");
  });

  const elsewhere = [
    "https://example.com/commands/T0001/1/x",
    "https://slack.com.example.com/x",
    "https://hooks.slack.com@example.com/x",
    "http://hooks.slack.com/x",
    "http://127.0.0.1:3001/x",
    "/x",
    "",
  ];
  for (const response_url of elsewhere) {
    it(`refuses the response_url ${JSON.stringify(response_url)} with a message`, async () => {
      expect(parseAnswer(await send(buildCommandRequest({ response_url }))))
        .to.have.property("text")
        .that.includes("response_url");
      sinon.assert.notCalled(words.readTop);
    });
  }

  for (const response_url of ["https://hooks.slack.com/commands/T0001/1/x", "http://127.0.0.1:3000/slack/commands/T0001/1/x"]) {
    it(`takes the response_url ${response_url}`, async () => {
      expect(parseAnswer(await send(buildCommandRequest({ response_url }))))
        .to.have.property("text")
        .that.includes("Top words");
    });
  }

  it("answers ssl_check with nothing", async () => {
    expect(await send(buildCommandRequest({ ssl_check: "1" }))).to.deep.equal({ statusCode: 200, headers: {}, body: "" });
  });

  const form = "application/x-www-form-urlencoded";
  const refused: [title: string, statusCode: number, request: HttpRequest, secrets?: string[]][] = [
    ["no signature", 401, { headers: { "content-type": form }, body: "command=/words" }],
    ["ssl_check without a signature", 401, { headers: { "content-type": form }, body: "ssl_check=1" }],
    ["another secret", 401, buildCommandRequest({}, { secret: "other" })],
    ["everything without a secret", 401, buildCommandRequest(), []],
    ["an empty form", 400, sign("", form)],
    ["a form without a command", 400, buildCommandRequest({ command: undefined })],
    ["text twice", 400, sign("text=a&text=b", form)],
    ["10,000 parameters", 413, sign("a=b&".repeat(10_000), form)],
    ["JSON", 415, sign("{}", "application/json")],
  ];
  for (const [title, statusCode, request, secrets] of refused) {
    it(`refuses ${title}`, async () => expect(await send(request, {}, secrets)).to.have.property("statusCode", statusCode));
  }

  it("answers 503 when the table can't be read", async () => {
    words.readTop.rejects(new Error("down"));
    expect(await send(buildCommandRequest())).to.have.property("statusCode", 503);
  });
});
