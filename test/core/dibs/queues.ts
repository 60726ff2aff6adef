/** Turn queues at a given minute, and facts about the people in them. */
import { buildQueue, type Claim, join, type Queue } from "#core/dibs/queue";

const NOW_MS = 1_763_805_600_000;
const MINUTE_MS = 60_000;

let ids = 0;
const at = (minutes = 0) => ({
  nowMs: NOW_MS + minutes * MINUTE_MS,
  newId: () => {
    ids += 1;
    return `id-${ids}`;
  },
});

const claimOf = (owner: string, over: Partial<Claim> = {}): Claim => ({
  id: `claim of ${owner}`,
  owner,
  isPersonal: true,
  maker: owner,
  joinedAtMs: NOW_MS,
  forSeconds: 3600,
  leaseId: `lease of ${owner}`,
  ...over,
});

const queueOf = (...claims: Claim[]): Queue => claims.reduce(join, buildQueue("T0001", "staging"));
const ownersOf = ({ claims }: Queue) => claims.map(({ owner }) => owner);
const newsOf = ({ outbox }: Queue) =>
  Object.values(outbox).flatMap(entry => (entry.kind === "news" ? [`${entry.news} ${entry.user}`] : []));
const endingsOf = ({ outbox }: Queue) =>
  Object.values(outbox).flatMap(entry => (entry.kind === "ended" ? [`${entry.ended.claim.owner} ${entry.ended.how}`] : []));

export { at, claimOf, endingsOf, MINUTE_MS, NOW_MS, newsOf, ownersOf, queueOf };
