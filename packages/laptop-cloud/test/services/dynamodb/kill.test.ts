import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient, type DynamoDBClientConfig, QueryCommand, ScanCommand, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import { startKillableCloud } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";

describe("dynamodb after kill -9", () => {
  let directory: string;
  let kill = async () => {};

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "slack-fanout-test-"));
  });
  afterEach(async () => {
    await kill();
    await rm(directory, { recursive: true, force: true });
  });

  const start = async () => {
    const cloud = await startKillableCloud<DynamoDBClientConfig>(join(__dirname, "killable-cloud.ts"), { args: [directory] });
    kill = cloud.kill;
    return new DynamoDBClient({ ...cloud.started, maxAttempts: 1 });
  };

  /** Adds 1 to all of ten counters, and puts a marker of its own. */
  const addToAll = (client: DynamoDBClient, marker: string) =>
    client.send(
      new TransactWriteItemsCommand({
        ClientRequestToken: marker,
        TransactItems: [
          { Put: { TableName: "words", Item: { id: { S: marker }, kind: { S: "marker" } } } },
          ...Array.from({ length: 10 }, (_, index) => ({
            Update: {
              TableName: "words",
              Key: { id: { S: `counter-${index}` } },
              UpdateExpression: "ADD n :one SET kind = :kind",
              ExpressionAttributeValues: { ":one": { N: "1" }, ":kind": { S: "counter" } },
            },
          })),
        ],
      }),
    );

  it("never has partial, lost or repeated transactions", async () => {
    const answered = new Set<string>();
    const asked: string[] = [];
    for (let round = 0; round < 2; round += 1) {
      const client = await start();
      // Repeats the calls that were in progress at the last kill, as a client would.
      for (const marker of asked.filter(marker => !answered.has(marker))) await addToAll(client, marker).then(() => answered.add(marker));
      const markers = Array.from({ length: 40 }, (_, index) => `marker-${round}-${index}`);
      asked.push(...markers);
      let answers = 0;
      const calls = markers.map(marker =>
        addToAll(client, marker).then(
          () => {
            answered.add(marker);
            answers += 1;
            // Kills the cloud while other calls are queued or being written.
            if (answers === 10) void kill();
          },
          () => undefined,
        ),
      );
      await Promise.all(calls);
      await kill();
      expect(answers).to.be.at.least(10);
    }

    const client = await start();
    const { Items = [] } = await client.send(new ScanCommand({ TableName: "words" }));
    const markers = Items.filter(({ kind }) => kind!.S === "marker").map(({ id }) => id!.S!);
    const counters = Items.filter(({ kind }) => kind!.S === "counter").map(({ n }) => Number(n!.N));
    expect(markers).to.include.members([...answered]);
    expect(counters).to.deep.equal(Array.from({ length: 10 }, () => markers.length));
    const index = await client.send(
      new QueryCommand({
        TableName: "words",
        IndexName: "byKind",
        KeyConditionExpression: "kind = :k",
        ExpressionAttributeValues: { ":k": { S: "counter" } },
      }),
    );
    expect(index.Items?.map(({ n }) => Number(n!.N))).to.deep.equal(counters);
  });
});
