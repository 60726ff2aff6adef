/** Moves: the changes of a turn queue other than joining. Each is computed from the whole queue, and is idempotent under its key. */
import {
  addNews,
  beginTurn,
  type Claim,
  end,
  findTurn,
  findWaiting,
  forget,
  MAX_CLAIMS,
  MAX_TURN_SECONDS,
  MAX_WATCHERS,
  type Moment,
  type Queue,
  settle,
  type Turn,
  takenKeys,
} from "#core/dibs/queue";

/** Which claim is meant: that of an owner, or the one with this id. */
type ClaimSelector = { owner: string } | { claimId: string };

type Move =
  /** Does only what is due. */
  | { do: "settle" }
  /** Ends a claim. With a lease id or a fencing number, only if that turn is still on. */
  | { do: "release"; whose: ClaimSelector; leaseId?: string; fencing?: number }
  /** Extends a turn. With a fencing number, only that turn. `fromMs` is the end that the button showed. */
  | { do: "extend"; owner: string; byMs: number; fencing?: number; fromMs?: number }
  /** Sets the end of the turn with this lease id: `forSeconds` from now, or none (open) if it is null. */
  | { do: "limit"; claimId: string; leaseId: string; forSeconds: number | null }
  /** Swaps a claim with the next one. */
  | { do: "bump"; owner: string }
  /** Puts a claim before all waiting ones. If its owner has a claim already, moves that one. */
  | { do: "jump"; claim: Claim }
  /** Removes all claims of an owner. */
  | { do: "kick"; owner: string; by: string }
  | { do: "watch"; user: string }
  | { do: "unwatch"; user: string }
  | { do: "remove" };

/** Why a move has no effect. */
type Refusal =
  | { is: "refused"; why: "absent" | "stale" | "waiting" | "holding" | "last" | "full" | "in-use" | "too-many-watchers" }
  /** The other person has no claim. */
  | { is: "refused"; why: "owner-absent"; owner: string }
  | { is: "refused"; why: "too-long"; expiresAtMs: number | null };

type Outcome =
  | { is: "settled" }
  | { is: "released"; owner: string; held: boolean; sinceMs?: number }
  /** `wasOpen`: the turn had no end before. */
  | { is: "extended"; expiresAtMs: number; wasOpen: boolean }
  | { is: "limited"; leaseId: string; forSeconds: number | null; expiresAtMs: number | null }
  | { is: "bumped"; ahead: string; held: boolean }
  | { is: "jumped"; overtaken: number }
  | { is: "kicked"; owner: string; held: boolean }
  | { is: "watching" }
  | { is: "free" }
  | { is: "unwatched" }
  | { is: "removed" }
  | Refusal;

interface Moved {
  queue: Queue;
  outcome: Outcome;
}

const refuse = (queue: Queue, why: Exclude<Refusal["why"], "too-long" | "owner-absent">): Moved => ({
  queue,
  outcome: { is: "refused", why },
});

const isSelected = (claim: Claim, whose: ClaimSelector): boolean =>
  "owner" in whose ? claim.owner === whose.owner : claim.id === whose.claimId;

const release = (queue: Queue, moment: Moment, { whose, leaseId, fencing }: Extract<Move, { do: "release" }>): Moved => {
  const turn = findTurn(queue);
  const claim = queue.claims.find(each => isSelected(each, whose));
  if (claim === undefined) return refuse(queue, "absent");
  const held = claim === turn?.claim;
  if (leaseId !== undefined && !(held && claim.leaseId === leaseId)) return refuse(queue, "stale");
  if (fencing !== undefined && turn?.fencing !== fencing) return refuse(queue, "stale");
  if (fencing !== undefined && !held) return refuse(queue, "waiting");
  const outcome = { is: "released" as const, owner: claim.owner, held, ...(held ? { sinceMs: turn?.sinceMs } : {}) };
  return { queue: end(queue, moment, claim.id, { how: held ? "released" : "left" }), outcome };
};

const extend = (queue: Queue, moment: Moment, { owner, byMs, fencing, fromMs }: Extract<Move, { do: "extend" }>): Moved => {
  const turn = findTurn(queue);
  if (turn?.claim.owner !== owner) return refuse(queue, queue.claims.some(each => each.owner === owner) ? "waiting" : "absent");
  if (fencing !== undefined && turn.fencing !== fencing) return refuse(queue, "stale");
  const wasOpen = turn.expiresAtMs === null;
  // The button showed an outdated end. Adding to that end would shorten the turn.
  if (wasOpen && fromMs !== undefined) return refuse(queue, "stale");
  const expiresAtMs = (fromMs ?? turn.expiresAtMs ?? moment.nowMs) + byMs;
  // A second click on the same button asks for the end that the first click has already set.
  if (turn.expiresAtMs !== null && expiresAtMs <= turn.expiresAtMs)
    return { queue, outcome: { is: "extended", expiresAtMs: turn.expiresAtMs, wasOpen } };
  if (expiresAtMs > moment.nowMs + MAX_TURN_SECONDS * 1000)
    return { queue, outcome: { is: "refused", why: "too-long", expiresAtMs: turn.expiresAtMs } };
  // If the claim asked for a time of day, the later end replaces it, so that a turn that was bumped and comes back still ends then.
  const untilMs = turn.claim.untilMs === undefined ? undefined : expiresAtMs;
  return { queue: endTurnAt(queue, turn, { expiresAtMs, untilMs }), outcome: { is: "extended", expiresAtMs, wasOpen } };
};

const endTurnAt = (queue: Queue, { claim, sinceMs }: Turn, change: Pick<Claim, "expiresAtMs" | "untilMs"> & Partial<Claim>): Queue => ({
  ...queue,
  claims: [{ ...claim, sinceMs, isWarned: undefined, ...change }, ...queue.claims.slice(1)],
});

const limit = (queue: Queue, moment: Moment, { claimId, leaseId, forSeconds }: Extract<Move, { do: "limit" }>): Moved => {
  const turn = findTurn(queue);
  const claim = queue.claims.find(({ id }) => id === claimId);
  if (claim === undefined) return refuse(queue, "absent");
  if (turn === undefined || claim !== turn.claim) return refuse(queue, "waiting");
  if (claim.leaseId !== leaseId) return refuse(queue, "stale");
  const expiresAtMs = forSeconds === null ? null : moment.nowMs + forSeconds * 1000;
  const limited = endTurnAt(queue, turn, { expiresAtMs, untilMs: undefined, forSeconds });
  return { queue: limited, outcome: { is: "limited", leaseId, forSeconds, expiresAtMs } };
};

const computeLeftSeconds = ({ expiresAtMs }: Turn, { nowMs }: Moment): number | null =>
  expiresAtMs === null ? null : Math.max(1, Math.ceil((expiresAtMs - nowMs) / 1000));

const bump = (queue: Queue, moment: Moment, { owner }: Extract<Move, { do: "bump" }>): Moved => {
  const index = queue.claims.findIndex(each => each.owner === owner);
  const [claim, next] = [queue.claims[index], queue.claims[index + 1]];
  if (claim === undefined) return refuse(queue, "absent");
  if (next === undefined) return refuse(queue, "last");
  const turn = index === 0 ? findTurn(queue) : undefined;
  const outcome = { is: "bumped" as const, ahead: next.owner, held: turn !== undefined };
  // The rest of the turn is kept for later.
  const leftSeconds = turn === undefined ? claim.forSeconds : computeLeftSeconds(turn, moment);
  const later = { ...claim, forSeconds: leftSeconds, sinceMs: undefined, expiresAtMs: undefined, isWarned: undefined };
  const swapped = { ...queue, claims: [...queue.claims.slice(0, index), next, later, ...queue.claims.slice(index + 2)] };
  if (turn === undefined) return { queue: swapped, outcome };
  return { queue: beginTurn({ ...swapped, passed: queue.passed + 1 }, moment), outcome };
};

const jump = (queue: Queue, moment: Moment, { claim }: Extract<Move, { do: "jump" }>): Moved => {
  const existing = queue.claims.find(each => each.isPersonal && each.owner === claim.owner);
  const [holder] = queue.claims;
  if (existing !== undefined && existing === holder) return refuse(queue, "holding");
  if (existing === undefined && queue.claims.length >= MAX_CLAIMS) return refuse(queue, "full");
  if (existing === undefined && takenKeys(queue).includes(claim.id)) return { queue, outcome: { is: "jumped", overtaken: 0 } };
  const others = findWaiting(queue).filter(each => each !== existing);
  const overtaken = existing === undefined ? others : others.slice(0, queue.claims.indexOf(existing) - 1);
  const front = existing === undefined ? claim : { ...claim, id: existing.id, joinedAtMs: existing.joinedAtMs };
  const claims = holder === undefined ? [front] : [holder, front, ...others];
  // Tell the others why they wait longer.
  const notified = overtaken.reduce(
    (each, { owner }) => addNews(each, moment, { news: "overtaken", user: owner, by: claim.owner, reason: claim.reason }),
    queue,
  );
  return { queue: { ...notified, claims, isRemoved: undefined }, outcome: { is: "jumped", overtaken: overtaken.length } };
};

const kick = (queue: Queue, moment: Moment, { owner, by }: Extract<Move, { do: "kick" }>): Moved => {
  const claims = queue.claims.filter(each => each.owner === owner);
  if (claims.length === 0) return { queue, outcome: { is: "refused", why: "owner-absent", owner } };
  const held = queue.claims[0]?.owner === owner;
  // From the end of the queue, so that none of these claims gets the turn.
  const without = claims.reverse().reduce((rest, { id }) => end(rest, moment, id, { how: "kicked", by }), queue);
  return { queue: addNews(without, moment, { news: "kicked", user: owner, by }), outcome: { is: "kicked", owner, held } };
};

const watch = (queue: Queue, user: string): Moved => {
  if (queue.claims.length === 0) return { queue, outcome: { is: "free" } };
  if (queue.watchers.includes(user)) return { queue, outcome: { is: "watching" } };
  if (queue.watchers.length >= MAX_WATCHERS) return refuse(queue, "too-many-watchers");
  return { queue: { ...queue, watchers: [...queue.watchers, user] }, outcome: { is: "watching" } };
};

const unwatch = (queue: Queue, user: string): Moved => {
  if (!queue.watchers.includes(user)) return { queue, outcome: { is: "unwatched" } };
  return { queue: { ...queue, watchers: queue.watchers.filter(each => each !== user) }, outcome: { is: "unwatched" } };
};

const remove = (queue: Queue): Moved =>
  queue.claims.length > 0 ? refuse(queue, "in-use") : { queue: { ...queue, watchers: [], isRemoved: true }, outcome: { is: "removed" } };

const apply = (queue: Queue, moment: Moment, asked: Move): Moved => {
  switch (asked.do) {
    case "settle":
      return { queue, outcome: { is: "settled" } };
    case "release":
      return release(queue, moment, asked);
    case "extend":
      return extend(queue, moment, asked);
    case "limit":
      return limit(queue, moment, asked);
    case "bump":
      return bump(queue, moment, asked);
    case "jump":
      return jump(queue, moment, asked);
    case "kick":
      return kick(queue, moment, asked);
    case "watch":
      return watch(queue, asked.user);
    case "unwatch":
      return unwatch(queue, asked.user);
    case "remove":
      return remove(queue);
  }
};

/**
 * Applies the changes that are due, then the move. Returns the same queue if nothing changes.
 *
 * `key` is the idempotency key of the request. A move repeated under its key has no effect and returns the first outcome.
 */
const move = (queue: Queue, moment: Moment, asked: Move, key?: string): Moved => {
  const settled = settle(queue, moment);
  const earlier = key === undefined ? undefined : queue.applied.find(each => each.key === key);
  if (earlier !== undefined) return { queue: advance(queue, settled, moment), outcome: JSON.parse(earlier.outcome) as Outcome };
  const moved = apply(settled, moment, asked);
  if (moved.queue === settled || key === undefined) return { queue: advance(queue, moved.queue, moment), outcome: moved.outcome };
  const applied = [...moved.queue.applied, { key, atMs: moment.nowMs, outcome: JSON.stringify(moved.outcome) }];
  return { queue: advance(queue, { ...moved.queue, applied }, moment), outcome: moved.outcome };
};

const advance = (before: Queue, after: Queue, { nowMs }: Moment): Queue =>
  after === before ? before : { ...forget(after, nowMs), version: before.version + 1 };

export type { Move, Moved, Outcome };
export { move };
