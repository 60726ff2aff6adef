/** Finds the operation that a request asks for. */
import { MethodNotAllowed, NotFound } from "#core/errors";
import { buildQuote } from "#core/quote";
import { ACTIONS, type Action, operationOf } from "#functions/api/operations";

interface Found {
  action: Action;
  /** The values of the path's parameters, by name. */
  path: Record<string, string>;
}

const BASE = "/api";

/** Decodes a path segment. Undefined if it, or a part between encoded slashes, is empty, `.` or `..`. Other slashes break the rule for names. */
const decodeSegment = (segment: string): string | undefined => {
  try {
    const text = decodeURIComponent(segment);
    return text.split(/[/\\]/).some(part => part === "" || part === "." || part === "..") ? undefined : text;
  } catch {
    return undefined;
  }
};

const match = (route: string, segments: readonly string[]): Record<string, string> | undefined => {
  const wanted = route.split("/").slice(1);
  if (wanted.length !== segments.length) return undefined;
  const path: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const [, name] = /^\{(\w+)\}$/.exec(wanted[index]!) ?? [];
    if (name === undefined && segment !== wanted[index]) return undefined;
    if (name !== undefined) path[name] = segment;
  }
  return path;
};

/** Decodes the segments of a path below `/api`; undefined if it lies elsewhere, or can't be decoded. */
const parsePath = (rawPath: string): string[] | undefined => {
  if (!rawPath.startsWith(`${BASE}/`)) return undefined;
  const decoded = rawPath
    .slice(BASE.length + 1)
    .split("/")
    .map(decodeSegment);
  const segments = decoded.filter(segment => segment !== undefined);
  return segments.length === decoded.length ? segments : undefined;
};

/** Finds the route of a request. Throws `NotFound` for an unknown path, and `MethodNotAllowed` for a method that the path does not take. */
const findRoute = (method: string, rawPath: string): Found => {
  const segments = parsePath(rawPath) ?? [];
  const found = ACTIONS.flatMap(action => {
    const path = match(operationOf(action).path, segments);
    return path === undefined ? [] : [{ action, path, method: operationOf(action).method }];
  });
  if (found.length === 0) throw new NotFound(`There is no ${buildQuote(rawPath)}.`);
  const chosen = found.find(route => route.method === method);
  if (chosen === undefined) {
    const allowed = found.map(route => route.method);
    throw new MethodNotAllowed(`${buildQuote(rawPath)} takes ${allowed.join(", ")}.`, { allowed });
  }
  return { action: chosen.action, path: chosen.path };
};

/** Tells whether a request is for an operation that takes no token. */
const isOpen = (method: string, rawPath: string): boolean => {
  const segments = parsePath(rawPath) ?? [];
  return ACTIONS.map(operationOf).some(route => route.isOpen && route.method === method && match(route.path, segments) !== undefined);
};

export { findRoute, isOpen };
