/** Ids of claims in the API. They contain the claim's queue. */
import { parseName } from "#core/dibs/name";

/** A claim and its queue. */
interface ClaimPlace {
  team: string;
  name: string;
  id: string;
}

const TEXT = /^([A-Za-z0-9_-]{1,400})\.([A-Za-z0-9_-]{16})$/;

/** Builds the id of a claim in the API. */
const serializeClaimId = ({ team, name, id }: ClaimPlace): string => `${Buffer.from(`${team}/${name}`).toString("base64url")}.${id}`;

/** Parses the id of a claim; undefined if it is not one of ours. */
const parseClaimId = (text: string): ClaimPlace | undefined => {
  const [, place, id] = TEXT.exec(text) ?? [];
  if (place === undefined || id === undefined) return undefined;
  const [, team, rest] = /^([A-Za-z0-9]{1,64})\/(.+)$/s.exec(Buffer.from(place, "base64url").toString("utf8")) ?? [];
  const name = parseName(rest ?? "");
  if (team === undefined || typeof name !== "string" || name !== rest) return undefined;
  return serializeClaimId({ team, name, id }) === text ? { team, name, id } : undefined;
};

export type { ClaimPlace };
export { parseClaimId, serializeClaimId };
