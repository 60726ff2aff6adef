/** `npm run migrate`: adds the attributes that this release needs to rows of earlier releases. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { LogLevel, WebAPIPlatformError, WebClient } from "@slack/web-api";
import { Deadline } from "#core/deadline";
import { buildRanking, buildSpeakerDay, CHOICE_RANKING, dayOf, type Person } from "#core/message/count-keys";
import { LEAST_LEVEL, levelOf } from "#core/message/levels";
import { kindOf } from "#core/message/tokens";
import { Table } from "#stores/table";
import { defineScript, runScript, UsageError } from "./command-line";
import { countRows, eachRow, ROW_BUDGET_MS } from "./each-row";
import { readStack, type StackOutputs } from "./stack-outputs";

const HELP = `Adds to the rows of earlier releases the attributes that this release reads:

  words, boards  the key of the index that orders them, and how high the count is
  seen           whose messages they are, and of which day, for /words mine
  files          whether each file was shared in private, which Slack's conversations.info tells

Run it after \`pulumi up\` (or after \`npm start\` on the laptop). It can run while messages come in, and as often as you like: it skips
rows that have the attributes already. Until it has run, /words and the leaderboards omit words that nobody has said since the upgrade.

Old counts don't record where words were said, so they all stay public. From now on, words said in private are counted per conversation.

To migrate files, set SLACK_BOT_TOKEN to the bot's token, with the scopes channels:read, groups:read and im:read. If Slack doesn't tell
whether a conversation is private, its files stay visible in that conversation only, and the migration still succeeds.

  --stack STACK  the stack whose tables to migrate; "local" (default) is the running laptop cloud
  --team TEAM    the workspace that the old counts belong to, such as T0001 (default: the setting slackTeamId)
  --dry-run      counts the rows to change, and changes none`;

type Row = Record<string, string>;
type Value = string | number | boolean;

/** A table, and the attribute that its older rows lack. */
interface Gap {
  table: string;
  keys: string[];
  attribute: string;
  /** Tells which rows never have it. */
  isExempt?(row: Row): boolean;
  /** Finds the value of the attribute; undefined if it can't be determined. */
  find(row: Row): Promise<Value | undefined> | Value | undefined;
}

/** How many rows lacked the attribute, and how many still lack it because its value is unknown. */
interface Filled {
  lacking: number;
  unknown: number;
}

class Migration {
  constructor(
    private readonly dynamodb: DynamoDBClient,
    private readonly isDryRun: boolean,
    private readonly report: (sentence: string) => void,
  ) {}

  /** Adds the attribute to the rows that lack it. Skips a row that gets it from somebody else, or expires, in the meantime. */
  async fill(gap: Gap): Promise<Filled> {
    const filled = { lacking: 0, unknown: 0 };
    const scan = {
      TableName: gap.table,
      FilterExpression: "attribute_not_exists(#attribute)",
      ExpressionAttributeNames: { "#attribute": gap.attribute },
    };
    await eachRow<Row>(
      this.dynamodb,
      scan,
      async row => {
        if (gap.isExempt?.(row)) return;
        filled.lacking += 1;
        const value = await gap.find(row);
        if (value === undefined) filled.unknown += 1;
        else if (!this.isDryRun) await this.write(gap, row, value);
      },
      ({ table, rowsRead }) => this.report(`${table}: ${countRows(rowsRead)} read, ${filled.lacking} of them without ${gap.attribute}.`),
    );
    return filled;
  }

  private async write({ table, keys, attribute }: Gap, row: Row, value: Value): Promise<void> {
    const request = {
      Key: Object.fromEntries(keys.map(key => [key, row[key]!])),
      UpdateExpression: "SET #attribute = :value",
      ConditionExpression: "attribute_exists(#key) AND attribute_not_exists(#attribute)",
      ExpressionAttributeNames: { "#attribute": attribute, "#key": keys[0]! },
      ExpressionAttributeValues: { ":value": value },
    };
    await new Table(this.dynamodb, table).updateIf(request, new Deadline(ROW_BUDGET_MS));
  }
}

/** Earlier releases had one shard. If there are more now, `npm run reindex` spreads the rows. */
const SHARD = 0;

/** Counts of earlier releases are public, wherever the words were said. */
const buildWordsGap = (table: string, team: string): Gap => ({
  table,
  keys: ["word"],
  attribute: "ranking",
  find: ({ word = "" }) => buildRanking({ team }, kindOf(word), SHARD),
});

/** A board of earlier releases is named `DAY#KIND`. People's own boards are not ranked. */
const buildBoardsGap = (table: string, team: string): Gap => ({
  table,
  keys: ["board", "token"],
  attribute: "ranking",
  isExempt: ({ person }) => person !== undefined,
  find: ({ board = "", token = "" }) => {
    const [, day] = /^(\d{4}-\d\d-\d\d)#(?:word|annotation)$/.exec(board) ?? [];
    return day === undefined ? undefined : buildRanking({ team, period: day }, kindOf(token), SHARD);
  },
});

/** Rows below the least level are not in the index. A choice is ordered by the time when its old rows are due, which earlier releases kept in `count`. */
const buildLevelsGap = (table: string, keys: string[], leastLevel: number): Gap => ({
  table,
  keys,
  attribute: "level",
  isExempt: ({ person, ranking, count }) =>
    person !== undefined || (ranking === CHOICE_RANKING ? count === undefined : levelOf(Number(count)) < leastLevel),
  find: ({ ranking, count }) => (ranking === CHOICE_RANKING ? Number(count) : levelOf(Number(count))),
});

/** Only the leaderboard's versions name the person on whose boards they count. */
const buildSpeakersGap = (table: string): Gap => ({
  table,
  keys: ["event_id"],
  attribute: "speaker_day",
  isExempt: ({ person }) => person === undefined,
  find: ({ event_id = "", person }) => {
    const [, team, ts] = /^(T[A-Z0-9]+)-[A-Z0-9]+-([0-9.]+)#leaderboard$/.exec(event_id) ?? [];
    if (team === undefined) return undefined;
    return buildSpeakerDay(team, person as unknown as Person, dayOf(Number(ts) * 1000));
  },
});

const buildFilesGap = (table: string, kinds: Pick<Conversations, "isPrivate">): Gap => ({
  table,
  keys: ["tag", "posted"],
  attribute: "private",
  find: ({ channel = "" }) => kinds.isPrivate(channel),
});

/** Asks Slack about each conversation once. */
class Conversations {
  readonly #known = new Map<string, Promise<boolean | undefined>>();

  constructor(private readonly client: Pick<WebClient["conversations"], "info">) {}

  /** Tells whether a conversation is private; undefined if Slack does not tell. Throws if Slack can't be reached. */
  isPrivate(channel: string): Promise<boolean | undefined> {
    const known = this.#known.get(channel) ?? this.ask(channel);
    this.#known.set(channel, known);
    return known;
  }

  private async ask(id: string): Promise<boolean | undefined> {
    try {
      const { channel } = await this.client.info({ channel: id });
      return channel && (channel.is_private !== false || channel.is_im === true || channel.is_mpim === true);
    } catch (error) {
      if (error instanceof WebAPIPlatformError) return undefined;
      throw error;
    }
  }
}

/** Chooses the workspace that the old counts belong to. Throws `UsageError`. */
const chooseTeam = (asked: string | undefined, { teamId }: StackOutputs): string => {
  const team = asked ?? teamId;
  if (team === undefined) throw new UsageError("The stack has no setting slackTeamId: pass the workspace with --team, such as T0001.");
  if (!/^T[A-Z0-9]+$/.test(team)) throw new UsageError(`The workspace is ${JSON.stringify(team)}: pass an id such as T0001 with --team.`);
  return team;
};

/** Throws if the stack has not been updated to this release. */
const findTable = (outputs: StackOutputs, name: "wordsTable" | "boardsTable" | "seenTable" | "filesTable"): string => {
  const table = outputs[name];
  if (table === undefined) throw new Error(`The stack has no output ${name}: update it to this release with pulumi up first.`);
  return table;
};

/** What a migration did to one table. */
interface Migrated extends Filled {
  table: string;
  attribute: string;
}

const describe = ({ table, attribute, lacking, unknown }: Migrated, isDryRun: boolean): string => {
  const left = unknown === 0 ? "" : `; ${countRows(unknown)} left without it, since the value is unknown`;
  return `${table}: ${countRows(lacking - unknown)} ${isDryRun ? "would get" : "got"} ${attribute}${left}.`;
};

const NO_TOKEN = "files: skipped, since SLACK_BOT_TOKEN is not set. Old files stay visible in their own conversation only.";

const script = defineScript({
  name: "migrate",
  usage: "[--stack STACK] [--team TEAM] [--dry-run] [--json]",
  help: HELP,
  options: { stack: { type: "string", default: "local" }, team: { type: "string" }, "dry-run": { type: "boolean", default: false } },
  run: async ({ options: { stack, team: asked, "dry-run": dryRun }, report }) => {
    const { outputs, client, slackApiUrl } = readStack(stack);
    const team = chooseTeam(asked, outputs);
    const [words, boards] = [findTable(outputs, "wordsTable"), findTable(outputs, "boardsTable")];
    const gaps = [
      buildWordsGap(words, team),
      buildLevelsGap(words, ["word"], LEAST_LEVEL.words),
      buildBoardsGap(boards, team),
      buildLevelsGap(boards, ["board", "token"], LEAST_LEVEL.boards),
      buildSpeakersGap(findTable(outputs, "seenTable")),
    ];
    const token = process.env["SLACK_BOT_TOKEN"];
    if (token) {
      const { conversations } = new WebClient(token, { slackApiUrl, logLevel: LogLevel.ERROR });
      gaps.push(buildFilesGap(findTable(outputs, "filesTable"), new Conversations(conversations)));
    }
    const migration = new Migration(new DynamoDBClient(client), dryRun, report);
    const tables: Migrated[] = [];
    for (const gap of gaps) tables.push({ table: gap.table, attribute: gap.attribute, ...(await migration.fill(gap)) });
    const sentences = tables.map(table => describe(table, dryRun));
    return { text: [...sentences, ...(token ? [] : [NO_TOKEN])].join("\n"), json: { dryRun, tables } };
  },
});

if (require.main === module) void runScript(script);

export { buildBoardsGap, buildFilesGap, buildLevelsGap, buildSpeakersGap, buildWordsGap, Conversations, chooseTeam, Migration, script };
