/** Ids of claims as the outside knows them: they say where the claim is. */
import { parseName } from "#core/dibs/name";

/** Which queue a claim is in, and which one it is there. */
interface ClaimPlace {
  team: string;
  name: string;
  id: string;
}

const TEXT = /^([A-Za-z0-9_-]{1,400})\.([A-Za-z0-9_-]{16})$/;

/** Builds what the outside knows a claim by. */
const serializeClaimId = ({ team, name, id }: ClaimPlace): string => `${Buffer.from(`${team}/${name}`).toString("base64url")}.${id}`;

/** Parses a claim's id; undefined for what is none of ours. */
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
