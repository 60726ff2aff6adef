/**
 * The rules of a turn queue: who holds, who is next, and what time alone changes. Everything here computes; a store makes it durable.
 *
 * The first claim holds. A claim that joins an empty queue holds from the moment it joined, so joining needs to know nothing of the queue
 * and can be one blind write. Every other change is computed from the whole queue and written under its version.
 */

/** One place in a queue. */
interface Claim {
  /** Unique for all time, within the queue. */
  id: string;
  /** A Slack user's id, or any name. */
  owner: string;
  /** Made in Slack, where a person may stand in a queue once. */
  isPersonal: boolean;
  /** The Slack user who asked, or whose token did. */
  maker: string;
  joinedAtMs: number;
  /** How long a turn lasts; null for an open turn, which lasts until it is given up. */
  forSeconds: number | null;
  /** When the turn ends, if a time of day was asked for. */
  untilMs?: number;
  reason?: string;
  /** Ends with its heartbeats: so long after the last. */
  deadAfterSeconds?: number;
  /** A hash of the request that made it, where a repetition has to be told from another request under the same key. */
  fingerprint?: string;
  /** Names one turn. A claim that holds a second time has another. */
  leaseId: string;
  /** Since when and until when (null: open) it holds; absent while it waits, and where it joined an empty queue. */
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
  /** Where it held. */
  sinceMs?: number;
  fencing?: number;
  /** Who ended it, if not its owner. */
  by?: string;
}

/** What somebody has to be told. */
type News = "turn" | "warning" | "expired" | "kicked" | "overtaken" | "free" | "missed";

/** What is still to be done because of a change: it waits in the queue's own item, so that it happens however the writer ends. */
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

/** A change that was made under a key, so that its repetition gets the same answer and has no effect. */
interface AppliedChange {
  key: string;
  atMs: number;
  /** What it came to, as JSON. */
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
  /** When each claim with `deadAfterSeconds` was last heard of, epoch milliseconds by claim id. */
  beats: Record<string, number>;
  /** Claims that ended a short while ago: a repeated request must not make them again. */
  ended: { id: string; atMs: number }[];
  outbox: Record<string, OutboxEntry>;
  /** Who wants to know when nobody holds it. */
  watchers: string[];
  applied: AppliedChange[];
  isRemoved?: boolean;
  /** Where the queue lives on under another name. */
  renamedTo?: string;
  /** What it was called before, and until when: what ended then is recorded under that name. */
  formerNames?: FormerName[];
  /** What the store's index says about when to look at it next. */
  dueAtMs?: number;
}

interface Turn {
  claim: Claim;
  sinceMs: number;
  /** Null for an open turn. */
  expiresAtMs: number | null;
  /** Grows with every turn, and never shrinks. */
  fencing: number;
}

/** What a change is computed with besides the queue. */
interface Moment {
  nowMs: number;
  newId: () => string;
}

/** An item of DynamoDB holds 400 KB: 150 claims and as many notices of them, with the longest names and reasons, take 350 KB. */
const MAX_CLAIMS = 150;
const MAX_WATCHERS = 100;
const MAX_OWNER_CHARACTERS = 100;
const MAX_REASON_CHARACTERS = 200;
/** Timers count in whole seconds. */
const MIN_TURN_SECONDS = 1;
/** What is needed for longer than a month is not taken in turns. */
const MAX_TURN_SECONDS = 30 * 86_400;
/** A request takes half a minute at most, and clocks differ. */
const REMEMBERED_MS = 5 * 60_000;
/** Buttons and commands are repeated within seconds, if at all; of so many the item has room for the latest. */
const APPLIED_MS = 15 * 60_000;
const MAX_APPLIED = 100;
/** The writer itself sends what waits in the outbox; after this the sweep does. */
const OUTBOX_GRACE_MS = 10_000;
/** Time to come to an end, or to ask for more; of a short turn, its last quarter. */
const WARNING_LEAD_MS = 10 * 60_000;
/** A warning comes up to a minute late, so one minute ahead would be none. */
const MIN_WARNING_LEAD_MS = 2 * 60_000;

/** Builds a queue that nobody has written to. */
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

// Slack's ids of people hold a digit; names of pipelines in capitals mostly don't.
const PERSON = /^[UW](?=[A-Z0-9]*[0-9])[A-Z0-9]{3,}$/;

/** Tells whether an owner is a Slack user, who can be written to. */
const isPerson = (owner: string): boolean => PERSON.test(owner);

const endOf = ({ untilMs, forSeconds }: Claim, sinceMs: number): number | null =>
  untilMs ?? (forSeconds === null ? null : sinceMs + forSeconds * 1000);

/** Builds the turn of the claim that holds; undefined when nobody does. */
const findTurn = (queue: Queue): Turn | undefined => {
  const [claim] = queue.claims;
  if (claim === undefined) return undefined;
  const sinceMs = claim.sinceMs ?? claim.joinedAtMs;
  const expiresAtMs = claim.expiresAtMs === undefined ? endOf(claim, sinceMs) : claim.expiresAtMs;
  return { claim, sinceMs, expiresAtMs, fencing: queue.passed + 1 };
};

/** Claims that wait, in order. */
const findWaiting = (queue: Queue): Claim[] => queue.claims.slice(1);

/** The key under which a person stands in a queue once. */
const buildPersonKey = (owner: string): string => `person#${owner}`;

/** The keys that a claim occupies: no other claim joins under one of them. */
const keysOf = (claim: Pick<Claim, "id" | "owner" | "isPersonal">): string[] =>
  claim.isPersonal ? [claim.id, buildPersonKey(claim.owner)] : [claim.id];

/** All keys that are taken, by claims of now and of a short while ago. */
const takenKeys = (queue: Queue): string[] => {
  const sent = Object.values(queue.outbox).flatMap(entry => (entry.kind === "ended" ? [entry.ended.claim.id] : []));
  return [...new Set([...queue.claims.flatMap(keysOf), ...queue.ended.map(({ id }) => id), ...sent])];
};

/** Adds a claim at the end of the line. The store's blind write does the same. */
const join = (queue: Queue, claim: Claim): Queue => ({
  ...queue,
  version: queue.version + 1,
  claims: [...queue.claims, claim],
  isRemoved: undefined,
});

type NewsDetails = Pick<NewsEntry, "expiresAtMs" | "fencing" | "by" | "reason">;

/** Puts what a person has to be told into the outbox; an owner that is no person is told nothing. */
const addNews = (queue: Queue, moment: Moment, news: News, user: string, details: NewsDetails = {}): Queue => {
  if (!isPerson(user)) return queue;
  const entry: NewsEntry = { ...details, atMs: moment.nowMs, kind: "news", news, user };
  return { ...queue, outbox: { ...queue.outbox, [moment.newId()]: entry } };
};

/** Tells those who watch that nobody holds it any more. */
const tellWatchers = (queue: Queue, moment: Moment): Queue => ({
  ...queue.watchers.reduce((told, user) => addNews(told, moment, "free", user), queue),
  watchers: [],
});

/** Moves a claim from the queue to what is to be recorded. */
const takeOut = (queue: Queue, moment: Moment, claim: Claim, how: Ending, by?: string): Queue => {
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

/** Gives the turn to the first claim, and tells its owner. A wish for a time of day that has passed meanwhile gets none. */
const beginTurn = (queue: Queue, moment: Moment): Queue => {
  const [first, ...rest] = queue.claims;
  if (first === undefined) return tellWatchers(queue, moment);
  const sinceMs = moment.nowMs;
  const expiresAtMs = endOf(first, sinceMs);
  if (expiresAtMs !== null && expiresAtMs <= sinceMs) {
    const missed = addNews(takeOut(queue, moment, first, "expired"), moment, "missed", first.owner, { expiresAtMs });
    return beginTurn({ ...missed, passed: queue.passed + 1 }, moment);
  }
  const claim = { ...first, leaseId: moment.newId(), sinceMs, expiresAtMs, isWarned: undefined };
  return addNews({ ...queue, claims: [claim, ...rest] }, moment, "turn", claim.owner, { expiresAtMs, fencing: queue.passed + 1 });
};

/** Takes a claim out, wherever it stands; when it held, the next one's turn begins. */
const end = (queue: Queue, moment: Moment, id: string, how: Ending, by?: string): Queue => {
  const claim = queue.claims.find(each => each.id === id);
  if (claim === undefined) return queue;
  const without = takeOut(queue, moment, claim, how, by);
  return claim === queue.claims[0] ? beginTurn({ ...without, passed: queue.passed + 1 }, moment) : without;
};

const deadAtMs = (queue: Queue, claim: Claim): number =>
  claim.deadAfterSeconds === undefined
    ? Number.POSITIVE_INFINITY
    : (queue.beats[claim.id] ?? claim.joinedAtMs) + claim.deadAfterSeconds * 1000;

/** When to warn the holder; undefined when there is nothing to warn of, or nobody to tell. */
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
  return addNews(warned, moment, "warning", first.owner, { expiresAtMs: turn.expiresAtMs, fencing: turn.fencing });
};

/** Does what time has made due: ends turns that are over and claims that are dead, and warns. Returns the same queue when nothing is. */
const settle = (queue: Queue, moment: Moment): Queue => {
  const { nowMs } = moment;
  // From the end of the line, so that no dead claim is given a turn.
  const dead = queue.claims.filter(claim => deadAtMs(queue, claim) <= nowMs).reverse();
  let settled = dead.reduce((rest, claim) => end(rest, moment, claim.id, "dead"), queue);
  const turn = findTurn(settled);
  if (turn !== undefined && turn.expiresAtMs !== null && turn.expiresAtMs <= nowMs) {
    const { claim, expiresAtMs } = turn;
    settled = addNews(end(settled, moment, claim.id, "expired"), moment, "expired", claim.owner, { expiresAtMs });
  }
  return warn(settled, moment);
};

/** Drops what need not be remembered any longer. */
const forget = (queue: Queue, nowMs: number): Queue => ({
  ...queue,
  // A late heartbeat may have come after its claim.
  beats: Object.fromEntries(Object.entries(queue.beats).filter(([id]) => queue.claims.some(claim => claim.id === id))),
  ended: queue.ended.filter(({ atMs }) => atMs > nowMs - REMEMBERED_MS),
  applied: queue.applied.filter(({ atMs }) => atMs > nowMs - APPLIED_MS).slice(-MAX_APPLIED),
});

/** Computes when somebody has to look at the queue again; undefined when never. */
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

/** Estimates the latest start of a waiting claim's turn, if all claims before it use up their time. Null if one of them is open. */
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

export type { AppliedChange, Claim, EndedClaim, Ending, FormerName, Moment, News, NewsEntry, OutboxEntry, Queue, Turn };
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
