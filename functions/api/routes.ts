/** The API's routes, and which of them a request takes. */
import { MethodNotAllowed, NotFound } from "#core/errors";
import { buildQuote } from "#core/quote";

/** Everything that the API does. */
type Action = "describeApi" | "listResources" | "readResource" | "listPast" | "claim" | "readClaim" | "release" | "limit" | "beat";

interface Route {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** As OpenAPI writes it. */
  path: string;
  action: Action;
}

interface Found {
  action: Action;
  /** Parameters of the path, by name. */
  path: Record<string, string>;
}

const BASE = "/api";

const ROUTES: readonly Route[] = [
  { method: "GET", path: "/openapi.json", action: "describeApi" },
  { method: "GET", path: "/resources", action: "listResources" },
  { method: "GET", path: "/resources/{name}", action: "readResource" },
  { method: "GET", path: "/resources/{name}/history", action: "listPast" },
  { method: "POST", path: "/resources/{name}/claims", action: "claim" },
  { method: "GET", path: "/claims/{claimId}", action: "readClaim" },
  { method: "DELETE", path: "/claims/{claimId}", action: "release" },
  { method: "PATCH", path: "/claims/{claimId}", action: "limit" },
  { method: "PUT", path: "/claims/{claimId}/heartbeat", action: "beat" },
];

/** Decodes a path segment; undefined for an empty one, or `.` or `..`. An encoded slash passes; the rule for names refuses it later. */
const decodeSegment = (segment: string): string | undefined => {
  try {
    const text = decodeURIComponent(segment);
    return text.split(/[/\\]/).some(part => part === "" || part === "." || part === "..") ? undefined : text;
  } catch {
    return undefined;
  }
};

const match = (route: Route, segments: readonly string[]): Record<string, string> | undefined => {
  const wanted = route.path.split("/").slice(1);
  if (wanted.length !== segments.length) return undefined;
  const path: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const [, name] = /^\{(\w+)\}$/.exec(wanted[index]!) ?? [];
    if (name === undefined && segment !== wanted[index]) return undefined;
    if (name !== undefined) path[name] = segment;
  }
  return path;
};

/** Finds the route of a request. Throws `NotFound` for a path that there is not, `MethodNotAllowed` for another method. */
const findRoute = (method: string, rawPath: string): Found => {
  const decoded = rawPath.startsWith(`${BASE}/`)
    ? rawPath
        .slice(BASE.length + 1)
        .split("/")
        .map(decodeSegment)
    : [undefined];
  const segments = decoded.filter(segment => segment !== undefined);
  const found =
    segments.length === decoded.length
      ? ROUTES.flatMap(route => {
          const path = match(route, segments);
          return path === undefined ? [] : [{ route, path }];
        })
      : [];
  if (found.length === 0) throw new NotFound(`There is no ${buildQuote(rawPath)}.`);
  const chosen = found.find(({ route }) => route.method === method);
  if (chosen === undefined) {
    const allowed = found.map(({ route }) => route.method);
    throw new MethodNotAllowed(`${buildQuote(rawPath)} takes ${allowed.join(", ")}.`, { allowed });
  }
  return { action: chosen.route.action, path: chosen.path };
};

export type { Action, Found, Route };
export { findRoute, ROUTES };
