import type { IncomingHttpHeaders } from "node:http";
import { AwsError } from "../kernel/aws-error";
import type { RestRoute } from "../kernel/service";

interface Requested {
  method: string;
  /** Percent-encoded. */
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
}

interface RouteMatch {
  route: RestRoute;
  parameters: Record<string, string>;
}

/** Finds the route of a request: `{Name}` matches one path segment, and a final `{Name+}` matches slashes too. The first match wins. */
const findRoute = (routes: RestRoute[], { method, path, query, headers }: Requested): RouteMatch | undefined => {
  for (const route of routes) {
    if (route.method !== method) continue;
    if (route.header !== undefined && headers[route.header] === undefined) continue;
    const [template, wanted] = route.path.split("?", 2) as [string, string | undefined];
    if (!hasAll(query, wanted)) continue;
    const parameters = matchPath(template, path);
    if (parameters !== undefined) return { route, parameters };
  }
  return undefined;
};

const hasAll = (query: URLSearchParams, wanted: string | undefined): boolean =>
  [...new URLSearchParams(wanted)].every(([name, value]) => query.has(name) && (value === "" || query.get(name) === value));

const matchPath = (template: string, path: string): Record<string, string> | undefined => {
  const pattern = template
    .split(/(\{[^}]+\})/)
    .map(part => (part.startsWith("{") ? (part.endsWith("+}") ? "(.+)" : "([^/]+)") : part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")))
    .join("");
  const match = new RegExp(`^${pattern}/?$`, "s").exec(path);
  if (match === null) return undefined;
  const names = [...template.matchAll(/\{([^}+]+)\+?\}/g)].map(([, name]) => name!);
  return Object.fromEntries(names.map((name, index) => [name, decode(match[index + 1]!)]));
};

/** Throws `AwsError` InvalidURI. */
const decode = (segment: string): string => {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new AwsError("InvalidURI", `The path contains ${JSON.stringify(segment)}, which is not percent-encoded UTF-8.`);
  }
};

export type { RouteMatch };
export { findRoute };
