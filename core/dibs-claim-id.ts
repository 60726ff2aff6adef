/** Ids of claims: they say where the claim is, and the same request makes the same id. */
import { createHash, randomBytes } from "node:crypto";
import { parseName } from "#core/dibs-name";

/** Which queue a claim is in, and which one it is there. */
interface ClaimPlace {
  team: string;
  name: string;
  id: string;
}

/** 96 bits: far more than there are claims, and short in an item that holds many. */
const ID_BYTES = 12;
const TEXT = /^([A-Za-z0-9_-]{1,400})\.([A-Za-z0-9_-]{16})$/;

/** Hashes parts to an id of 16 characters. */
const buildHash = (...parts: [string, ...string[]]): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest().subarray(0, ID_BYTES).toString("base64url");

/** Makes up an id that nobody can guess. */
const createId = (): string => randomBytes(ID_BYTES).toString("base64url");

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
export { buildHash, createId, parseClaimId, serializeClaimId };
