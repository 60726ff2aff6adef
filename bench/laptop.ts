/**
 * Compares the laptop cloud with another AWS emulator: the same work with the same stock clients over HTTP, alternating.
 *
 * `node -C slack-fanout-source -r ./bin/load-typescript.cjs bench/laptop.ts`, with AWS_REFERENCE_ENDPOINT naming the other one (MiniStack: `ministack`, then
 * http://127.0.0.1:4566); without it only the laptop cloud's own figures are printed. Each measure is taken in rounds, the two in turns;
 * the median round counts. Keep in mind that the laptop cloud writes everything to disk before it answers and checks each
 * call against the caller's role.
 *
 * Then 300 messages come to the program's outgoing webhook, 30 at once: how long the answers take, and how long it takes until all subscribers
 * have handled all messages.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomInt, randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateTableCommand,
  DeleteTableCommand,
  DynamoDBClient,
  GetItemCommand,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand, DeleteObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateTopicCommand, DeleteTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { median } from "./median";

/** One thing to measure on one endpoint. */
interface Measure {
  name: string;
  /** How many run at once. */
  atOnce: number;
  once(): Promise<unknown>;
}

const rounds = 5;
const roundMs = 1000;
const objectBytes = 64 * 1024;
const burstMessages = 300;
const burstAtOnce = 30;
/** Enough for a fresh checkout on a slow machine. */
const readyLimitMs = 60_000;

const root = join(__dirname, "..");

/** Creates the resources that the measurements need. `remove` deletes them. */
const createMeasures = async (endpoint: string): Promise<{ measures: Measure[]; remove(): Promise<void> }> => {
  const configuration = { endpoint, region: "us-east-1", credentials: { accessKeyId: "test", secretAccessKey: "test" } };
  const [dynamodb, sqs, sns] = [new DynamoDBClient(configuration), new SQSClient(configuration), new SNSClient(configuration)];
  const s3 = new S3Client({ ...configuration, forcePathStyle: true });
  const name = `bench-${randomUUID()}`;

  await dynamodb.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    }),
  );
  const [{ QueueUrl: plain }, { QueueUrl: subscribed }] = await Promise.all([
    sqs.send(new CreateQueueCommand({ QueueName: `${name}-plain` })),
    sqs.send(new CreateQueueCommand({ QueueName: `${name}-subscribed` })),
  ]);
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: subscribed, AttributeNames: ["QueueArn"] }));
  const queueArn = Attributes!["QueueArn"]!;
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: name }));
  const statement = { Effect: "Allow", Principal: { Service: "sns.amazonaws.com" }, Action: "sqs:SendMessage", Resource: queueArn };
  const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl: subscribed, Attributes: { Policy } }));
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint: queueArn }));
  await s3.send(new CreateBucketCommand({ Bucket: name }));

  const receive = async (QueueUrl: string | undefined) => {
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
    if (Messages?.[0] === undefined) throw new Error(`Nothing came to ${QueueUrl}.`);
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: Messages[0].ReceiptHandle }));
  };
  const Body = Buffer.alloc(objectBytes, "x");
  const measures: Measure[] = [
    {
      name: "DynamoDB: a transaction of two writes",
      atOnce: 32,
      once: () =>
        dynamodb.send(
          new TransactWriteItemsCommand({
            TransactItems: [
              { Put: { TableName: name, Item: { id: { S: randomUUID() } }, ConditionExpression: "attribute_not_exists(id)" } },
              {
                Update: {
                  TableName: name,
                  Key: { id: { S: String(randomInt(1000)) } },
                  UpdateExpression: "ADD n :one",
                  ExpressionAttributeValues: { ":one": { N: "1" } },
                },
              },
            ],
          }),
        ),
    },
    {
      name: "SQS: send, receive, delete",
      atOnce: 8,
      once: async () => {
        await sqs.send(new SendMessageCommand({ QueueUrl: plain, MessageBody: "hello" }));
        await receive(plain);
      },
    },
    {
      name: "SNS: publish until it is received from a queue",
      atOnce: 1,
      once: async () => {
        await sns.send(new PublishCommand({ TopicArn, Message: "hello" }));
        await receive(subscribed);
      },
    },
    {
      name: "S3: put and get 64 KB",
      atOnce: 8,
      once: async () => {
        const Key = String(randomInt(100));
        await s3.send(new PutObjectCommand({ Bucket: name, Key, Body }));
        const { Body: read } = await s3.send(new GetObjectCommand({ Bucket: name, Key }));
        await read!.transformToByteArray();
      },
    },
  ];
  const remove = async () => {
    await dynamodb.send(new DeleteTableCommand({ TableName: name }));
    for (const QueueUrl of [plain, subscribed]) await sqs.send(new DeleteQueueCommand({ QueueUrl }));
    await sns.send(new DeleteTopicCommand({ TopicArn }));
    await Promise.all(Array.from({ length: 100 }, (_, key) => s3.send(new DeleteObjectCommand({ Bucket: name, Key: String(key) }))));
  };
  return { measures, remove };
};

/** Returns how often the work was done per second. */
const runRound = async ({ atOnce, once }: Measure): Promise<number> => {
  const startedMs = performance.now();
  let done = 0;
  const work = async () => {
    while (performance.now() - startedMs < roundMs) {
      await once();
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return (done * 1000) / (performance.now() - startedMs);
};

/** What a laptop cloud writes when it is ready. */
interface Endpoints {
  aws: string;
  outputs: { webhookUrl: string; wordsTable: string };
}

/** Sends the burst of messages. Each says the same word, which counts 1, and 10 more when the multiplier has handled it. */
const runBurst = async ({ aws, outputs }: Endpoints): Promise<void> => {
  const startedMs = performance.now();
  const durations: number[] = [];
  let sent = 0;
  let failed = 0;
  const send = async () => {
    while (sent < burstMessages) {
      const sentMs = performance.now();
      const said = {
        text: "awsadvent burst",
        trigger_word: "awsadvent",
        timestamp: `${Math.floor(Date.now() / 1000)}.${String(sent++).padStart(6, "0")}`,
      };
      const place = { team_id: "T0001", channel_id: "C0001", channel_name: "general", user_id: "U0001" };
      const body = new URLSearchParams({ token: "local-verification-token", ...place, ...said });
      const response = await fetch(outputs.webhookUrl, { method: "POST", body });
      if (!response.ok) failed += 1;
      await response.text();
      durations.push(performance.now() - sentMs);
    }
  };
  await Promise.all(Array.from({ length: burstAtOnce }, send));
  const answeredMs = performance.now() - startedMs;
  const dynamodb = new DynamoDBClient({
    endpoint: aws,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  const count = async () => {
    const { Item } = await dynamodb.send(new GetItemCommand({ TableName: outputs.wordsTable, Key: { word: { S: "burst" } } }));
    return Number(Item?.["count"]?.N ?? 0);
  };
  while ((await count()) < (burstMessages - failed) * 11) await sleep(100);
  const doneMs = performance.now() - startedMs;
  const ordered = durations.sort((one, other) => one - other);
  const percentile = (share: number) => `${ordered[Math.ceil(ordered.length * share) - 1]!.toFixed(0)} ms`;
  console.log(
    `\n${burstMessages} messages, ${burstAtOnce} at once: ${((burstMessages * 1000) / answeredMs).toFixed(0)} a second, p50 ${percentile(0.5)}, p99 ${percentile(0.99)}, ${failed} failed; all were multiplied after ${(doneMs / 1000).toFixed(1)} s.`,
  );
};

const startLaptop = async (): Promise<{ endpoints: Endpoints; readyMs: number; end(): Promise<void> }> => {
  const directory = await mkdtemp(join(tmpdir(), "slack-fanout-bench-"));
  const startedMs = performance.now();
  const child: ChildProcess = spawn(
    process.execPath,
    ["-C", "slack-fanout-source", "-r", "./bin/load-typescript.cjs", "laptop.ts", "--logs", "off"],
    {
      cwd: root,
      env: { ...process.env, PORT: "0", AWS_PORT: "0", LOCAL_DIR: directory },
      stdio: ["ignore", "ignore", "inherit"],
    },
  );
  const ended = once(child, "exit");
  const file = join(directory, "endpoints.json");
  while (!existsSync(file)) {
    if (child.exitCode !== null) throw new Error(`The laptop cloud ended with ${child.exitCode}.`);
    if (performance.now() - startedMs > readyLimitMs) throw new Error("The laptop cloud does not get ready.");
    await sleep(10);
  }
  const readyMs = performance.now() - startedMs;
  const endpoints = JSON.parse(readFileSync(file, "utf8")) as Endpoints;
  const end = async () => {
    child.kill("SIGTERM");
    await ended;
    await rm(directory, { recursive: true });
  };
  return { endpoints, readyMs, end };
};

const main = async () => {
  const laptop = await startLaptop();
  console.log(`npm start was ready after ${(laptop.readyMs / 1000).toFixed(1)} s, with the whole program deployed in it.\n`);
  const ours = await createMeasures(laptop.endpoints.aws);
  const reference = process.env["AWS_REFERENCE_ENDPOINT"];
  const theirs = reference ? await createMeasures(reference) : undefined;
  console.log(`${"".padEnd(48)} ${"laptop/s".padStart(9)} ${theirs ? `${"reference/s".padStart(12)} ${"ratio".padStart(6)}` : ""}`);
  for (const [index, measure] of ours.measures.entries()) {
    const other = theirs?.measures[index];
    const [rates, otherRates]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      rates.push(await runRound(measure));
      if (other !== undefined) otherRates.push(await runRound(other));
    }
    const rate = median(rates);
    const compared =
      other === undefined ? "" : `${median(otherRates).toFixed(0).padStart(12)} ${(rate / median(otherRates)).toFixed(2).padStart(6)}`;
    console.log(`${measure.name.padEnd(48)} ${rate.toFixed(0).padStart(9)} ${compared}`);
  }
  await theirs?.remove();
  await runBurst(laptop.endpoints);
  await laptop.end();
};

void main();
