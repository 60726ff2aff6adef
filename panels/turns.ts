/** The turn queues of dibs as timelines, from the rows of the tables `dibs` and `dibs-history`. */
import type { Items } from "@slack-fanout/laptop-cloud/protocol";

/** One person's or pipeline's place in a queue, as a bar from `fromMs` to `toMs`. */
interface TurnBar {
  id: string;
  owner: string;
  state: "held" | "holds" | "waits";
  fromMs: number;
  /** End of the bar. That of an open turn is now. */
  toMs: number;
  /** When the turn ends or ended, or when a waiting one begins at the latest; undefined if nobody knows. */
  dueMs: number | undefined;
  reason: string | undefined;
}

interface TurnQueue {
  name: string;
  /** Ended turns first, then the holder, then those who wait, in order. */
  bars: TurnBar[];
  fromMs: number;
  toMs: number;
}

/** A claim in the JSON of a row. */
interface Claim {
  id: string;
  owner: string;
  joinedAtMs: number;
  forSeconds: number | null;
  untilMs?: number;
  /** Absent for a claim that joined an empty queue. */
  sinceMs?: number;
  expiresAtMs?: number | null;
  reason?: string;
}

interface Ended {
  claim: Claim;
  endedAtMs: number;
  /** Absent if it never had a turn. */
  sinceMs?: number;
}

/** How many ended turns a queue shows. */
const MAX_ENDED = 4;

const buildTurnQueues = (dibs: Items, history: Items | undefined, nowMs: number): TurnQueue[] =>
  dibs.items
    .filter(({ name, removed }) => !String(name).startsWith("#") && removed !== true)
    .map(row => {
      const bars = [...buildEnded(row, history), ...buildCurrent(parseList<Claim>(row["claims"]), nowMs)];
      const times = [nowMs, ...bars.flatMap(({ fromMs, toMs }) => [fromMs, toMs])];
      return { name: String(row["shown_as"] ?? row["name"]), bars, fromMs: Math.min(...times), toMs: Math.max(...times) };
    })
    .filter(({ bars }) => bars.length > 0)
    .sort((a, b) => (a.name < b.name ? -1 : 1));

const parseList = <T>(list: unknown): T[] => (Array.isArray(list) ? list.map(json => JSON.parse(String(json)) as T) : []);

const buildEnded = (row: Record<string, unknown>, history: Items | undefined): TurnBar[] =>
  (history?.items ?? [])
    .filter(({ queue }) => queue === `${row["team"]}/${row["name"]}`)
    .map(({ ended }) => JSON.parse(String(ended)) as Ended)
    .flatMap(({ claim: { id, owner, reason }, sinceMs, endedAtMs }): TurnBar[] =>
      sinceMs === undefined ? [] : [{ id, owner, state: "held", fromMs: sinceMs, toMs: endedAtMs, dueMs: endedAtMs, reason }],
    )
    .sort((a, b) => a.toMs - b.toMs)
    .slice(-MAX_ENDED);

const buildCurrent = (claims: readonly Claim[], nowMs: number): TurnBar[] => {
  let endMs: number | undefined;
  return claims.map((claim, index) => {
    const { id, owner, joinedAtMs, reason } = claim;
    if (index > 0) {
      const bar: TurnBar = { id, owner, state: "waits", fromMs: joinedAtMs, toMs: nowMs, dueMs: endMs, reason };
      endMs = endMs === undefined ? undefined : endOf(claim, endMs);
      return bar;
    }
    const fromMs = claim.sinceMs ?? joinedAtMs;
    endMs = claim.expiresAtMs === undefined ? endOf(claim, fromMs) : (claim.expiresAtMs ?? undefined);
    return { id, owner, state: "holds", fromMs, toMs: endMs ?? nowMs, dueMs: endMs, reason };
  });
};

/** When a turn that begins at `fromMs` ends; undefined for an open one. */
const endOf = ({ forSeconds, untilMs }: Claim, fromMs: number): number | undefined =>
  untilMs ?? (forSeconds === null ? undefined : fromMs + forSeconds * 1000);

export type { TurnBar, TurnQueue };
export { buildTurnQueues };
