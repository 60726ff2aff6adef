import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { ListExecutionsCommand, SFNClient } from "@aws-sdk/client-sfn";
import type { Kill } from "@slack-fanout/laptop-cloud/kernel/weather";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { EVER } from "#core/message/count-keys";
import { type LaptopProcess, postOf, untilTaken } from "./laptop-process";
import { Tables } from "./tables";

/** Throws as long as an effect is missing, or if one has happened twice. */
type Check = () => Promise<void>;

/** Called before the first call that may be killed, with kills that belong to the scene. */
type Arm = (...own: Kill[]) => Promise<unknown>;

interface SlackMessage {
  text: string;
}

/** What was said, with its final counts: one, plus ten from the multiplier. */
interface Said {
  words: string[];
  /** What an edit replaces. */
  replaced?: string[];
  timestamp: string;
  isAnswered?: boolean;
}

/** Two transactions of the door and of the multiplier. */
const editedWords = 110;

/** The board of the person who says everything. The leaderboard adds to it last. */
const ownBoards = "@U0001.000000#";

const numbered = (label: string, count: number) => Array.from({ length: count }, (_, index) => `${label}w${index}`);

/** Everything that the program does because of a message, a file or a person. Each method begins it once. */
class Scenes {
  readonly #tables: Tables;
  readonly #s3: S3Client;
  readonly #sfn: SFNClient;
  readonly #dynamodb: DynamoDBClient;
  #told = 0;
  #payrolls = 0;

  constructor(private readonly laptop: LaptopProcess) {
    this.#tables = new Tables(laptop);
    this.#s3 = new S3Client(laptop.client);
    this.#sfn = new SFNClient(laptop.client);
    this.#dynamodb = new DynamoDBClient(laptop.client);
  }

  stop() {
    for (const client of [this.#s3, this.#sfn, this.#dynamodb]) client.destroy();
  }

  /** A message whose counts are posted. */
  readonly answer = async (label: string, arm: Arm): Promise<Check> => {
    const [timestamp, words] = [await this.#nextTimestamp(), numbered(label, 3)];
    await arm();
    await eventually(async () => (await this.#ask(words, timestamp)).status === 200);
    return () => this.#balance({ words, timestamp, isAnswered: true });
  };

  /** A message that its door counted, and then left to the relay, because Slack never retried. */
  readonly relay = async (label: string, arm: Arm): Promise<Check> => {
    const [timestamp, words] = [await this.#nextTimestamp(), numbered(label, 3)];
    await arm({ function: "events", call: 1, when: "after" });
    expect((await this.#ask(words, timestamp)).status).not.to.equal(200);
    return () => this.#balance({ words, timestamp, isAnswered: true });
  };

  readonly edit = async (label: string, arm: Arm): Promise<Check> => {
    const timestamp = await this.#nextTimestamp();
    const [replaced, words] = [numbered(`#${label}old`, 3), numbered(`#${label}`, editedWords)];
    await untilTaken(() => this.laptop.event({ text: replaced.join(" "), ts: timestamp }, `EvOld${timestamp}`));
    await this.laptop.settles(() => this.#balance({ words: replaced, timestamp }).then(() => true));
    await arm();
    const seconds = Number(timestamp.split(".")[0]) + 1;
    const edited = { user: "U0001", ts: `${seconds}.000000` };
    const message = { type: "message", user: "U0001", text: words.join(" "), ts: timestamp, edited };
    const event = { subtype: "message_changed", user: undefined, message, ts: `${seconds}.000900`, event_ts: `${seconds}.000900` };
    await eventually(async () => (await this.laptop.event(event, `EvEdit${timestamp}`)).status === 200);
    return () => this.#balance({ words, replaced, timestamp });
  };

  readonly payroll = async (label: string, arm: Arm): Promise<Check> => {
    await arm();
    const Body = "employee_id,name,hours,hourly_rate\nE1,Ann Lee,40,20\nE2,Bob,40,30\n";
    await this.#s3.send(new PutObjectCommand({ Bucket: this.#output("rawDataBucket"), Key: `${label}.csv`, Body }));
    this.#payrolls += 1;
    return async () => {
      expect(await this.#postsWith(`${label}.csv: 2 employees`)).to.equal(1);
      const keys = [...(await this.#keysOf("paystubsBucket", `${label}/`)), ...(await this.#keysOf("reportsBucket", `${label}/`))];
      expect(keys.sort()).to.deep.equal(["E1.pdf", "E2.pdf", "report.html", "report.json", "rollup.csv"].map(name => `${label}/${name}`));
      expect(await this.#runsOf("payrollStateMachineArn")).to.equal(this.#payrolls);
    };
  };

  /** A picture, whose message is deleted once it is archived. */
  readonly picture = async (label: string, arm: Arm): Promise<Check> => {
    await arm();
    const name = `${label}.png`;
    const files = [{ name, mimetype: "image/png", base64: "AAAA" }];
    const message = { user: "U0001", channel: "C0001" };
    const said = await fetch(`${this.laptop.endpoints.slack}/say`, postOf({ ...message, text: `lunch #${label}`, files }));
    const { ts } = (await said.json()) as { ts: string };
    const isReported = async () => (await this.#postsWith(`The file ${name} is archived`, ts)) === 1;
    await this.laptop.settles(isReported);
    expect((await fetch(`${this.laptop.endpoints.slack}/delete`, postOf({ ...message, ts }))).status).to.equal(200);
    return async () => {
      expect(await this.#keysOf("archiveBucket", "")).to.deep.equal([]);
      const { Items = [] } = await this.#dynamodb.send(new ScanCommand({ TableName: this.#output("filesTable"), ConsistentRead: true }));
      expect(Items.filter(item => item["name"]?.S === name)).to.deep.equal([]);
      expect(await isReported()).to.equal(true);
    };
  };

  readonly person = async (label: string, arm: Arm): Promise<Check> => {
    await arm();
    await fetch(`${this.laptop.endpoints.slack}/join`, postOf({ name: label }));
    return async () => {
      for (const part of [`${label} is set up as a member`, `${label} joined the team`]) expect(await this.#postsWith(part)).to.equal(1);
      const { Items = [] } = await this.#dynamodb.send(new ScanCommand({ TableName: this.#output("accountsTable"), ConsistentRead: true }));
      const accounts = Items.filter(({ name }) => name?.S === label).map(({ system, access }) => `${system?.S}: ${access?.S}`);
      expect(accounts.sort()).to.deep.equal(["directory: staff pages", "helpdesk: all tickets"]);
      const people = new Set(Items.map(({ person }) => person?.S));
      expect(await this.#runsOf("onboardingStateMachineArn")).to.equal(people.size);
    };
  };

  /** The cloud's time, so that a message is on today's board. */
  async #nextTimestamp() {
    this.#told += 1;
    return `${Math.floor((await this.laptop.nowMs()) / 1000)}.${String(this.#told).padStart(6, "0")}`;
  }

  #ask(words: string[], timestamp: string) {
    return this.laptop.event({ text: ["awsadvent", ...words].join(" "), ts: timestamp }, `Ev${timestamp}`);
  }

  async #balance({ words, replaced = [], timestamp, isAnswered = false }: Said): Promise<void> {
    // Most checks come too early. Reading the last effect first makes them fail after one read.
    if (isAnswered) expect(await this.#postsWith(words.map(word => `\`${word}\` = 1`).join("\n"))).to.equal(1);
    const day = new Date(Number(timestamp) * 1000).toISOString().slice(0, 10);
    await this.#expectCounts(words, 1, day);
    expect(await this.#tables.distinctLevels(words)).to.deep.equal([1]);
    if (replaced.length > 0) await this.#expectCounts(replaced, 0, day);
    expect(await this.#tables.pending()).to.deep.equal([]);
  }

  async #expectCounts(tokens: string[], times: number, day: string) {
    expect(await this.#tables.boardCounts(tokens, EVER, ownBoards)).to.deep.equal([11 * times]);
    expect(await this.#tables.distinctCounts(tokens)).to.deep.equal([11 * times]);
    expect(await this.#tables.boardCounts(tokens, day)).to.deep.equal([times]);
  }

  async #postsWith(part: string, threadTs?: string) {
    const [method, place] = threadTs === undefined ? ["history", ""] : ["replies", `&ts=${threadTs}`];
    const response = await fetch(`${this.laptop.endpoints.slack}/api/conversations.${method}?channel=C0001&limit=500${place}`, {
      headers: { authorization: "Bearer xoxb-local-bot-token" },
    });
    const { messages = [] } = (await response.json()) as { messages?: SlackMessage[] };
    return messages.filter(({ text }) => text.includes(part)).length;
  }

  #output(name: string) {
    return this.laptop.endpoints.outputs[name] as string;
  }

  async #keysOf(bucket: string, Prefix: string) {
    const { Contents = [] } = await this.#s3.send(new ListObjectsV2Command({ Bucket: this.#output(bucket), Prefix }));
    return Contents.map(({ Key }) => Key!);
  }

  async #runsOf(machine: string) {
    const { executions = [] } = await this.#sfn.send(new ListExecutionsCommand({ stateMachineArn: this.#output(machine) }));
    return executions.length;
  }
}

export type { Check };
export { Scenes };
