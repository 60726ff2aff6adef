import type { Caller } from "../../kernel/caller";
import type { AuthorizeMore, Place } from "../../kernel/service";

/** A request to authorize, with the values that conditions may refer to. */
interface Request {
  caller: Caller;
  action: string;
  resource: string;
  more: AuthorizeMore;
  place: Place;
  nowMs: number;
  /** Tags of the caller's role. */
  principalTags: Record<string, string>;
}

/** The condition values of a request, by condition key in lower case. */
interface Context {
  get(key: string): readonly string[] | undefined;
}

type Reader = (request: Request) => string | undefined;

/** The supported global condition keys, in lower case (AWS global condition context keys). */
const globalKeys: Record<string, Reader> = {
  "aws:principalarn": ({ caller }) => roleArnOf(caller),
  "aws:principalaccount": ({ caller, place }) => (roleArnOf(caller) === undefined ? undefined : place.account),
  "aws:principaltype": ({ caller }) => (roleArnOf(caller) === undefined ? undefined : "AssumedRole"),
  "aws:principalisawsservice": ({ caller }) => String(caller.kind === "service"),
  "aws:principalservicename": ({ caller }) => (caller.kind === "service" ? caller.principal : undefined),
  "aws:sourcearn": ({ caller }) => (caller.kind === "service" ? caller.sourceArn : undefined),
  "aws:sourceaccount": ({ caller, place }) => (caller.kind === "service" ? accountOf(caller.sourceArn) || place.account : undefined),
  // An older name, used in the policy that AWS gives to new topics. Roles have no value for it, so they need their own grant to publish.
  "aws:sourceowner": ({ caller, place }) => (caller.kind === "service" ? accountOf(caller.sourceArn) || place.account : undefined),
  "aws:resourceaccount": ({ resource, place }) => accountOf(resource) || place.account,
  // The laptop speaks plain HTTP on loopback; policies that demand TLS would otherwise deny everything.
  "aws:securetransport": () => "true",
  "aws:viaawsservice": () => "false",
  "aws:requestedregion": ({ place }) => place.region,
  "aws:currenttime": ({ nowMs }) => new Date(nowMs).toISOString(),
  "aws:epochtime": ({ nowMs }) => String(Math.floor(nowMs / 1000)),
};
const principalTagPrefix = "aws:principaltag/";

/** Whether conditions may use `key`: global keys must be supported here; services pass their own keys along. */
const isKnownKey = (key: string): boolean => {
  const lower = key.toLowerCase();
  return !lower.startsWith("aws:") || Object.hasOwn(globalKeys, lower) || lower.startsWith(principalTagPrefix);
};

const contextOf = (request: Request): Context => ({
  get: key => {
    const passed = passedAlong(request, key);
    if (passed !== undefined) return [passed].flat();
    const value = key.startsWith(principalTagPrefix) ? tagOf(request, key.slice(principalTagPrefix.length)) : globalKeys[key]?.(request);
    return value === undefined ? undefined : [value];
  },
});

const passedAlong = ({ more }: Request, key: string) => {
  if (more.context === undefined) return undefined;
  return more.context[key] ?? Object.entries(more.context).find(([name]) => name.toLowerCase() === key)?.[1];
};

const tagOf = ({ principalTags }: Request, lowerName: string) =>
  Object.entries(principalTags).find(([name]) => name.toLowerCase() === lowerName)?.[1];

const roleArnOf = (caller: Caller) => (caller.kind === "function" || caller.kind === "role" ? caller.roleArn : undefined);

const accountOf = (arn: string) => arn.split(":")[4];

export type { Context, Request };
export { contextOf, isKnownKey };
