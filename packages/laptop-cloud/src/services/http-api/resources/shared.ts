import { createHash } from "node:crypto";
import type { Declared, Place } from "../../../kernel/service";

/** The path of the program's first API. Further ones append a hyphen and their name. */
const firstMount = "/api-gateway";

/** The mounts of one start's APIs, by API id. A stage's URL is its API's, and the two are declared one after the other. */
const mountsOfPlace = new WeakMap<Place, Map<string, string>>();

const mountsOf = (place: Place): Map<string, string> => {
  const mounts = mountsOfPlace.get(place) ?? new Map<string, string>();
  mountsOfPlace.set(place, mounts);
  return mounts;
};

/** Gives an API its path. */
const mountApi = (place: Place, apiId: string, name: string): string => {
  const mounts = mountsOf(place);
  const mount = mounts.get(apiId) ?? (mounts.size === 0 ? firstMount : `${firstMount}-${name.replace(/[^A-Za-z0-9-]/g, "-")}`);
  mounts.set(apiId, mount);
  return mount;
};

const inertTags = "nothing asks for them";

/** The function behind an integration: its ARN as it is, or inside API Gateway's own ARN for the function's Invoke. */
const functionArnOf = (integrationUri: unknown): string | undefined =>
  /(?:^|\/functions\/)(arn:aws:lambda:[^/]+:function:[^/]+?)(?:\/invocations)?$/.exec(String(integrationUri))?.[1];

const executionArnOf = ({ region, account }: Place, apiId: string) => `arn:aws:execute-api:${region}:${account}:${apiId}`;

/** Ten letters and digits, as AWS's ids. They are derived from the Pulumi name, so that they stay the same at each start. */
const idOf = (kind: string, name: string) =>
  BigInt(`0x${createHash("sha256").update(`${kind} ${name}`).digest("hex").slice(0, 16)}`)
    .toString(36)
    .padStart(10, "0")
    .slice(0, 10);

const unless = (inputs: Declared["inputs"], property: string, imitated: unknown): string | undefined => {
  const value = inputs[property];
  if (value === undefined || value === imitated) return undefined;
  return `${property} is ${quote(value)}: the laptop cloud imitates ${quote(imitated)}.`;
};

const quote = (value: unknown) => JSON.stringify(value) ?? String(value);

export { executionArnOf, firstMount, functionArnOf, idOf, inertTags, mountApi, mountsOf, quote, unless };
