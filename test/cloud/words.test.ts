import { DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import { expect } from "chai";
import { LaptopProcess, postOf, relaySeconds, untilTaken } from "./laptop-process";

const DAY_SECONDS = 86_400;
/** Counts are spread, so that each of these tests also shows that spread counts are right. */
const CONFIG = ["features=", "agent=off", "digestChannel=C0002"].flatMap(setting => ["--config", setting]);
const HOT_WORDS = "tea,#plan,blaze1,blaze2";
const SPREAD = [...CONFIG, "--config", "boardShards=4", "--config", `hotWords=${HOT_WORDS}`];
const [ann, ben] = ["U0001", "U0002"] as const;

describe("questions about words", () => {
  let laptop: LaptopProcess;
  let words = 0;
  let tries = 0;

  /** A word that nobody has said, also if a test is tried again. */
  const coin = (word: string) => {
    words += 1;
    return `${word}${words}`;
  };

  before(async () => {
    laptop = await (await LaptopProcess.create()).start(...SPREAD);
    // At noon, so that no day ends while the messages of one day are said.
    const secondsOfDay = Math.floor((await laptop.nowMs()) / 1000) % DAY_SECONDS;
    await laptop.advance((DAY_SECONDS * 1.5 - secondsOfDay) % DAY_SECONDS);
    await act("say", { user: ann, text: "awsadvent tea tea milk" });
    await act("say", { user: ann, channel: "G0001", text: "our #plan" });
    await act("say", { user: ben, text: "awsadvent tea" });
    await shows(["`tea` = 3", "`milk` = 1"], "today");
    await laptop.advance(6 * DAY_SECONDS);
    await act("say", { user: ann, text: "awsadvent coffee tea" });
  });

  after(() => laptop.remove());

  /** Starts again with the same state and other settings. */
  const restart = async (...args: string[]) => {
    await laptop.interrupt();
    await laptop.start(...args);
  };

  const reindex = async () => {
    const { stdout } = await laptop.operate("reindex", "--json");
    return (JSON.parse(stdout) as { tables: { table: string; moved: number; unknown: number }[] }).tables;
  };

  const act = async (path: string, body: object): Promise<string> => {
    const response = await fetch(`${laptop.endpoints.slack}/${path}`, postOf({ channel: "C0001", ...body }));
    const answer = (await response.json()) as { ok: boolean; ts: string };
    expect(answer, path).to.include({ ok: true });
    return answer.ts;
  };

  const ask = async (text: string, user: string = ann, channel = "C0001"): Promise<string> => {
    const response = await untilTaken(() => laptop.command("/words", text, { user_id: user, channel_id: channel }));
    expect(response.status).to.equal(200);
    return ((await response.json()) as { text: string }).text;
  };

  /** Waits until an answer has these parts and lacks those that begin with an exclamation mark. */
  const shows = (parts: string[], ...question: Parameters<typeof ask>) =>
    laptop.settles(async () => {
      const answer = await ask(...question);
      const isRight = parts.every(part => answer.includes(part.replace(/^!/, "")) !== part.startsWith("!"));
      if (!isRight) throw new Error(`${question.join()} answers ${answer}`);
      return true;
    });

  /** The personal boards of Ann that have a row for a word. */
  const boardsWith = async (word: string) => {
    const found: string[] = [];
    const TableName = laptop.endpoints.outputs["boardsTable"] as string;
    for await (const { Items = [] } of paginateScan({ client: new DynamoDBClient(laptop.client) }, { TableName }))
      for (const { board, token } of Items) if (board!.S!.startsWith(`@${ann}.`) && token!.S === word) found.push(board!.S!);
    return found;
  };

  const isSwept = (word: string) =>
    laptop.settles(async () => {
      await laptop.advance(relaySeconds);
      return (await boardsWith(word)).length === 0;
    });

  it("adds up the days of a week and of a month", async () => {
    await shows(["1. `tea` = 4", "`milk` = 1", "`coffee` = 1"], "week 10");
    await shows(["1. `tea` = 4", "!`milk`"], "here week 1");
    await laptop.advance(DAY_SECONDS);
    await shows(["`tea` = 1", "!`milk`"], "week");
    await shows(["1. `tea` = 4", "`milk` = 1", "!#plan"], "month");
  });

  it("shows the counts of one word", async () => {
    await shows(["all time = 44", "in the last 30 days = 4", "here = 44"], "Tea");
    expect(await ask("#plan")).to.equal("`#plan` has not been counted yet.");
    await shows(["all time = 0", "here = 11", "here in the last 30 days = 1"], "#plan", ben, "G0001");
  });

  it("shows what one said oneself, in private only there", async () => {
    await shows(["`tea` = 33", "`coffee` = 11", "!#plan"], "mine");
    await shows(["`tea` = 3", "!#plan"], "mine month here");
    await shows(["`tea` = 11", "!`milk`"], "mine", ben);
    await shows(["`#plan` = 1", "!`tea`"], "month mine here", ann, "G0001");
    expect(await ask("mine here month", ben, "G0001")).to.equal("Nothing that you said has been counted here yet in the last 30 days.");
  });

  it("follows edits and deletions", async () => {
    const [said, edited] = [coin("mango"), coin("papaya")];
    const ts = await act("say", { user: ann, text: `awsadvent ${said}` });
    await shows([`\`${said}\` = 1`], "mine 50 week");
    await act("edit", { user: ann, ts, text: `awsadvent ${edited} ${edited}` });
    await shows([`\`${edited}\` = 2`, `!\`${said}\``], "mine 50 week");
    await act("delete", { user: ann, ts });
    await shows([`!\`${edited}\``, `!\`${said}\``], "mine 50 week");
  });

  it("keeps words out of one's own lists while they are off", async () => {
    const word = coin("hush");
    expect(await ask("off")).to.include("doesn't count in your own lists");
    await act("say", { user: ann, text: `awsadvent ${word}` });
    await act("say", { user: ben, text: `awsadvent ${word}` });
    await shows([`\`${word}\` = 2`], "week 50");
    await shows([`\`${word}\` = 1`], "mine week 50", ben);
    expect(await ask("mine month 50"))
      .to.include("since `/words off`")
      .and.not.include(word);
    expect(await ask("on")).to.include("counts in your own lists");
  });

  it("forgets one's own lists, and deletes their rows, also those that a late edit writes", async () => {
    const [said, edited, later] = [coin("cocoa"), coin("lemon"), coin("again")];
    const ts = await act("say", { user: ann, text: `awsadvent ${said}` });
    await shows([`\`${said}\` = 11`], "mine 50");
    expect(await boardsWith(said)).to.have.length(1);
    expect(await ask("forget")).to.include("are empty");
    expect(await ask("mine")).to.equal("Nothing that you said has been counted yet.");
    await isSwept(said);

    await act("say", { user: ann, text: `awsadvent ${later}` });
    await act("edit", { user: ann, ts, text: `awsadvent ${edited}` });
    await shows([`\`${edited}\` = 1`], "month 50");
    await laptop.settles(async () => (await boardsWith(edited)).length === 1);
    await shows([`\`${later}\` = 11`, `!\`${edited}\``], "mine");
    await laptop.advance(DAY_SECONDS);
    await isSwept(edited);
    await shows([`\`${later}\` = 11`], "mine");
  });

  it("posts the words of each week once", async () => {
    const word = coin("digested");
    await act("say", { user: ben, text: `awsadvent ${word}` });
    await shows([`\`${word}\` = 1`], "week 50");
    const now = new Date(await laptop.nowMs());
    const daysUntilMonday = 7 - ((now.getUTCDay() + 6) % 7);
    const mondayMs = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + daysUntilMonday, 9, 1);
    await laptop.advance(Math.ceil((mondayMs - now.getTime()) / 1000));
    const posts = await laptop.settles(async () => {
      const response = await fetch(`${laptop.endpoints.slack}/messages?channel=C0002`);
      const texts = ((await response.json()) as { messages: { text: string }[] }).messages.map(({ text }) => text);
      return texts.some(text => text.startsWith("Most frequent from ") && text.includes(`\`${word}\` = 1`)) && texts;
    });
    expect(new Set(posts)).to.have.property("size", posts.length);
  });

  it("answers the same after other settings, before and after a reindex", async () => {
    tries += 1;
    if (tries > 1) await restart(...SPREAD);
    const [hot, other] = [`blaze${tries}`, coin("other")];
    const reply = async (ts: string) => {
      const response = await untilTaken(() => laptop.webhook({ text: `awsadvent ${hot} ${other}`, timestamp: ts }));
      return ((await response.json()) as { text: string }).text;
    };
    const seconds = Math.floor((await laptop.nowMs()) / 1000);
    expect(await reply(`${seconds}.000001`)).to.include(`\`${hot}\` = 1\n\`${other}\` = 1`);
    await shows(["all time = 11", "today = 1", "here = 11"], hot);
    expect(await reply(`${seconds}.000002`)).to.include(`\`${hot}\` = 12\n\`${other}\` = 12`);
    const isRight = () =>
      Promise.all([
        shows([`\`${hot}\` = 22`, `\`${other}\` = 22`], "50"),
        shows([`\`${hot}\` = 2`, `\`${other}\` = 2`], "week 50 here"),
        shows(["all time = 22", "today = 2", "here = 22"], hot),
      ]);
    await isRight();

    const former = ["--config", "formerBoardShards=1,4", "--config", `formerHotWords=${HOT_WORDS}`];
    await restart(...CONFIG, "--config", "boardShards=3", ...former);
    await isRight();
    expect((await reindex()).map(({ moved }) => moved > 0)).to.deep.equal([true, true]);
    expect(await reindex()).to.deep.equal([
      { table: "words", moved: 0, unknown: 0 },
      { table: "boards", moved: 0, unknown: 0 },
    ]);
    await isRight();
  });
});
