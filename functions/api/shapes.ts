/** What the API answers: each shape's schema, and how it is built. Times are ISO 8601 in UTC. */
import * as z from "zod";
import { serializeClaimId } from "#core/dibs/claim-id";
import {
  type EndedClaim,
  estimateStartMs,
  findTurn,
  findWaiting,
  type Queue,
  type Claim as QueuedClaim,
  type Turn,
} from "#core/dibs/queue";
import type { ClaimStatus } from "#functions/dibs/dibs";
import type { QueueKey } from "#stores/dibs/dibs-table";

const INTEGER = z.number().meta({ type: "integer" });
const TIME = z.string().meta({ format: "date-time" });
const ENDINGS = z.enum(["released", "left", "expired", "dead", "kicked"]);

const HOLDING = z.object({
  claimId: z.string(),
  status: z.literal("holding"),
  leaseId: z.string().meta({ description: "Identifies this turn. Only the claim's maker sees it." }).optional(),
  fencing: INTEGER.meta({ description: "Grows with every turn of the resource, and never shrinks." }),
  expiresAt: TIME.nullable().meta({
    description: "The turn ends then, up to a minute late; null for an open turn, which ends when it is released.",
  }),
});

const WAITING = z.object({
  claimId: z.string(),
  status: z.literal("waiting"),
  position: INTEGER.meta({ minimum: 1, description: "1 is next." }),
});

const ENDED = z.object({ claimId: z.string(), status: ENDINGS, endedAt: TIME });

/** A claim that has not ended. */
const LIVE_CLAIM = z.discriminatedUnion("status", [HOLDING, WAITING]);
const CLAIM = z.discriminatedUnion("status", [HOLDING, WAITING, ENDED]);

const HOLDER = z.object({
  claimId: z.string(),
  owner: z.string(),
  since: TIME,
  expiresAt: TIME.nullable().meta({ description: "Null for an open turn." }),
  fencing: INTEGER,
  reason: z.string().optional(),
});

const QUEUED = z.object({
  claimId: z.string(),
  owner: z.string(),
  position: INTEGER,
  since: TIME,
  forSeconds: INTEGER.nullable().meta({ description: "Null for an open turn." }),
  startsBy: TIME.nullable().meta({
    description: "The latest start of the turn, if nobody extends or jumps the queue; null if an open turn comes before it.",
  }),
  reason: z.string().optional(),
});

const RESOURCE = z.object({
  name: z.string(),
  holder: HOLDER.nullable(),
  queue: z.array(QUEUED).meta({ description: "The waiting claims, without the holder." }),
});

const PAST_CLAIM = z.object({
  claimId: z.string(),
  owner: z.string(),
  status: ENDINGS,
  joinedAt: TIME,
  since: TIME.meta({ description: "When its turn began, if it had one." }).optional(),
  fencing: INTEGER.optional(),
  endedAt: TIME,
  by: z.string().meta({ description: "Who ended it, if not its owner." }).optional(),
  reason: z.string().optional(),
});

const NEXT_CURSOR = z.string().meta({ description: "The cursor of the next page; absent on the last one." }).optional();
const RESOURCE_PAGE = z.object({ resources: z.array(RESOURCE), nextCursor: NEXT_CURSOR });
const PAST_PAGE = z.object({ claims: z.array(PAST_CLAIM), nextCursor: NEXT_CURSOR });

type Claim = z.infer<typeof CLAIM>;
type Holder = z.infer<typeof HOLDER>;
type PastClaim = z.infer<typeof PAST_CLAIM>;
type PastPage = z.infer<typeof PAST_PAGE>;
type Resource = z.infer<typeof RESOURCE>;
type ResourcePage = z.infer<typeof RESOURCE_PAGE>;

const formatMs = (timeMs: number): string => new Date(timeMs).toISOString();

/** Null stands for an open end. */
const formatEnd = (timeMs: number | null): string | null => (timeMs === null ? null : formatMs(timeMs));

const describeReason = ({ reason }: QueuedClaim): { reason?: string } => (reason === undefined ? {} : { reason });

/** A resource: who holds it, and who waits. */
const describeResource = (queue: Queue, nowMs: number): Resource => {
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

const describeHolder = (queue: QueueKey, { claim, sinceMs, expiresAtMs, fencing }: Turn): Holder => ({
  claimId: serializeClaimId({ ...queue, id: claim.id }),
  owner: claim.owner,
  since: formatMs(sinceMs),
  expiresAt: formatEnd(expiresAtMs),
  fencing,
  ...describeReason(claim),
});

/** The current state of a claim. Only its maker sees the lease. */
const describeClaim = (claimId: string, status: ClaimStatus, user: string): Claim => {
  switch (status.is) {
    case "holding": {
      const { claim, turn } = status;
      const lease = claim.maker === user ? { leaseId: claim.leaseId } : {};
      return { claimId, status: "holding", ...lease, fencing: turn.fencing, expiresAt: formatEnd(turn.expiresAtMs) };
    }
    case "waiting":
      return { claimId, status: "waiting", position: status.position };
    case "ended":
      return { claimId, status: status.ended.how, endedAt: formatMs(status.ended.endedAtMs) };
  }
};

const describePast = (claimId: string, { claim, how, endedAtMs, sinceMs, fencing, by }: EndedClaim): PastClaim => ({
  claimId,
  owner: claim.owner,
  status: how,
  joinedAt: formatMs(claim.joinedAtMs),
  ...(sinceMs === undefined ? {} : { since: formatMs(sinceMs), fencing }),
  endedAt: formatMs(endedAtMs),
  ...(by === undefined ? {} : { by }),
  ...describeReason(claim),
});

export type { PastPage, ResourcePage };
export {
  CLAIM,
  describeClaim,
  describePast,
  describeResource,
  ENDED,
  HOLDING,
  LIVE_CLAIM,
  PAST_CLAIM,
  PAST_PAGE,
  RESOURCE,
  RESOURCE_PAGE,
  WAITING,
};
