/**
 * Compares claims with a plain handler: how many calls each API action makes, how many of them run one after another, and how long it takes
 * in a warm process.
 *
 * `node -C slack-fanout-source -r ./bin/load-typescript.cjs bench/dibs.ts`. The plain handler looks the token up and appends to a list, with the SDK and nothing else. Both
 * use the same DynamoDB (the laptop cloud's, or the one at DYNAMODB_ENDPOINT) in turns.
 */
import { type DynamoDBClient, GetItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { Deadline } from "#core/deadline";
import { describeToken, hashToken } from "#core/dibs/api-token";
import { createLog } from "#core/log";
import { Api, type ApiRequest } from "#functions/api";
import { Dibs } from "#functions/dibs/dibs";
import { ApiTokensTable } from "#stores/dibs/api-tokens-table";
import { DibsTable } from "#stores/dibs/dibs-table";
import { DibsHistoryTable } from "#stores/dibs/history-table";
import { createDibsTables } from "../test/dibs-tables";
import { median } from "./median";

const team = "T0001";
const token = `sf_${"a".repeat(40)}`;
const runs = 300;
const atOnce = 100;
const isWrite = (call: string) => /^(Put|Update|Delete|Transact)/.test(call);

/** Counts calls, and the longest chain of sequential calls. */
class Meter {
  calls: string[] = [];
  depth = 0;

  async call<T>(name: string, work: () => Promise<T>): Promise<T> {
    const level = this.depth + 1;
    this.calls.push(name.replace(/Command$/, ""));
    const answer = await work();
    this.depth = Math.max(this.depth, level);
    return answer;
  }

  wrap(client: DynamoDBClient): DynamoDBClient {
    const send = (command: { constructor: { name: string } }, options: object) =>
      this.call(command.constructor.name, () => client.send(command as never, options));
    return { send, config: client.config } as unknown as DynamoDBClient;
  }
}

const main = async () => {
  const { client, names, stop } = await createDibsTables();
  const meter = new Meter();
  const metered = meter.wrap(client);
  const log = createLog("bench", {});
  const tokens = new ApiTokensTable(metered, names.tokens);
  const dibs = new Dibs({
    queues: new DibsTable(metered, names.dibs),
    history: new DibsHistoryTable(metered, names.history),
    schedules: { create: () => meter.call("CreateSchedule", async () => {}) },
    notices: { publish: () => meter.call("Publish", async () => {}) },
    log,
  });
  const api = new Api({ dibs, tokens, settings: { dibsDefault: 3600, teamId: team }, log });
  await tokens.put(describeToken(token, team, "U0001", Date.now()), new Deadline(5000));

  const ask = async (method: string, address: string, body?: object) => {
    const [path, rawQueryString = ""] = address.split("?");
    const request: ApiRequest = {
      rawPath: `/api${path}`,
      rawQueryString,
      requestContext: { http: { method } },
      headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    };
    const response = await api.handle(request);
    return response.body === "" ? {} : (JSON.parse(response.body) as Record<string, string>);
  };
  const claim = (name: string, owner = "ci") => ask("POST", `/resources/${name}/claims`, { owner });
  const plain = async (name: string) => {
    await client.send(new GetItemCommand({ TableName: names.tokens, Key: { hash: { S: hashToken(token) } }, ConsistentRead: true }));
    await client.send(
      new UpdateItemCommand({
        TableName: names.dibs,
        Key: { team: { S: team }, name: { S: name } },
        UpdateExpression: "SET claims = list_append(if_not_exists(claims, :none), :claim)",
        ExpressionAttributeValues: { ":none": { L: [] }, ":claim": { L: [{ S: "{}" }] } },
      }),
    );
  };

  const measure = async <T>(title: string, work: () => Promise<T>): Promise<T> => {
    meter.calls = [];
    meter.depth = 0;
    const result = await work();
    console.log(`${title.padEnd(34)} ${meter.depth} deep   ${meter.calls.join(", ")}`);
    return result;
  };
  try {
    // The token's last use is written once a minute, so not during the measurement.
    await ask("GET", "/resources");
    const first = await measure("claim something free", () => claim("x"));
    const second = await measure("claim, and wait", () => claim("x", "U0002"));
    await measure("how does it stand", () => ask("GET", `/claims/${second["claimId"]}`));
    await measure("heartbeat", () => ask("PUT", `/claims/${first["claimId"]}/heartbeat`));
    await measure("release, and tell the next", () => ask("DELETE", `/claims/${first["claimId"]}?leaseId=${first["leaseId"]}`));

    const times = { claim: [] as number[], plain: [] as number[] };
    for (let run = 0; run < runs; run += 1) {
      const startMs = performance.now();
      await claim(`warm-${run}`, "ci");
      times.claim.push(performance.now() - startMs);
      const plainMs = performance.now();
      await plain(`plain-${run}`);
      times.plain.push(performance.now() - plainMs);
    }
    const [ours, theirs] = [median(times.claim), median(times.plain)];
    console.log(
      `\nwarm, median of ${runs}: claim ${ours.toFixed(2)} ms, plain handler ${theirs.toFixed(2)} ms (x${(ours / theirs).toFixed(2)})`,
    );

    meter.calls = [];
    const startMs = performance.now();
    const answers = await Promise.all(Array.from({ length: atOnce }, (_, index) => claim("crowd", `ci ${index}`)));
    const holders = answers.filter(({ status }) => status === "holding").length;
    const positions = new Set(answers.map(({ position }) => position));
    console.log(
      `${atOnce} at once: ${meter.calls.filter(isWrite).length} writes, ${holders} holder, ${positions.size - 1} different positions, ${(performance.now() - startMs).toFixed(0)} ms`,
    );
  } finally {
    await stop();
  }
};

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
