import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { type LaptopProcess, postOf, untilTaken } from "../laptop-process";
import { Tables } from "../tables";

interface Shown {
  ts: string;
  text: string;
  user?: string;
  thread_ts?: string;
}

const JOIN_SECONDS = 3600;

const describeTriggers = (laptop: LaptopProcess) =>
  describe("triggers from events", () => {
    let tables: Tables;
    let told = 0;

    before(() => {
      tables = new Tables(laptop);
    });

    afterEach(() => laptop.control("weather", {}));

    /** A word that nobody has said, also if a test is tried again. */
    const newWord = () => {
      told += 1;
      return `word${told}`;
    };

    const act = async (action: string, body: object) => {
      const response = await fetch(`${laptop.endpoints.slack}/${action}`, postOf(body));
      return (await response.json()) as { ts: string; channel: string };
    };
    const say = async (text: string, channel = "C0001", threadTs?: string) =>
      (await act("say", { user: "U0001", channel, text, threadTs })).ts;

    /** What the bot has said in a channel that contains a text. */
    const answers = async (text: string, channel = "C0001"): Promise<Shown[]> => {
      const response = await fetch(`${laptop.endpoints.slack}/messages?channel=${channel}&limit=500`);
      const { messages } = (await response.json()) as { messages: Shown[] };
      return messages.filter(message => message.user === "UBOT01" && message.text.includes(text));
    };

    const untilAnswered = (text: string, channel = "C0001"): Promise<Shown> =>
      laptop.settles(async () => (await answers(text, channel)).at(-1));

    /** Waits until a word has this count, and nothing is pending. */
    const untilCounted = (key: string, count: number) =>
      laptop.settles(async () => {
        expect(await tables.counts([key])).to.deep.equal({ [key]: count });
        expect(await tables.pending()).to.be.empty;
        return true;
      });

    const commandText = async (text: string, channel: string) => {
      const response = await laptop.command("/words", text, { channel_id: channel });
      return ((await response.json()) as { text: string }).text;
    };

    it("has no door for the outgoing webhook", async () => {
      expect(laptop.endpoints.outputs).to.not.have.property("webhookUrl");
      const form = new URLSearchParams({ token: "local-verification-token", text: "awsadvent x" });
      expect((await fetch(`${laptop.endpoints.api}/webhook`, { method: "POST", body: form })).status).to.equal(404);
    });

    for (const [channel, scope] of [
      ["C0001", ""],
      ["G0001", "G0001#"],
      ["D0001", "D0001#"],
    ] as const) {
      it(`answers 1, and the second time 12, in ${channel}`, async () => {
        const word = newWord();
        await say(`awsadvent ${word} ${word}x`, channel);
        const { text } = await untilAnswered(`\`${word}\` = 1\n`, channel);
        expect(text).to.match(new RegExp(`^\`awsadvent\` = \\d+\n\`${word}\` = 1\n\`${word}x\` = 1$`));
        await untilCounted(`${scope}${word}`, 11);

        await say(`awsadvent ${word}`, channel);
        await untilAnswered(`\`${word}\` = 12`, channel);
        await untilCounted(`${scope}${word}`, 22);
        expect(await answers(word, channel), "none about its own answers").to.have.length(2);
        if (channel === "C0001") return;
        expect(await tables.counts([word])).to.deep.equal({ [word]: 0 });
        expect(await commandText("50", "C0001")).not.to.include(word);
        expect(await commandText("50 here", channel)).to.include(`\`${word}\` = 22`);
      });
    }

    it("answers a repeated event once, whatever is duplicated", async () => {
      const word = newWord();
      const ts = `${Math.floor((await laptop.nowMs()) / 1000)}.${String(told).padStart(6, "0")}`;
      await laptop.control("weather", { duplicate: true });
      const deliver = (eventId: string) => untilTaken(() => laptop.event({ text: `awsadvent ${word}`, ts }, eventId));
      await Promise.all(["EvA", "EvA", "EvB"].map(id => deliver(`${id}${ts}`)));
      await untilAnswered(word);
      await untilCounted(word, 11);
      await laptop.control("weather", {});
      await deliver(`EvC${ts}`);
      await say(`awsadvent ${word}`);
      await untilAnswered(`\`${word}\` = 12`);
      await laptop.rest();
      expect((await answers(word)).map(({ text }) => text.split("\n").at(-1))).to.deep.equal([`\`${word}\` = 1`, `\`${word}\` = 12`]);
    });

    it("answers a thread in the thread, and an edit not at all", async () => {
      const [first, second] = [newWord(), newWord()];
      const parent = await say("a thread");
      const ts = await say(`awsadvent ${first}`, "C0001", parent);
      expect(await untilAnswered(first)).to.include({ thread_ts: parent });
      await untilCounted(first, 11);

      await act("edit", { user: "U0001", channel: "C0001", ts, text: `awsadvent ${second}` });
      await untilCounted(second, 11);
      await untilCounted(first, 0);
      await say(`awsadvent ${second}`);
      await untilAnswered(`\`${second}\` = 12`);
      expect([await answers(first), await answers(second)].map(({ length }) => length)).to.deep.equal([1, 1]);
    });

    it("answers top where it is asked, and counts nothing", async () => {
      const [word, secret] = [newWord(), newWord()];
      await say(`awsadvent ${word}`);
      await say(`awsadvent ${secret}`, "G0001");
      await untilCounted(word, 11);
      await untilCounted(`G0001#${secret}`, 11);
      const before = await tables.counts(["awsadvent", "top", "G0001#awsadvent"]);

      await say("awsadvent top 50");
      const untilShown = (title: string, each: string, channel: string) =>
        laptop.settles(async () => (await answers(title, channel)).find(({ text }) => text.includes(`\`${each}\` = 11`)));
      expect((await untilShown("*Top words*", word, "C0001")).text).not.to.include(secret);
      await say("awsadvent top 50 here", "G0001");
      await untilShown("*Top words here*", secret, "G0001");
      expect(await answers("*Top words here*")).to.deep.equal([]);
      expect(await tables.counts(["awsadvent", "top", "G0001#awsadvent"])).to.deep.equal(before);
    });

    it("joins new public channels every hour, and answers there", async () => {
      const word = newWord();
      const { channel } = await act("create", { user: "U0001", name: `team-${word}` });
      await say(`awsadvent ${word}`, channel);
      const hasJoined = async () => (await answers("has joined the channel", channel)).length === 1;
      // On a busy machine, a run may end early, because Slack did not answer in time.
      do await laptop.advance(JOIN_SECONDS);
      while (!(await eventually(hasJoined, 5000).catch(() => false)));

      await say(`awsadvent ${word}`, channel);
      await untilAnswered(`\`${word}\` = 1`, channel);
      await untilCounted(word, 11);
      expect(await answers(word, channel)).to.have.length(1);
    });

    it("passes npm run smoke, which finds the app's answer and deletes it", async () => {
      const { stdout, stderr } = await laptop.operate("smoke", "--json");

      expect(stderr).to.equal("");
      const { checks } = JSON.parse(stdout) as { checks: { name: string; outcome: string }[] };
      expect(checks.find(({ name }) => name === "trigger")?.outcome).to.equal("passed");
      const left = (await answers("smoke")).filter(({ text }) => !text.startsWith("Payroll"));
      expect(left).to.deep.equal([]);
    });
  });

export { describeTriggers };
