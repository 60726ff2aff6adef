import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import type { Mail } from "@slack-fanout/laptop-cloud/services/mail";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { LogTrace } from "../../../scripts/trace/log-trace";
import { listKills } from "../kills";
import { type LaptopProcess, postOf, untilTaken } from "../laptop-process";
import { Tables } from "../tables";

const describeFanOut = (laptop: LaptopProcess) =>
  describe("fan-out on the laptop cloud", () => {
    let tables: Tables;
    let said = 0;

    before(async () => {
      tables = new Tables(laptop);
    });

    const nextTimestamp = () => {
      said += 1;
      return `1763805600.${String(said).padStart(6, "0")}`;
    };

    const sayToWebhook = async (text: string, timestamp = nextTimestamp()) => {
      const response = await untilTaken(() => laptop.webhook({ text, timestamp }));
      return { status: response.status, text: ((await response.json()) as { text?: string }).text };
    };

    /** Waits until a word has this count, and nothing is pending. */
    const counts = (word: string, count: number) =>
      laptop.settles(async () => {
        expect(await tables.counts([word])).to.deep.equal({ [word]: count });
        expect(await tables.pending()).to.be.empty;
        return true;
      });

    it("answers 1, and the second time 12", async () => {
      expect(await sayToWebhook("awsadvent some words")).to.deep.equal({ status: 200, text: "`awsadvent` = 1\n`some` = 1\n`words` = 1" });
      await laptop.settles(async () => (await tables.distinctCounts(["awsadvent", "some", "words"])).join() === "11");

      expect((await sayToWebhook("awsadvent some words")).text).to.equal("`awsadvent` = 12\n`some` = 12\n`words` = 12");
    });

    it("answers a repeated delivery like the first, with one effect", async () => {
      const timestamp = nextTimestamp();
      const answers = await Promise.all([1, 2, 3, 4].map(() => sayToWebhook("repeated", timestamp)));

      expect(answers).to.deep.equal(Array(4).fill({ status: 200, text: "`repeated` = 1" }));
      await counts("repeated", 11);
    });

    it("counts a message under eleven event ids once", async () => {
      const ts = nextTimestamp();
      const answers = await Promise.all(
        Array.from({ length: 11 }, (_, index) => untilTaken(() => laptop.event({ text: "an #eleventh", ts }, `EvEleven${index}`))),
      );

      expect(answers.map(({ status }) => status)).to.deep.equal(Array(11).fill(200));
      await counts("#eleventh", 11);
    });

    it("treats one event id with another text as the same event", async () => {
      const [originalTs, changedTs] = [nextTimestamp(), nextTimestamp()];
      await untilTaken(() => laptop.event({ text: "#original", ts: originalTs }, "EvTwice"));
      const { status } = await untilTaken(() => laptop.event({ text: "#changed", ts: changedTs }, "EvTwice"));

      expect(status).to.equal(200);
      await counts("#original", 11);
      expect(await tables.counts(["#changed"])).to.deep.equal({ "#changed": 0 });
    });

    it("leaves a message that begins with a trigger word to the webhook", async () => {
      const ts = nextTimestamp();
      const { status } = await untilTaken(() => laptop.event({ text: "awsadvent #notcounted", ts }, "EvTrigger"));

      expect(status).to.equal(200);
      expect(await tables.counts(["#notcounted"])).to.deep.equal({ "#notcounted": 0 });
    });

    it("answers the leaderboard and counts nothing", async () => {
      const before = await tables.counts(["awsadvent", "top"]);

      const { text } = await sayToWebhook("awsadvent top 3");
      const command = (await (await untilTaken(() => laptop.command("/words", "3"))).json()) as { text: string; response_type: string };

      expect(text).to.contain("awsadvent");
      expect(command.response_type).to.equal("ephemeral");
      expect(command.text).to.contain("awsadvent");
      expect(await tables.counts(["awsadvent", "top"])).to.deep.equal(before);
    });

    describe("in private", () => {
      const ask = async (command: string, text: string, channel: string) => {
        const response = await untilTaken(() => laptop.command(command, text, { channel_id: channel }));
        return ((await response.json()) as { text: string }).text;
      };
      const readMails = async () => (await (await fetch(laptop.endpoints.mail)).json()) as Mail[];
      const file = { name: "secret-plan.txt", mimetype: "text/plain", base64: Buffer.from("a plan").toString("base64") };

      before(async () => {
        const invitations = await eventually(async () => {
          const mails = (await readMails()).filter(({ subject }) => subject.includes("Subscription Confirmation"));
          return mails.length >= 2 && mails;
        });
        for (const { links } of invitations) await fetch(links[0]!);
      });

      it("counts and multiplies messages under their conversation, and shows them only there", async () => {
        await fetch(`${laptop.endpoints.slack}/say`, postOf({ user: "U0001", channel: "G0001", text: "our #plan", files: [file] }));
        await counts("G0001##plan", 11);

        expect(await laptop.settles(async () => (await ask("/words", "here today", "G0001")).includes("`#plan` = 1"))).to.equal(true);
        await laptop.settles(async () => (await ask("/words", "here", "G0001")).includes("`#plan` = 11"));
        expect(await tables.counts(["#plan"])).to.deep.equal({ "#plan": 0 });
        for (const channel of ["C0001", "G0001"])
          for (const text of ["50", "50 today"]) expect(await ask("/words", text, channel), `${text} in ${channel}`).to.not.contain("plan");
        for (const text of ["here 50", "50 here today"]) expect(await ask("/words", text, "C0001")).to.not.contain("plan");
        expect((await sayToWebhook("awsadvent top 50")).text).to.not.contain("plan");
      });

      it("lists a file only where it was shared, and e-mails nobody its name", async () => {
        await laptop.settles(async () => (await ask("/archive", "#plan", "G0001")).includes("secret-plan.txt"));
        expect(await ask("/archive", "#plan", "C0001")).to.equal("No archived file has `#plan`.");

        const mails = await laptop.settles(async () => {
          const all = await readMails();
          return all.some(({ subject }) => subject === "File archived") && all;
        });
        expect(JSON.stringify(mails)).to.not.contain("secret-plan");
      });
    });

    describe("through the pretend Slack", () => {
      const act = async (path: string, body: object) => {
        const response = await fetch(`${laptop.endpoints.slack}/${path}`, postOf({ user: "U0001", channel: "C0001", ...body }));
        const answer = (await response.json()) as { ok: boolean; ts: string; message?: string };
        expect(answer, path).to.include({ ok: true });
        return answer.ts;
      };
      const ask = async (text: string) =>
        ((await (await untilTaken(() => laptop.command("/words", text))).json()) as { text: string }).text;
      const showsToday = (...lines: string[]) =>
        laptop.settles(async () => {
          const answers = [await ask("50"), await ask("50 here"), await ask("50 here today")];
          return lines.every(line => answers.every(answer => answer.includes(line.replace(/^!/, "")) !== line.startsWith("!")));
        });

      it("counts an edit as if only its text had been said, and takes everything back after a deletion", async () => {
        const ts = await act("say", { text: "#apple #apple #pear" });
        await counts("#apple", 22);
        await showsToday("`#apple`", "`#pear`");

        await act("edit", { ts, text: "#pear #plum" });
        await counts("#apple", 0);
        await counts("#plum", 11);
        await counts("#pear", 11);
        await showsToday("!`#apple`", "`#pear`", "`#plum`");

        await act("delete", { ts });
        for (const word of ["#apple", "#pear", "#plum"]) await counts(word, 0);
        await showsToday("!`#apple`", "!`#pear`", "!`#plum`");
      });

      it("counts words of an edited message for the webhook", async () => {
        const ts = await act("say", { text: "awsadvent quince" });
        await counts("quince", 11);
        await act("edit", { ts, text: "awsadvent medlar" });
        await counts("medlar", 11);
        await counts("quince", 0);
        await act("edit", { ts, text: "no more #medlar" });
        await counts("#medlar", 11);
        await counts("medlar", 0);
      });

      it("publishes who joins, reactions, edits and deletions once, to those who ask for them", async () => {
        const [sns, sqs] = [new SNSClient(laptop.client), new SQSClient(laptop.client)];
        const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: "other-events" }));
        const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
        const TopicArn = laptop.endpoints.outputs["messagesTopicArn"] as string;
        const Statement = [
          { Effect: "Allow", Principal: { Service: "sns.amazonaws.com" }, Action: "sqs:SendMessage", Resource: Attributes?.["QueueArn"] },
        ];
        const Policy = JSON.stringify({ Version: "2012-10-17", Statement });
        await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
        const FilterPolicy = JSON.stringify({ type: [{ "anything-but": ["slack.message"] }] });
        await sns.send(
          new SubscribeCommand({
            ...{ TopicArn, Protocol: "sqs", Endpoint: Attributes?.["QueueArn"] },
            Attributes: { RawMessageDelivery: "true", FilterPolicy },
          }),
        );

        const ts = await act("say", { text: "hello" });
        await act("react", { ts, user: "U0002", reaction: "tada" });
        await act("react", { ts, user: "U0002", reaction: "tada", remove: true });
        await act("edit", { ts, text: "hello again" });
        await act("delete", { ts });
        const { status } = await fetch(`${laptop.endpoints.slack}/join`, postOf({ name: "Dora" }));
        expect(status).to.equal(200);

        const received = new Map<string, string[]>();
        await laptop.settles(async () => {
          const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }));
          for (const { Body = "" } of Messages) {
            const { id, type } = JSON.parse(Body) as { id: string; type: string };
            received.set(type, [...(received.get(type) ?? []), id]);
          }
          return received.size === 6;
        });
        const names = ["reaction_added", "reaction_removed", "message_changed", "message_deleted", "team_join", "member_joined_channel"];
        expect([...received.keys()]).to.have.members(names.map(name => `slack.${name}`));
        for (const [type, ids] of received) expect(new Set(ids), type).to.have.property("size", 1);
      });
    });

    it("shows the boards of a public channel there", async () => {
      await sayToWebhook("awsadvent local");
      const { text } = await laptop.settles(async () => {
        const answer = (await (await untilTaken(() => laptop.command("/words", "here 50"))).json()) as { text: string };
        return answer.text.includes("`local` = 11") && answer;
      });
      expect(text).to.contain("*Top words here*");
    });

    it("finds counts of an earlier release after the migration", async () => {
      const dynamodb = new DynamoDBClient(laptop.client);
      const Item = { word: { S: "ancient" }, kind: { S: "word" }, count: { N: "9999" } };
      await dynamodb.send(new PutItemCommand({ TableName: laptop.endpoints.outputs["wordsTable"] as string, Item }));
      const migrate = async (...args: string[]) =>
        promisify(execFile)(
          process.execPath,
          ["-C", "slack-fanout-source", "-r", "./bin/load-typescript.cjs", "scripts/migrate.ts", ...args],
          {
            env: { ...process.env, LOCAL_DIR: laptop.directory, SLACK_BOT_TOKEN: "xoxb-local-bot-token" },
          },
        );

      expect((await migrate()).stdout).to.equal(
        [
          "words: 1 row got ranking.",
          "words: 1 row got level.",
          "boards: 0 rows got ranking.",
          "boards: 0 rows got level.",
          "seen: 0 rows got speaker_day.",
          "documents-files: 0 rows got private.\n",
        ].join("\n"),
      );
      const top = (await (await untilTaken(() => laptop.command("/words", "1"))).json()) as { text: string };
      expect(top.text).to.contain("`ancient` = 9999");
    });

    it("writes one structured line per message, without the text", async () => {
      const timestamp = nextTimestamp();
      await sayToWebhook("confidential matters", timestamp);
      const logs = new CloudWatchLogsClient(laptop.client);

      const line = await laptop.settles(async () => {
        const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName: "/aws/lambda/slack-fanout-local-logger" }));
        return events.map(({ message = "" }) => message).find(message => message.includes(`T0001-C0001-${timestamp}-webhook`));
      });

      expect(line).not.to.contain("confidential");
      expect(JSON.parse(line.slice(line.indexOf("{")))).to.include({
        id: `T0001-C0001-${timestamp}-webhook`,
        channel: "C0001",
        user: "U0001",
        tokens: 2,
      });
    });

    it("goes from the pretend Slack through both doors and back into the channel", async () => {
      const { ok } = (await (
        await fetch(`${laptop.endpoints.slack}/say`, postOf({ user: "U0002", channel: "C0001", text: "awsadvent spoken" }))
      ).json()) as { ok: boolean };

      expect(ok).to.equal(true);
      await laptop.settles(async () => {
        const history = await fetch(`${laptop.endpoints.slack}/api/conversations.history?channel=C0001`, {
          headers: { authorization: "Bearer xoxb-local-bot-token" },
        });
        const { messages } = (await history.json()) as { messages: { text: string; subtype?: string }[] };
        return messages.some(({ text, subtype }) => subtype === "bot_message" && text.includes("`spoken` = 1"));
      });
      await counts("spoken", 11);
    });

    it("shows a message's whole trace under its id", async () => {
      const timestamp = nextTimestamp();
      await sayToWebhook("traced", timestamp);
      await counts("traced", 11);

      const { steps } = (await laptop.control(`traces?message=T0001-C0001-${timestamp}-webhook`)) as {
        steps: { kind: string; to?: string }[];
      };

      const functions = ["webhook", "multiplier", "leaderboard", "logger"];
      expect(steps.filter(({ kind }) => kind === "invoke").map(({ to }) => to)).to.include.members(functions);
      // A stack's trace is read from its logs.
      const logs = new LogTrace(new CloudWatchLogsClient(laptop.client));
      await laptop.settles(async () => {
        const spans = await logs.read("slack-fanout-local-", `T0001-C0001-${timestamp}`, 0);
        const ran = spans.filter(({ what }) => what.startsWith("ran")).map(({ who }) => who);
        return functions.every(each => ran.includes(each));
      });
    });

    it("counts fifteen concurrent speakers exactly, even in rough weather", async () => {
      await laptop.control("weather", { duplicate: true, shuffle: true, delayMs: 20, throttle: 0.1, conflict: 0.2 });
      const timestamps = Array.from({ length: 15 }, nextTimestamp);
      // Refused messages are sent again, as Slack would do.
      await Promise.all(
        timestamps.map(timestamp => eventually(async () => (await sayToWebhook("crowded", timestamp)).status === 200, 60_000)),
      );
      await laptop.control("weather", {});

      await counts("crowded", 165);
    });

    it("counts the last versions exactly, even if they overtake each other in rough weather", async () => {
      await laptop.control("weather", { duplicate: true, shuffle: true, delayMs: 20, throttle: 0.1, conflict: 0.2 });
      const seconds = Math.floor((await laptop.nowMs()) / 1000);
      const deliver = (event: object, id: string) => eventually(async () => (await laptop.event(event, id)).status === 200, 60_000);
      const change = (message: object, eventTs: string) => ({ subtype: "message_changed", message, ts: eventTs, event_ts: eventTs });
      await Promise.all(
        Array.from({ length: 4 }, (_, index) => `${seconds}.${String(500 + index).padStart(6, "0")}`).flatMap((ts, index) => {
          const edit = (text: string, later: number) => {
            const edited = { user: "U0001", ts: `${seconds + later}.000000` };
            return change({ type: "message", user: "U0001", text, ts, edited }, `${seconds + later}.${String(index).padStart(6, "0")}`);
          };
          const deletion = { subtype: "message_deleted", deleted_ts: ts, ts: `${seconds + 3}.000000`, event_ts: `${seconds + 3}.000000` };
          return [
            deliver({ text: "#rough #rough", ts }, `EvRough${ts}`),
            deliver(edit("#rough #smooth", 1), `EvFirst${ts}`),
            deliver(edit("#smooth #smooth", 2), `EvSecond${ts}`),
            ...(index % 2 === 0 ? [] : [deliver(deletion, `EvDeleted${ts}`)]),
          ];
        }),
      );
      await laptop.control("weather", {});

      await counts("#smooth", 44);
      await counts("#rough", 0);
    });

    it("delivers messages that were said while SNS was down", async () => {
      await laptop.control("weather", { snsDown: true });
      expect((await sayToWebhook("patience")).text).to.equal("`patience` = 1");
      await laptop.control("weather", {});

      await laptop.advance(75);

      await counts("patience", 11);
    });

    it("counts and multiplies once, whichever call the webhook is killed at", async () => {
      await sayToWebhook("undisturbed");
      const calls = (await laptop.control("calls?function=webhook")) as { operation: string; invocation: string }[];
      const last = calls.filter(({ invocation }) => invocation === calls.at(-1)!.invocation);
      const kills = listKills(
        "webhook",
        last.map(({ operation }) => operation),
        new Set(),
      );
      expect(kills.length).to.be.above(3);
      for (const kill of kills) {
        const [word, timestamp] = [`killed${kill.when}${kill.call}`, nextTimestamp()];
        await laptop.control("weather", { kill });
        await eventually(async () => (await sayToWebhook(word, timestamp)).status === 200);
        expect(await laptop.control("weather")).to.include({ kill: null });
        await counts(word, 11);
      }
    });

    it("uses every grant and lacks none", async () => {
      // The one grant that only a resumed long message needs.
      await laptop.control("weather", { kill: { function: "webhook", call: 3, when: "before" } });
      const long = Array.from({ length: 250 }, (_, index) => `grant${index}`).join(" ");
      const longTimestamp = nextTimestamp();
      await eventually(async () => (await laptop.webhook({ text: long, timestamp: longTimestamp })).status === 200, 60_000);
      await counts("grant249", 11);

      const { denials } = (await laptop.control("permissions")) as { denials: unknown[] };

      expect(denials).to.deep.equal([]);
    });
  });

export { describeFanOut };
