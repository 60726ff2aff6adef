import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { ListExecutionsCommand, SFNClient } from "@aws-sdk/client-sfn";
import type { Kill } from "@slack-fanout/laptop-cloud/kernel/weather";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { listKills } from "./kills";
import { LaptopProcess, postOf } from "./laptop-process";

/**
 * Kills each function of the archive, of payroll, of onboarding and of notices before its first AWS call and after each one that changes
 * something, then checks that everything exists once: the objects, one execution, one post in Slack.
 *
 * The calls come from an undisturbed run, so a call that is added later is killed too.
 */

interface Call {
  id: string;
  function: string | null;
  invocation: string;
  operation: string;
}

interface SlackMessage {
  text: string;
  thread_ts?: string;
  ts: string;
}

/** One run of a pipeline: how it starts, and how many posts report it in the end. */
interface Scene {
  name: string;
  /** Starts the run. Returns the name in its posts, and the message in whose thread they are, if there is one. */
  begin(label: string): Promise<{ part: string; threadTs?: string }>;
  /** What happens once it is reported. */
  end?(threadTs: string): Promise<void>;
  verify(label: string): Promise<void>;
  /** Whether two functions run at the same time, and the slower one makes a call more. Its kill may miss, and is tried again. */
  isRace?: boolean;
}

/** Lambda's retries come after one minute and two; a hidden notice comes again after 90 s. */
const stepSeconds = 30;
const mostSteps = 12;

/** The notifier's calls for one notice: its turn, its claim, its receipt. */
const noticeCalls = 3;

/** With everything that pipelines can do. */
const settings = ["features=documents,payroll,onboarding", "deletedMessages=remove", "agent=off"].flatMap(setting => ["--config", setting]);

describe("kill points of pipelines", function () {
  this.timeout(600_000);

  let laptop: LaptopProcess;
  let s3: S3Client;
  let sfn: SFNClient;
  let dynamodb: DynamoDBClient;
  let told = 0;
  let archived: string[] = [];
  const rows: string[] = [];

  before(async () => {
    laptop = await (await LaptopProcess.create()).start(...settings);
    s3 = new S3Client(laptop.client);
    sfn = new SFNClient(laptop.client);
    dynamodb = new DynamoDBClient(laptop.client);
  });

  after(async () => {
    console.log(["", "    kill points of pipelines:", ...rows.map(row => `      ${row}`), ""].join("\n"));
    s3.destroy();
    sfn.destroy();
    dynamodb.destroy();
    await laptop.remove();
  });

  const output = (name: string) => laptop.endpoints.outputs[name] as string;
  const keysOf = async (bucket: string, Prefix: string) =>
    ((await s3.send(new ListObjectsV2Command({ Bucket: output(bucket), Prefix }))).Contents ?? []).map(({ Key }) => Key!);
  const runsOf = async (machine: string) =>
    (await sfn.send(new ListExecutionsCommand({ stateMachineArn: output(machine) }))).executions?.length ?? 0;

  const postsWith = async (part: string, threadTs?: string) => {
    const [method, place] = threadTs === undefined ? ["history", ""] : ["replies", `&ts=${threadTs}`];
    const response = await fetch(`${laptop.endpoints.slack}/api/conversations.${method}?channel=C0001&limit=500${place}`, {
      headers: { authorization: "Bearer xoxb-local-bot-token" },
    });
    const { messages = [] } = (await response.json()) as { messages?: SlackMessage[] };
    return messages.filter(({ text }) => text.includes(part)).length;
  };

  const scenes: Scene[] = [
    {
      name: "payroll",
      begin: async label => {
        const Body = "employee_id,name,hours,hourly_rate\nE1,Ann Lee,40,20\nE2,Bob,40,30\n";
        await s3.send(new PutObjectCommand({ Bucket: output("rawDataBucket"), Key: `${label}.csv`, Body }));
        return { part: `${label}.csv: 2 employees` };
      },
      verify: async label => {
        const keys = [...(await keysOf("paystubsBucket", `${label}/`)), ...(await keysOf("reportsBucket", `${label}/`))];
        expect(keys.sort()).to.deep.equal(["E1.pdf", "E2.pdf", "report.html", "report.json", "rollup.csv"].map(name => `${label}/${name}`));
        expect(await runsOf("payrollStateMachineArn")).to.equal(told);
      },
    },
    {
      name: "a bad payroll file",
      begin: async label => {
        const Body = "employee_id,name,hours,hourly_rate\nE1,Ann Lee,many,20\n";
        await s3.send(new PutObjectCommand({ Bucket: output("rawDataBucket"), Key: `${label}.csv`, Body }));
        return { part: `processData failed for the file ${label}.csv` };
      },
      verify: async label => {
        for (const bucket of ["processedDataBucket", "paystubsBucket", "reportsBucket"]) {
          expect(await keysOf(bucket, `${label}/`)).to.deep.equal([]);
        }
      },
    },
    {
      name: "a picture, whose message is deleted afterwards",
      begin: async label => {
        archived = await keysOf("archiveBucket", "");
        const response = await fetch(`${laptop.endpoints.slack}/say`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({
            user: "U0001",
            channel: "C0001",
            text: `lunch #${label}`,
            files: [{ name: `${label}.png`, mimetype: "image/png", base64: "AAAA" }],
          }),
        });
        const { ts } = (await response.json()) as { ts: string };
        return { part: `The file ${label}.png is archived`, threadTs: ts };
      },
      end: async ts => {
        const response = await fetch(`${laptop.endpoints.slack}/delete`, postOf({ user: "U0001", channel: "C0001", ts }));
        expect(response.status).to.equal(200);
      },
      verify: async label => {
        expect(await keysOf("archiveBucket", "")).to.deep.equal(archived);
        const { Items = [] } = await dynamodb.send(new ScanCommand({ TableName: output("filesTable"), ConsistentRead: true }));
        expect(Items.filter(({ name }) => name?.S === `${label}.png`)).to.deep.equal([]);
      },
    },
    {
      name: "a new person",
      // Only the subscriber that opens the last account starts the pipeline.
      isRace: true,
      begin: async label => {
        await fetch(`${laptop.endpoints.slack}/join`, postOf({ name: label }));
        return { part: `${label} is set up as a member` };
      },
      verify: async label => {
        const { Items = [] } = await dynamodb.send(new ScanCommand({ TableName: output("accountsTable"), ConsistentRead: true }));
        const accounts = Items.filter(({ name }) => name?.S === label).map(({ system, access }) => `${system?.S}: ${access?.S}`);
        expect(accounts.sort()).to.deep.equal(["directory: staff pages", "helpdesk: all tickets"]);
        const people = new Set(Items.map(({ person }) => person?.S));
        expect(await runsOf("onboardingStateMachineArn")).to.equal(people.size);
        expect(await postsWith(`${label} joined the team`)).to.equal(1);
      },
    },
  ];

  const run = async (scene: Scene, kill?: Kill, triesLeft = 8): Promise<void> => {
    told += 1;
    const label = `k${told}`;
    await laptop.control("weather", kill === undefined ? {} : { kill });
    const { part, threadTs } = await scene.begin(label);
    for (let step = 0; step < mostSteps; step += 1) {
      // The waits grow, since a busy machine needs longer from one function to the next; most need no more than a moment.
      const patienceMs = kill === undefined ? 20_000 : 500 * (step + 1);
      const isTold = await eventually(() => postsWith(part, threadTs), patienceMs).catch(() => false);
      if (isTold) break;
      await laptop.rest();
      await laptop.advance(stepSeconds);
    }
    await scene.end?.(threadTs!);
    const hasStruck = async () => ((await laptop.control("weather")) as { kill: unknown }).kill === null;
    if (kill !== undefined && !(scene.isRace === true ? await hasStruck() : await eventually(hasStruck))) {
      expect(triesLeft, `the other function was faster than ${kill.function} each time`).to.be.above(0);
      return run(scene, kill, triesLeft - 1);
    }
    // Anything that could post a second time happens now: retries, and hidden messages.
    for (let step = 0; kill !== undefined && step < 4; step += 1) await laptop.advance(stepSeconds);
    await eventually(() => scene.verify(label).then(() => true));
    expect(await postsWith(part, threadTs), `posts of ${label}`).to.equal(1);
  };

  /** The operations of the invocation of each function that has made the most calls since. */
  const listOperations = async (before: Set<string>): Promise<Map<string, string[]>> => {
    const made = ((await laptop.control("calls")) as Call[]).filter(({ id }) => !before.has(id));
    const longest = new Map<string, string[]>();
    for (const { function: name, invocation } of made) {
      if (name === null || /^(relay|events|multiplier|leaderboard|logger)$/.test(name)) continue;
      const inOne = made.filter(call => call.invocation === invocation).map(({ operation }) => operation);
      // An alarm's notice in the same batch adds calls that no other run may have.
      const operations = name === "notifier" ? inOne.slice(0, noticeCalls) : inOne;
      if (operations.length > (longest.get(name)?.length ?? 0)) longest.set(name, operations);
    }
    return longest;
  };

  for (const scene of scenes) {
    it(`${scene.name}: has every result, and is reported once`, async () => {
      const before = new Set(((await laptop.control("calls")) as Call[]).map(({ id }) => id));
      await run(scene);
      // The post is visible before its receipt is stored.
      const byFunction = await eventually(async () => {
        const found = await listOperations(before);
        return found.get("notifier")?.length === noticeCalls && found;
      });

      for (const [name, operations] of byFunction) {
        const kills = listKills(operations);
        for (const kill of kills) await run(scene, { function: name, ...kill });
        rows.push(`${scene.name}: ${name}, ${operations.join(", ")}: ${kills.length} kills`);
      }
    });
  }
});
