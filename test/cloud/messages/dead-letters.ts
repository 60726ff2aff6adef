import { DeleteItemCommand, DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { GetQueueAttributesCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { Mail } from "@slack-fanout/laptop-cloud/services/mail";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { type LaptopProcess, postOf, untilTaken } from "../laptop-process";
import { Tables } from "../tables";

/** Dead letters raise alarms and can be delivered again. */
const describeDeadLetters = (laptop: LaptopProcess) =>
  describe("dead letters", () => {
    let tables: Tables;

    before(async () => {
      tables = new Tables(laptop);
    });

    const mails = async () => (await (await fetch(laptop.endpoints.mail)).json()) as Mail[];

    const depth = async (queueUrl: string) => {
      const { Attributes } = await new SQSClient(laptop.client).send(
        new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ["ApproximateNumberOfMessages"] }),
      );
      return Number(Attributes?.["ApproximateNumberOfMessages"]);
    };

    const operate = (script: string, ...args: string[]) => laptop.operate(script, ...args);

    const killMultiplier = () => laptop.control("weather", { kill: { function: "multiplier", call: 1, when: "before" } });
    const isKilled = async () => ((await laptop.control("weather")) as { kill: unknown }).kill === null;

    /** Lambda retries after one minute, then two, counted from the failure. */
    const killedAgain = async () => {
      for (let minutes = 0; minutes < 10; minutes += 1) {
        if (await eventually(isKilled, 500).catch(() => false)) return;
        await laptop.advance(61);
      }
      throw new Error("Lambda did not try again.");
    };

    it("wait in the subscriber's queue and raise an alarm, which is e-mailed to confirmed addresses", async () => {
      const [confirmation] = (await mails()).filter(({ to }) => to === "oncall@example.com");
      expect(confirmation?.subject).to.contain("Subscription Confirmation");
      expect((await fetch(confirmation!.links[0]!)).status).to.equal(200);

      await killMultiplier();
      expect((await untilTaken(() => laptop.webhook({ text: "mourned", timestamp: "1763805500.000001" }))).status).to.equal(200);
      await laptop.settles(isKilled);
      for (const _retry of [1, 2]) {
        await killMultiplier();
        await killedAgain();
      }

      const { deadLettersUrl } = laptop.endpoints.outputs["subscribers"].multiplier;
      await eventually(async () => (await depth(deadLettersUrl)) === 1);
      expect(await tables.counts(["mourned"])).to.deep.equal({ mourned: 1 });
      await laptop.advance(60);
      const alarm = await eventually(async () =>
        (await mails()).find(({ subject }) => subject.startsWith('ALARM: "multiplier-dead-letters')),
      );
      expect(alarm.to).to.equal("oncall@example.com");
    });

    it("are listed and shown by npm run dead-letters, which takes none", async () => {
      const { sources } = JSON.parse((await operate("dead-letters", "list", "--json")).stdout) as {
        sources: { name: string; count: number }[];
      };
      expect(sources.filter(({ count }) => count > 0).map(({ name }) => name)).to.deep.equal(["multiplier"]);
      expect(sources.find(({ name }) => name === "multiplier")).to.deep.include({ count: 1, alarm: "ALARM" });

      const { letters } = JSON.parse((await operate("dead-letters", "show", "multiplier", "--json")).stdout) as { letters: object[] };
      expect(letters).to.have.lengthOf(1);
      expect(letters[0]).to.deep.include({ about: ["T0001-C0001-1763805500.000001-webhook"] });
      expect(letters[0]).to.have.property("reason").that.is.not.equal("unknown");
      expect(await depth(laptop.endpoints.outputs["subscribers"].multiplier.deadLettersUrl)).to.equal(1);
    });

    it("are counted in a dry run, which delivers none", async () => {
      const { stdout } = await operate("redrive", "multiplier", "--dry-run", "--json");

      expect(JSON.parse(stdout)).to.deep.equal({ dryRun: true, count: 1 });
      expect(await depth(laptop.endpoints.outputs["subscribers"].multiplier.deadLettersUrl)).to.equal(1);
    });

    it("are delivered again by npm run redrive, with one effect", async () => {
      expect(await operate("redrive", "multiplier")).to.deep.equal({
        stdout: "1 dead letter of multiplier redriven.",
        stderr: "",
        exitCode: 0,
      });

      await laptop.settles(async () => (await tables.counts(["mourned"]))["mourned"] === 11);
      expect(await depth(laptop.endpoints.outputs["subscribers"].multiplier.deadLettersUrl)).to.equal(0);
    });

    it("of the notifier, which it sent itself, are delivered again too", async () => {
      const text = "told at the second try";
      const Message = JSON.stringify({ id: "n1", text, channel: "C0001" });
      const { successesTopicArn: TopicArn, redrivables } = laptop.endpoints.outputs;
      const MessageBody = JSON.stringify({ Type: "Notification", MessageId: "m1", TopicArn, Message });
      await new SQSClient(laptop.client).send(new SendMessageCommand({ QueueUrl: redrivables.notifier.deadLettersUrl, MessageBody }));

      expect(await operate("redrive", "notifier")).to.deep.equal({
        stdout: "1 dead letter of notifier redriven.",
        stderr: "",
        exitCode: 0,
      });

      const history = `${laptop.endpoints.slack}/api/conversations.history?channel=C0001`;
      await laptop.settles(async () =>
        (await (await fetch(history, { headers: { authorization: "Bearer xoxb-local-bot-token" } })).text()).includes(text),
      );
    });

    it("are named in their alarms as npm run redrive names them", async () => {
      const alarms = ((await laptop.control("inventory")) as { resources: { type: string; name: string }[] }).resources
        .filter(({ type, name }) => type === "aws:cloudwatch/metricAlarm:MetricAlarm" && name.endsWith("-dead-letters"))
        .map(({ name }) => name.slice(0, -"-dead-letters".length));
      // The agent's queue is named after its tasks.
      expect(Object.keys(laptop.endpoints.outputs["redrivables"]).map(name => (name === "agent" ? "agent-tasks" : name))).to.have.members(
        alarms,
      );
    });

    it("of an unknown name are refused", async () => {
      const { stderr } = await operate("redrive", "multiplyer");

      expect(stderr).to.match(/Nothing called "multiplyer" has dead letters\. Choose from .*multiplier/);
    });

    it("are deleted by npm run dead-letters drop only, by id", async () => {
      const { deadLettersUrl } = laptop.endpoints.outputs["redrivables"].logger;
      await operate("dead-letters", "drop", "logger", "--all");
      await new SQSClient(laptop.client).send(new SendMessageCommand({ QueueUrl: deadLettersUrl, MessageBody: "{}" }));
      const { exitCode, stderr } = await operate("dead-letters", "drop", "logger");
      expect([exitCode, stderr]).to.deep.equal([
        64,
        "drop deletes for good, so it needs either the id of one dead letter of logger, or --all.",
      ]);
      const { letters } = JSON.parse((await operate("dead-letters", "show", "logger", "--json")).stdout) as { letters: { id: string }[] };

      expect((await operate("dead-letters", "drop", "logger", letters[0]!.id)).stdout).to.equal("1 dead letter of logger dropped.");
      expect(await depth(deadLettersUrl)).to.equal(0);
    });

    describe("npm run replay", () => {
      const countCalls = async () =>
        ((await laptop.control("calls")) as { function: string | null }[]).filter(call => call.function === "multiplier").length;
      const hoursAgo = async (hours: number) => new Date((await laptop.nowMs()) - hours * 3_600_000).toISOString();

      it("delivers the messages of a range to one subscriber again, without a second effect", async () => {
        const before = await countCalls();

        const range = ["--from", await hoursAgo(2), "--until", await hoursAgo(-2)];
        expect((await operate("replay", "multiplier", ...range, "--dry-run")).stdout).to.match(/^1 message would be published/);

        const { stdout } = await operate("replay", "multiplier", ...range);

        expect(stdout).to.equal("1 message published again for multiplier.");
        await eventually(async () => (await countCalls()) > before);
        expect(await tables.counts(["mourned"])).to.deep.equal({ mourned: 11 });
      });

      it("ends at the stack's present, even if the laptop's clock was moved", async () => {
        await laptop.advance(7200);
        await untilTaken(() => laptop.webhook({ text: "moved", timestamp: "1763805500.000002" }));
        await laptop.settles(async () => (await tables.counts(["moved"]))["moved"] === 11);

        expect(await operate("replay", "multiplier", "--from", await hoursAgo(1))).to.deep.equal({
          stdout: "1 message published again for multiplier.",
          stderr: "",
          exitCode: 0,
        });
      });

      it("reads the archive for what is older than the markers, again without a second effect", async () => {
        const word = `archived${Date.now().toString(36)}`;
        await untilTaken(() => laptop.webhook({ text: word, timestamp: `${Math.floor(Date.now() / 1000)}.000003` }));
        await laptop.settles(async () => (await tables.counts([word]))[word] === 11);
        const from = await hoursAgo(1);
        const to = await hoursAgo(-1);
        const s3 = new S3Client({ ...laptop.client, forcePathStyle: true });
        const { messageArchiveBucket: Bucket } = laptop.endpoints.outputs;
        // The object that has it is written at the latest five minutes after it came.
        const countObjects = async () => (await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "messages/" }))).KeyCount ?? 0;
        const before = await countObjects();
        await laptop.advance(301);
        await laptop.settles(async () => (await countObjects()) > before);
        await laptop.advance(50 * 3600);

        const range = ["--from", from, "--to", to];
        expect((await operate("replay", "leaderboard", ...range, "--dry-run")).stdout).to.match(/^\d+ messages? would be published/);
        const callsBefore = await countCalls();
        expect((await operate("replay", "multiplier", ...range)).stdout).to.match(/^[1-9]\d* messages? published again for multiplier\.$/);

        await eventually(async () => (await countCalls()) > callsBefore);
        await laptop.rest();
        expect(await tables.counts([word, "moved"])).to.deep.equal({ [word]: 11, moved: 11 });
      });

      it("refuses a range that begins before the oldest kept message", async () => {
        const { stderr } = await operate("replay", "multiplier", "--from", "2020-01-01T00:00:00Z");

        expect(stderr).to.contain('--from "2020-01-01T00:00:00Z" is too long ago: messages are kept for 30 days');
      });

      it("names the subscribers before it looks at the range", async () => {
        const { stderr } = await operate("replay", "nobody", "--from", "2020-01-01T00:00:00Z");

        expect(stderr).to.contain('There is no subscriber "nobody". Choose from ');
      });

      it("refuses an invalid time", async () => {
        const { stderr } = await operate("replay", "multiplier", "--from", "yesterday");

        expect(stderr).to.contain('--from is "yesterday", but must be a time such as');
      });
    });

    describe("npm run gaps", () => {
      const gaps = async (...args: string[]) => {
        const from = new Date((await laptop.nowMs()) - 600_000).toISOString();
        const { stdout, ...rest } = await operate("gaps", "--from", from, "--json", ...args);
        return { ...rest, found: stdout === "" ? undefined : (JSON.parse(stdout) as { missing: { ts: string }[]; sent: number }) };
      };
      const markerOf = (ts: string) => ({
        TableName: laptop.endpoints.outputs["seenTable"],
        Key: { event_id: { S: `T0001-C0002-${ts}-events` } },
      });

      it("finds a message that never came, and sends it once", async () => {
        const dynamodb = new DynamoDBClient(laptop.client);
        // The range has this message only.
        await laptop.advance(660);
        const said = await fetch(`${laptop.endpoints.slack}/say`, postOf({ user: "U0001", channel: "C0002", text: "unheard" }));
        const { ts } = (await said.json()) as { ts: string };
        const isKnown = async () => (await dynamodb.send(new GetItemCommand(markerOf(ts)))).Item?.["pending"] === undefined;
        await laptop.settles(async () => (await dynamodb.send(new GetItemCommand(markerOf(ts)))).Item !== undefined && isKnown());
        // As if Slack had never sent it.
        await dynamodb.send(new DeleteItemCommand(markerOf(ts)));

        expect((await gaps("--channel", "C0002")).found?.missing).to.deep.equal([{ ts, user: "U0001" }]);
        expect((await gaps("--channel", "C0002", "--fetch")).found).to.deep.include({ sent: 1, left: [] });

        expect((await gaps("--channel", "C0002")).found).to.deep.include({ missing: [] });
      });

      it("reads a private conversation only if allowed", async () => {
        const { exitCode, stderr } = await gaps("--channel", "G0001");
        expect([exitCode, stderr]).to.deep.equal([64, '--channel "G0001" is private, so its messages are read only with --private.']);
      });
    });
  });

export { describeDeadLetters };
