/** How the API shows queues and claims. Times are ISO 8601 in UTC. */
import { serializeClaimId } from "#core/dibs/claim-id";
import { type Claim, type EndedClaim, estimateStartMs, findTurn, findWaiting, type Queue, type Turn } from "#core/dibs/queue";
import type { Standing } from "#functions/dibs/dibs";
import type { QueueKey } from "#stores/dibs/dibs-table";

type Shape = Record<string, unknown>;

const formatMs = (timeMs: number): string => new Date(timeMs).toISOString();

/** Null stands for an open end. */
const formatEnd = (timeMs: number | null): string | null => (timeMs === null ? null : formatMs(timeMs));

const describeReason = ({ reason }: Claim): Shape => (reason === undefined ? {} : { reason });

/** A resource: who holds it, and who waits. */
const describeResource = (queue: Queue, nowMs: number): Shape => {
  const turn = findTurn(queue);
  return {
    name: queue.name,
    holder: turn === undefined ? null : describeHolder(queue, turn),
    queue: findWaiting(queue).map((claim, index) => ({
      claimId: serializeClaimId({ ...queue, id: claim.id }),
      owner: claim.owner,
      position: index + 1,
      since: formatMs(claim.joinedAtMs),
      forSeconds: claim.forSeconds,
      startsBy: formatEnd(estimateStartMs(queue, claim.id, nowMs)),
      ...describeReason(claim),
    })),
  };
};

const describeHolder = (queue: QueueKey, { claim, sinceMs, expiresAtMs, fencing }: Turn): Shape => ({
  claimId: serializeClaimId({ ...queue, id: claim.id }),
  owner: claim.owner,
  since: formatMs(sinceMs),
  expiresAt: formatEnd(expiresAtMs),
  fencing,
  ...describeReason(claim),
});

/** A claim as it stands. The lease is for whoever made the claim. */
const describeClaim = (claimId: string, standing: Standing, user: string): Shape => {
  switch (standing.is) {
    case "holding": {
      const { claim, turn } = standing;
      const lease = claim.maker === user ? { leaseId: claim.leaseId } : {};
      return { claimId, status: "holding", ...lease, fencing: turn.fencing, expiresAt: formatEnd(turn.expiresAtMs) };
    }
    case "waiting":
      return { claimId, status: "waiting", position: standing.position };
    case "ended":
      return { claimId, status: standing.ended.how, endedAt: formatMs(standing.ended.endedAtMs) };
  }
};

/** A claim of the past. */
const describePast = (claimId: string, { claim, how, endedAtMs, sinceMs, fencing, by }: EndedClaim): Shape => ({
  claimId,
  owner: claim.owner,
  status: how,
  joinedAt: formatMs(claim.joinedAtMs),
  ...(sinceMs === undefined ? {} : { since: formatMs(sinceMs), fencing }),
  endedAt: formatMs(endedAtMs),
  ...(by === undefined ? {} : { by }),
  ...describeReason(claim),
});

export { describeClaim, describePast, describeResource };
