/** What subscribers add to: a DynamoDB in memory, whose callers can be killed. */
import { CountKeys } from "#core/message/count-keys";
import { CountOnce } from "#stores/count-once";
import { BoardsTable } from "#stores/message/boards-table";
import { CountedVersions, type Effect } from "#stores/message/counted-versions";
import { Levels } from "#stores/message/levels";
import { PersonalBoards } from "#stores/message/personal-boards";
import { PersonalChoices } from "#stores/message/personal-choices";
import { SeenTable } from "#stores/message/seen-table";
import { WordsTable } from "#stores/message/words-table";
import { Leaderboard } from "#subscribers/leaderboard";
import { Multiplier } from "#subscribers/multiplier";
import { Tally } from "#subscribers/tally";
import { FakeCloud, FakeProcess, type Kill } from "../functions/fake-cloud";

const NOW_MS = 1_763_805_600_000;
const ARCHIVE_DAYS = 400;
const DEDUP_HOURS = 48;
const SETTINGS = { split: "words" as const, ignoreWords: [], archiveDays: ARCHIVE_DAYS, dedupHours: DEDUP_HOURS };

/** `buildKeys` is asked for every process: settings may change between two of them. */
const createWorld = (cloud = new FakeCloud(), buildKeys = () => new CountKeys()) => {
  /** A subscriber's process of its own. */
  const createTally = (effect: Effect, kill?: Kill) => {
    const { client } = new FakeProcess(cloud, kill);
    const seen = new SeenTable(client, "seen");
    const nowMs = () => NOW_MS;
    const counted = new CountedVersions({ once: new CountOnce(client), seen, effect, ...SETTINGS, nowMs });
    return new Tally({ counted, seen, levels: new Levels(client), effect, settings: SETTINGS, nowMs });
  };
  const { client } = new FakeProcess(cloud);
  return {
    cloud,
    multiplier: (kill?: Kill, multiplier = 10) =>
      createTally(new Multiplier(new WordsTable(client, "words", buildKeys()), multiplier), kill),
    leaderboard: (kill?: Kill) =>
      createTally(
        new Leaderboard({
          boards: new BoardsTable(client, "boards"),
          personal: new PersonalBoards(client, { boardsTable: "boards", seenTable: "seen" }),
          choices: new PersonalChoices(client, "boards"),
          settings: { multiplier: 10, archiveDays: ARCHIVE_DAYS, personalBoards: true },
        }),
        kill,
      ),
    row: (id: string) => cloud.items("seen").find(item => item["event_id"]?.S === id),
    markers: () => cloud.items("seen").map(item => item["event_id"]?.S),
  };
};

export { ARCHIVE_DAYS, createWorld, DEDUP_HOURS, NOW_MS };
