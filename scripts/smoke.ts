/** `npm run smoke`: sends what Slack sends to a stack, and follows it to its effects. */
import { randomBytes } from "node:crypto";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { SFNClient } from "@aws-sdk/client-sfn";
import { WebClient } from "@slack/web-api";
import type { Split } from "#core/message/tokens";
import type { TeamSettings } from "#core/slack/team-settings";
import { InstallationsTable } from "#stores/slack/installations-table";
import { type Check, formatChecked, hasFailed, runChecks } from "./checklist";
import { defineScript, runScript, UsageError } from "./command-line";
import { readSecrets, SlackSender } from "./slack-sender";
import { Counters } from "./smoke/counters";
import { PaidPerson } from "./smoke/paid-person";
import { Said } from "./smoke/said";
import { Turn } from "./smoke/turn";
import { type OperatedStack, readStack } from "./stack-outputs";

/** Long enough for cold starts, and for Lambda's first retry after a minute. */
const DEFAULT_WAIT_SECONDS = 90;

/** A person and a conversation that no workspace has. */
const USER = "U0SMOKE";
const CHANNEL = "C0SMOKE";
const TEAM = "T0SMOKE";

interface SmokeOptions {
  /** The workspace, where the stack serves many. */
  team?: string | undefined;
  /** A conversation that the app is in; needed only where the app itself answers. */
  channel?: string | undefined;
  limitMs: number;
}

/** A workspace, and what it counts. */
type Workspace = { team: string } & Pick<TeamSettings, "triggerWords" | "split">;

/** Finds the workspace that speaks. Throws `UsageError` unless it is a workspace that this stack serves. */
const findWorkspace = async ({ outputs, client, readConfig }: OperatedStack, named: string | undefined): Promise<Workspace> => {
  const config = readConfig();
  const triggerWords = JSON.parse(config["triggerWords"] ?? '["awsadvent"]') as string[];
  const settings = { triggerWords, split: (config["split"] ?? "words") as Split };
  if (outputs.installationsTable === undefined) {
    const team = config["slackTeamId"] ?? TEAM;
    if (named !== undefined && named !== team)
      throw new UsageError(`--team is ${JSON.stringify(named)}, but must be left out, or be ${team}: this stack serves one workspace.`);
    return { team, ...settings };
  }
  const installations = new InstallationsTable(new DynamoDBClient(client), outputs.installationsTable);
  const { status } = (named === undefined ? undefined : await installations.getForTeam(named)) ?? {};
  if (named === undefined || status === undefined || status === "uninstalled")
    throw new UsageError(`--team is ${JSON.stringify(named ?? "")}, but must be a workspace that has the app: this stack serves many.`);
  const { settings: chosen = "{}" } = (await installations.get(named)) ?? {};
  return { team: named, ...settings, ...(JSON.parse(chosen) as Partial<TeamSettings>) };
};

/** Lists the checks of a stack. Throws if it has no signing secret yet. */
const listChecks = async (stack: OperatedStack, { team: named, channel: realChannel, limitMs }: SmokeOptions): Promise<Check[]> => {
  const { outputs, client, slackApiUrl } = stack;
  const config = stack.readConfig();
  const secrets = readSecrets(config);
  const { wordsTable, boardsTable, keyLayout } = outputs;
  if (!wordsTable || !boardsTable || !keyLayout) throw new Error("The stack is of an earlier release: run pulumi up.");
  if (!secrets.signing) throw new Error("slackSigningSecret is not set, so the doors refuse every request. Set it, then run pulumi up.");
  const word = `smoke${randomBytes(5).toString("hex")}`;
  const { team, triggerWords, split } = await findWorkspace(stack, named);
  const isMany = outputs.installationsTable !== undefined;
  // The bot tokens of many workspaces are encrypted, so their answers could not be looked for.
  const needsChannel = outputs.webhookUrl === undefined && !isMany;
  const channel = (needsChannel ? (realChannel ?? config["notifyChannel"]) : undefined) ?? CHANNEL;
  const sender = new SlackSender(stack, secrets, { team, channel, user: USER, app: config["slackAppId"] });
  const token = config["slackBotToken"];
  const said = new Said({
    outputs,
    sender,
    counters: new Counters(new DynamoDBClient(client), { wordsTable, boardsTable, keyLayout }, { team, channel, user: USER }),
    lambda: new LambdaClient(client),
    logs: new CloudWatchLogsClient(client),
    slack: token === undefined || isMany ? undefined : new WebClient(token, { slackApiUrl }),
    word,
    trigger: triggerWords[0] ?? "",
    split,
    team,
    channel,
    isRealChannel: channel !== CHANNEL,
    nowMs: await stack.readNowMs(),
    limitMs,
  });
  const s3 = new S3Client({ ...client, forcePathStyle: client.endpoint !== undefined });
  return [
    ...said.checks(),
    ...new Turn({ apiUrl: outputs.apiUrl, sender, word, user: USER }).checks(),
    new PaidPerson({ outputs, s3, sfn: new SFNClient(client), word, limitMs }).check(),
  ];
};

const readWait = (text: string): number => {
  const seconds = Number(text);
  if (!/^\d{1,4}$/.test(text) || seconds < 1)
    throw new UsageError(`--wait is ${JSON.stringify(text)}, but must be a whole number of seconds from 1 to 9999.`);
  return seconds * 1000;
};

const script = defineScript({
  name: "smoke",
  usage: "[--stack STACK] [--team ID] [--channel ID] [--wait SECONDS] [--dry-run] [--json]",
  help: `Sends what Slack sends to a stack: a challenge, messages, a command. Follows the messages through every subscriber, takes a turn, and
pays one person. Then takes the counts back and deletes the files. These stay: the trigger word's row, log lines, an empty turn queue, markers
that expire, the notice of the payroll run, and in production the old versions of its files for 30 days.

  --stack STACK  the stack; "local" (default) is the running laptop cloud
  --team ID      the workspace that speaks; needed only with workspaces: many
  --channel ID   a channel that the app is in, where it may answer (default: notifyChannel); needed only with triggersFrom: events
  --wait SECONDS how long to wait for each effect (default: ${DEFAULT_WAIT_SECONDS})
  --dry-run      lists the checks, and sends nothing`,
  options: {
    stack: { type: "string", default: "local" },
    team: { type: "string" },
    channel: { type: "string" },
    wait: { type: "string", default: String(DEFAULT_WAIT_SECONDS) },
    "dry-run": { type: "boolean", default: false },
  },
  run: async ({ options: { stack, team, channel, wait, "dry-run": dryRun }, report }) => {
    const checks = await listChecks(readStack(stack), { team, channel, limitMs: readWait(wait) });
    if (dryRun) {
      const names = checks.filter(({ off }) => off === undefined).map(({ name }) => name);
      return { text: `These would be checked: ${names.join(", ")}.`, json: { dryRun, checks: names } };
    }
    const done = await runChecks(checks, report);
    const failed = done.filter(hasFailed);
    return {
      text: formatChecked(done),
      json: { dryRun, checks: done },
      problem: failed.length === 0 ? undefined : `${failed.length} of ${done.length} checks did not pass.`,
    };
  },
});

if (require.main === module) void runScript(script);

export { listChecks, script };
