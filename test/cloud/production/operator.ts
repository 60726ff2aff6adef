import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { CreateTableCommand, DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { DeleteObjectCommand, GetObjectCommand, ListObjectVersionsCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { PurgeQueueCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import type { Checked } from "../../../scripts/checklist";
import type { Finding } from "../../../scripts/doctor/finding";
import type { LaptopProcess } from "../laptop-process";
import { Tables } from "../tables";

/** The commands with which an operator finds out whether a stack works. */
const describeOperator = (laptop: LaptopProcess) =>
  describe("the operator's commands", () => {
    afterEach(() => laptop.control("weather", {}));

    describe("npm run smoke", () => {
      const smoke = async (...args: string[]) => {
        const { stdout, stderr, exitCode } = await laptop.operate("smoke", "--json", ...args);
        return { stderr, exitCode, checks: (JSON.parse(stdout) as { checks: Checked[] }).checks };
      };

      it("follows messages to their effects, and takes the counts back", async () => {
        const before = await new Tables(laptop).counts(["awsadvent"]);
        const { checks, stderr, exitCode } = await smoke();

        expect([exitCode, stderr], JSON.stringify(checks)).to.deep.equal([0, ""]);
        const passed = checks.filter(({ outcome }) => outcome === "passed").map(({ name }) => name);
        expect(passed).to.include.members(["challenge", "webhook", "event", "multiplier", "leaderboard", "logger", "turn", "payroll"]);
        expect(await new Tables(laptop).counts(["awsadvent"])).to.deep.equal(before);
      });

      it("fails if an effect is missing, and still takes the counts back", async () => {
        await laptop.control("weather", { kill: { function: "multiplier", call: 1, when: "before" } });
        const { checks, stderr, exitCode } = await smoke("--wait", "15");

        const outcomes = Object.fromEntries(checks.map(({ name, outcome }) => [name, outcome]));
        expect(outcomes).to.include({ webhook: "passed", multiplier: "failed", leaderboard: "passed", "taken back": "passed" });
        expect([exitCode, stderr]).to.deep.equal([1, `1 of ${checks.length} checks did not pass.`]);
      });
    });

    describe("npm run doctor", () => {
      const doctor = async () => {
        const { stdout, stderr, exitCode } = await laptop.operate("doctor", "--json");
        const { findings } = JSON.parse(stdout) as { findings: Finding[] };
        return { stderr, exitCode, findings, problems: findings.filter(({ state }) => state === "problem").map(({ seen }) => seen) };
      };

      const deadLettersUrl = () => laptop.endpoints.outputs["redrivables"].logger.deadLettersUrl as string;

      const untilAlarm = (name: string, state: "ALARM" | "OK") =>
        laptop.settles(async () => {
          const request = new DescribeAlarmsCommand({ AlarmNames: [name] });
          return (await new CloudWatchClient(laptop.client).send(request)).MetricAlarms?.[0]?.StateValue === state;
        });

      it("finds dead letters and their alarm, and nothing else", async () => {
        await new SQSClient(laptop.client).send(new SendMessageCommand({ QueueUrl: deadLettersUrl(), MessageBody: "{}" }));
        await untilAlarm("logger-dead-letters", "ALARM");
        // The alarm `relay-idle` is raised until the relay has run once.
        await untilAlarm("relay-idle", "OK");

        const { problems, exitCode } = await doctor();

        expect(exitCode).to.equal(1);
        expect(problems.map(seen => seen.replace(/\d+ events?/, "N events"))).to.deep.equal([
          "logger failed on N events.",
          "logger-dead-letters is in ALARM.",
        ]);
      });

      it("finds no problem once they are mended", async () => {
        const mails = (await (await fetch(laptop.endpoints.mail)).json()) as { links: string[] }[];
        for (const link of mails.flatMap(({ links }) => links)) await fetch(link);
        await new SQSClient(laptop.client).send(new PurgeQueueCommand({ QueueUrl: deadLettersUrl() }));
        await untilAlarm("logger-dead-letters", "OK");

        const { problems, findings, exitCode, stderr } = await doctor();

        expect([problems, exitCode, stderr]).to.deep.equal([[], 0, ""]);
        expect(findings.map(({ about }) => about)).to.include.members([
          "route webhook",
          "signature",
          "Slack scopes",
          "quotas",
          "permissions",
        ]);
      });
    });

    describe("backups of production", () => {
      it("bring back rows that were lost, by npm run restore", async () => {
        const dynamodb = new DynamoDBClient(laptop.client);
        const table = laptop.endpoints.outputs["wordsTable"] as string;
        // AWS restores into a table of another name, with the same key.
        const restored = `words-restored-${Date.now()}`;
        await dynamodb.send(
          new CreateTableCommand({
            TableName: restored,
            BillingMode: "PAY_PER_REQUEST",
            AttributeDefinitions: [{ AttributeName: "word", AttributeType: "S" }],
            KeySchema: [{ AttributeName: "word", KeyType: "HASH" }],
          }),
        );
        const words = Array.from({ length: 30 }, (_, index) => `lost${index}`);
        for (const word of words)
          await dynamodb.send(new PutItemCommand({ TableName: restored, Item: { word: { S: word }, count: { N: "7" } } }));

        const dryRun = await laptop.operate("restore", restored, table, "--dry-run");
        expect(dryRun.stdout).to.equal(`30 rows of ${restored} would be copied into words.`);
        expect(await new Tables(laptop).distinctCounts(words)).to.deep.equal([0]);
        const { stdout, exitCode } = await laptop.operate("restore", restored, table);

        expect([stdout, exitCode]).to.deep.equal([`30 rows of ${restored} copied into words.`, 0]);
        expect(await new Tables(laptop).distinctCounts(words)).to.deep.equal([7]);
        const wrong = await laptop.operate("restore", restored, laptop.endpoints.outputs["boardsTable"]);
        expect([wrong.stderr, wrong.exitCode]).to.deep.equal([
          `${restored} has the key word (HASH), but boards has board (HASH), token (RANGE).`,
          64,
        ]);
      });

      it("bring back an object that was deleted, by removing the mark of its deletion", async () => {
        const s3 = new S3Client(laptop.client);
        const object = { Bucket: laptop.endpoints.outputs["archiveBucket"] as string, Key: "kept.txt" };
        await s3.send(new PutObjectCommand({ ...object, Body: "kept" }));
        await s3.send(new DeleteObjectCommand(object));

        const { DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: object.Bucket, Prefix: object.Key }));
        await s3.send(new DeleteObjectCommand({ ...object, VersionId: DeleteMarkers[0]?.VersionId }));

        expect(await (await s3.send(new GetObjectCommand(object))).Body?.transformToString()).to.equal("kept");
      });
    });
  });

export { describeOperator };
