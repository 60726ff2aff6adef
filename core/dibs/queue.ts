/**
 * The rules of a turn queue: who holds the turn, who is next, and what changes as time passes. Pure functions; a store makes the result durable.
 *
 * The first claim holds the turn. A claim that joins an empty queue holds from the moment it joined, so that joining is one blind write that
 * doesn't read the queue. Every other change is computed from the whole queue and written under its version.
 */

/** One place in a queue. */
interface Claim {
  /** Unique within the queue, forever. */
  id: string;
  /** A Slack user id, or any other name. */
  owner: string;
  /** Whether it was made in Slack, where a person can have one claim per queue. */
  isPersonal: boolean;
  /** The Slack user who made the claim, or whose token did. */
  maker: string;
  joinedAtMs: number;
  /** How long a turn lasts; null for an open turn, which lasts until it is released. */
  forSeconds: number | null;
  /** When the turn ends, if a time of day was asked for. */
  untilMs?: number;
  reason?: string;
  /** The claim ends this long after its last heartbeat. */
  deadAfterSeconds?: number;
  /** Hash of the request that made the claim. It tells a retry from another request with the same idempotency key. */
  fingerprint?: string;
  /** Identifies one turn. A claim that holds a second time gets another lease id. */
  leaseId: string;
  /** Start and end (null: open) of the turn; absent while the claim waits, and for a claim that joined an empty queue. */
  sinceMs?: number;
  expiresAtMs?: number | null;
  isWarned?: boolean;
}

/** How a claim ended. */
type Ending = "released" | "left" | "expired" | "dead" | "kicked";

interface EndedClaim {
  claim: Claim;
  how: Ending;
  endedAtMs: number;
  /** Start of its turn, if it had one. */
  sinceMs?: number;
  fencing?: number;
  /** Who ended it, if not its owner. */
  by?: string;
}

/** What a person is notified of. */
type News = "turn" | "warning" | "expired" | "kicked" | "overtaken" | "free" | "missed";

/** Follow-up work of a change. It is stored in the queue's row, so that it gets done even if the writer dies. */
type OutboxEntry =
  | { atMs: number; kind: "ended"; ended: EndedClaim }
  | {
      atMs: number;
      kind: "news";
      news: News;
      user: string;
      expiresAtMs?: number | null;
      fencing?: number;
      by?: string;
      reason?: string;
    };

type NewsEntry = Extract<OutboxEntry, { kind: "news" }>;

/** A change made under an idempotency key: a retry gets the same answer and has no effect. */
interface AppliedChange {
  key: string;
  atMs: number;
  /** The outcome, as JSON. */
  outcome: string;
}

interface FormerName {
  name: string;
  untilMs: number;
}

interface Queue {
  team: string;
  name: string;
  /** Grows with every write. */
  version: number;
  /** How many turns have ended: the holder's fencing number is one more. */
  passed: number;
  claims: Claim[];
  /** Last heartbeat of each claim with `deadAfterSeconds`, epoch milliseconds by claim id. */
  beats: Record<string, number>;
  /** Claims that ended recently: a retry must not make them again. */
  ended: { id: string; atMs: number }[];
  outbox: Record<string, OutboxEntry>;
  /** Slack users to notify when the resource is free. */
  watchers: string[];
  applied: AppliedChange[];
  isRemoved?: boolean;
  /** The new name of a renamed queue. */
  renamedTo?: string;
  /** Its earlier names: claims that ended under one are recorded under that name. */
  formerNames?: FormerName[];
  /** When it is due, according to the store's index. */
  dueAtMs?: number;
}

interface Turn {
  claim: Claim;
  sinceMs: number;
  /** Null for an open turn. */
  expiresAtMs: number | null;
  /** Grows with every turn. */
  fencing: number;
}

/** The clock and the source of ids for a change. */
interface Moment {
  nowMs: number;
  newId: () => string;
}

/** A DynamoDB item holds 400 KB: 150 claims and their notices, with the longest names and reasons, take 350 KB. */
const MAX_CLAIMS = 150;
const MAX_WATCHERS = 100;
const MAX_OWNER_CHARACTERS = 100;
const MAX_REASON_CHARACTERS = 200;
/** Timers count in whole seconds. */
const MIN_TURN_SECONDS = 1;
/** A month: taking turns makes no sense for longer. */
const MAX_TURN_SECONDS = 30 * 86_400;
/** A request takes at most half a minute, and clocks differ. */
const REMEMBERED_MS = 5 * 60_000;
/** Slack retries buttons and commands within seconds. The item has room for this many outcomes. */
const APPLIED_MS = 15 * 60_000;
const MAX_APPLIED = 100;
/** The writer sends its outbox entries itself; after this time the sweep does. */
const OUTBOX_GRACE_MS = 10_000;
/** How long before the end the holder is warned; the last quarter of a short turn. */
const WARNING_LEAD_MS = 10 * 60_000;
/** A warning can be a minute late, so it must be sent earlier than that. */
const MIN_WARNING_LEAD_MS = 2 * 60_000;

/** Builds a new, empty queue. */
const buildQueue = (team: string, name: string): Queue => ({
  team,
  name,
  version: 0,
  passed: 0,
  claims: [],
  beats: {},
  ended: [],
  outbox: {},
  watchers: [],
  applied: [],
});

// Slack user ids contain a digit; names of pipelines in capitals mostly don't.
const PERSON = /^[UW](?=[A-Z0-9]*[0-9])[A-Z0-9]{3,}$/;

/** Tells whether an owner is a Slack user, who can be notified. */
const isPerson = (owner: string): boolean => PERSON.test(owner);

const endOf = ({ untilMs, forSeconds }: Claim, sinceMs: number): number | null =>
  untilMs ?? (forSeconds === null ? null : sinceMs + forSeconds * 1000);

/** Builds the turn of the first claim; undefined if there is none. */
const findTurn = (queue: Queue): Turn | undefined => {
  const [claim] = queue.claims;
  if (claim === undefined) return undefined;
  const sinceMs = claim.sinceMs ?? claim.joinedAtMs;
  const expiresAtMs = claim.expiresAtMs === undefined ? endOf(claim, sinceMs) : claim.expiresAtMs;
  return { claim, sinceMs, expiresAtMs, fencing: queue.passed + 1 };
};

/** Finds the waiting claims, in order. */
const findWaiting = (queue: Queue): Claim[] => queue.claims.slice(1);

/** Builds the key that a person can occupy once per queue. */
const buildPersonKey = (owner: string): string => `person#${owner}`;

/** Builds the keys that a claim occupies: no other claim can join with one of them. */
const keysOf = (claim: Pick<Claim, "id" | "owner" | "isPersonal">): string[] =>
  claim.isPersonal ? [claim.id, buildPersonKey(claim.owner)] : [claim.id];

/** Collects the keys of current claims and of claims that ended recently. */
const takenKeys = (queue: Queue): string[] => {
  const sent = Object.values(queue.outbox).flatMap(entry => (entry.kind === "ended" ? [entry.ended.claim.id] : []));
  return [...new Set([...queue.claims.flatMap(keysOf), ...queue.ended.map(({ id }) => id), ...sent])];
};

/** Adds a claim at the end of the queue. The store's blind write does the same. */
const join = (queue: Queue, claim: Claim): Queue => ({
  ...queue,
  version: queue.version + 1,
  claims: [...queue.claims, claim],
  isRemoved: undefined,
});

/** Adds a notice for a person to the outbox. Does nothing if the owner is not a person. */
const addNews = (queue: Queue, moment: Moment, notice: Omit<NewsEntry, "kind" | "atMs">): Queue => {
  if (!isPerson(notice.user)) return queue;
  const entry: NewsEntry = { ...notice, atMs: moment.nowMs, kind: "news" };
  return { ...queue, outbox: { ...queue.outbox, [moment.newId()]: entry } };
};

/** Notifies the watchers that the resource is free. */
const tellWatchers = (queue: Queue, moment: Moment): Queue => ({
  ...queue.watchers.reduce((each, user) => addNews(each, moment, { news: "free", user }), queue),
  watchers: [],
});

/** How a claim ends, and who ended it, if not its owner. */
type EndedBy = Pick<EndedClaim, "how" | "by">;

/** Moves a claim from the queue to the outbox, to be recorded in the history. */
const takeOut = (queue: Queue, moment: Moment, claim: Claim, { how, by }: EndedBy): Queue => {
  const turn = claim === queue.claims[0] ? findTurn(queue) : undefined;
  const held = turn === undefined ? {} : { sinceMs: turn.sinceMs, fencing: turn.fencing };
  const ended: EndedClaim = { claim, how, endedAtMs: moment.nowMs, ...held, ...(by === undefined ? {} : { by }) };
  const { [claim.id]: _, ...beats } = queue.beats;
  return {
    ...queue,
    claims: queue.claims.filter(other => other !== claim),
    beats,
    ended: [...queue.ended, { id: claim.id, atMs: moment.nowMs }],
    outbox: { ...queue.outbox, [moment.newId()]: { atMs: moment.nowMs, kind: "ended", ended } },
  };
};

/** Begins the turn of the first claim and notifies its owner. Skips a claim whose time of day has passed. */
const beginTurn = (queue: Queue, moment: Moment): Queue => {
  const [first, ...rest] = queue.claims;
  if (first === undefined) return tellWatchers(queue, moment);
  const sinceMs = moment.nowMs;
  const expiresAtMs = endOf(first, sinceMs);
  if (expiresAtMs !== null && expiresAtMs <= sinceMs) {
    const missed = addNews(takeOut(queue, moment, first, { how: "expired" }), moment, { news: "missed", user: first.owner, expiresAtMs });
    return beginTurn({ ...missed, passed: queue.passed + 1 }, moment);
  }
  const claim = { ...first, leaseId: moment.newId(), sinceMs, expiresAtMs, isWarned: undefined };
  return addNews({ ...queue, claims: [claim, ...rest] }, moment, {
    news: "turn",
    user: claim.owner,
    expiresAtMs,
    fencing: queue.passed + 1,
  });
};

/** Removes a claim. If it held the turn, the next claim's turn begins. */
const end = (queue: Queue, moment: Moment, id: string, ended: EndedBy): Queue => {
  const claim = queue.claims.find(each => each.id === id);
  if (claim === undefined) return queue;
  const without = takeOut(queue, moment, claim, ended);
  return claim === queue.claims[0] ? beginTurn({ ...without, passed: queue.passed + 1 }, moment) : without;
};

const deadAtMs = (queue: Queue, claim: Claim): number =>
  claim.deadAfterSeconds === undefined
    ? Number.POSITIVE_INFINITY
    : (queue.beats[claim.id] ?? claim.joinedAtMs) + claim.deadAfterSeconds * 1000;

/** Computes when to warn the holder; undefined for an open or short turn, for a second warning, and if the holder is not a person. */
const findWarningMs = (queue: Queue): number | undefined => {
  const turn = findTurn(queue);
  if (turn === undefined || turn.expiresAtMs === null || turn.claim.isWarned || !isPerson(turn.claim.owner)) return undefined;
  const leadMs = Math.min(WARNING_LEAD_MS, (turn.expiresAtMs - turn.sinceMs) / 4);
  return leadMs < MIN_WARNING_LEAD_MS ? undefined : turn.expiresAtMs - leadMs;
};

const warn = (queue: Queue, moment: Moment): Queue => {
  const [first, ...rest] = queue.claims;
  const turn = findTurn(queue);
  const warningMs = findWarningMs(queue);
  if (first === undefined || turn === undefined || warningMs === undefined || warningMs > moment.nowMs) return queue;
  const warned = { ...queue, claims: [{ ...first, isWarned: true }, ...rest] };
  return addNews(warned, moment, { news: "warning", user: first.owner, expiresAtMs: turn.expiresAtMs, fencing: turn.fencing });
};

/** Ends expired turns and dead claims, and warns the holder. Returns the same queue if nothing is due. */
const settle = (queue: Queue, moment: Moment): Queue => {
  const { nowMs } = moment;
  // From the end of the queue, so that no dead claim gets the turn.
  const dead = queue.claims.filter(claim => deadAtMs(queue, claim) <= nowMs).reverse();
  let settled = dead.reduce((rest, claim) => end(rest, moment, claim.id, { how: "dead" }), queue);
  const turn = findTurn(settled);
  if (turn !== undefined && turn.expiresAtMs !== null && turn.expiresAtMs <= nowMs) {
    const { claim, expiresAtMs } = turn;
    settled = addNews(end(settled, moment, claim.id, { how: "expired" }), moment, { news: "expired", user: claim.owner, expiresAtMs });
  }
  return warn(settled, moment);
};

/** Drops what is too old to matter. */
const forget = (queue: Queue, nowMs: number): Queue => ({
  ...queue,
  // A late heartbeat can arrive after the end of its claim.
  beats: Object.fromEntries(Object.entries(queue.beats).filter(([id]) => queue.claims.some(claim => claim.id === id))),
  ended: queue.ended.filter(({ atMs }) => atMs > nowMs - REMEMBERED_MS),
  applied: queue.applied.filter(({ atMs }) => atMs > nowMs - APPLIED_MS).slice(-MAX_APPLIED),
});

/** Computes when the queue is due; undefined if never. */
const computeDueMs = (queue: Queue): number | undefined => {
  const turn = findTurn(queue);
  const dueMs = Math.min(
    turn?.expiresAtMs ?? Number.POSITIVE_INFINITY,
    findWarningMs(queue) ?? Number.POSITIVE_INFINITY,
    ...queue.claims.map(claim => deadAtMs(queue, claim)),
    ...Object.values(queue.outbox).map(({ atMs }) => atMs + OUTBOX_GRACE_MS),
  );
  return Number.isFinite(dueMs) ? dueMs : undefined;
};

/** Estimates the latest start of a waiting claim's turn, assuming that all claims before it use their full time. Null if one of them is open. */
const estimateStartMs = (queue: Queue, id: string, nowMs: number): number | null => {
  const turn = findTurn(queue);
  if (turn?.expiresAtMs === null) return null;
  let startMs = Math.max(nowMs, turn?.expiresAtMs ?? nowMs);
  for (const claim of findWaiting(queue)) {
    if (claim.id === id) break;
    const endMs = endOf(claim, startMs);
    if (endMs === null) return null;
    startMs = Math.max(startMs, endMs);
  }
  return startMs;
};

export type { AppliedChange, Claim, EndedClaim, FormerName, Moment, NewsEntry, OutboxEntry, Queue, Turn };
export {
  addNews,
  beginTurn,
  buildQueue,
  computeDueMs,
  end,
  estimateStartMs,
  findTurn,
  findWaiting,
  forget,
  isPerson,
  join,
  keysOf,
  MAX_CLAIMS,
  MAX_OWNER_CHARACTERS,
  MAX_REASON_CHARACTERS,
  MAX_TURN_SECONDS,
  MAX_WATCHERS,
  MIN_TURN_SECONDS,
  settle,
  takenKeys,
};
