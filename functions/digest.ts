/** Runs on Mondays: posts the most frequent words and hashtags of the week before, as a notice. */
import { Deadline } from "#core/deadline";
import { createLog, type Log } from "#core/log";
import { CountKeys, dayOf, type KeyLayout } from "#core/message/count-keys";
import { buildDigest, buildPeriods } from "#core/message/leaderboard";
import type { Kind } from "#core/message/tokens";
import type { TableName, TopicArn } from "#core/named";
import { createDynamoDB } from "#stores/aws-clients";
import { BoardsTable } from "#stores/message/boards-table";
import { createNoticesTopic, type NoticesTopic } from "#stores/notice/topic";

interface DigestSettings {
  boardsTable: TableName;
  noticesTopicArn: TopicArn;
  /** The channel that gets the digest. */
  channel: string;
  /** The workspace whose words it shows. */
  team: string;
  layout: KeyLayout;
}

/** How many words and how many hashtags. */
const LIMIT = 10;
/** The function's timeout must be longer. */
const BUDGET_MS = 20_000;
const DAY_MS = 86_400_000;

class Digest {
  constructor(
    private readonly boards: Pick<BoardsTable, "readTopSums">,
    private readonly notices: Pick<NoticesTopic, "publish">,
    private readonly settings: Pick<DigestSettings, "channel" | "team">,
    private readonly log: Log,
  ) {}

  /**
   * Publishes the digest of the seven days before the latest Monday, 00:00 UTC. Its id tells the Monday, so that the notifier posts it once, even
   * if this runs twice. If nothing was said, nothing is published. Throws `NotDurable`.
   */
  async handle(nowMs = Date.now()): Promise<void> {
    const mondayMs = findMonday(nowMs);
    const days = buildPeriods("week", mondayMs - DAY_MS);
    const boards = days.map(period => ({ team: this.settings.team, period }));
    const deadline = new Deadline(BUDGET_MS);
    const readTop = (kind: Kind) => this.boards.readTopSums(boards, kind, LIMIT, deadline);
    const [words, annotations] = await Promise.all([readTop("word"), readTop("annotation")]);
    const text = buildDigest(words, annotations);
    const id = `digest-${dayOf(mondayMs)}`;
    this.log.info(text === undefined ? "nothing was said" : "digest", { id });
    if (text === undefined) return;
    const title = `Most frequent from ${days.at(-1)} to ${days[0]}`;
    await this.notices.publish({ id, outcome: "success", title, text, team: this.settings.team, channel: this.settings.channel });
  }
}

/** Finds the latest Monday, 00:00 UTC. */
const findMonday = (nowMs: number): number => {
  const daysSinceMonday = (new Date(nowMs).getUTCDay() + 6) % 7;
  return Math.floor(nowMs / DAY_MS) * DAY_MS - daysSinceMonday * DAY_MS;
};

/** Creates the function; it needs 30 s. */
const create = (settings: DigestSettings): (() => Promise<void>) => {
  const boards = new BoardsTable(createDynamoDB("background"), settings.boardsTable, new CountKeys(settings.layout));
  const digest = new Digest(boards, createNoticesTopic(settings.noticesTopicArn), settings, createLog("digest"));
  return () => digest.handle();
};

export type { DigestSettings };
export { create, Digest };
