import type { RestRoute } from "../kernel/service";

interface RouteMatch {
  route: RestRoute;
  parameters: Record<string, string>;
}

/** Finds the route of a request: `{Name}` takes one path segment, a last `{Name+}` takes slashes too. The first that fits wins. */
const findRoute = (routes: RestRoute[], method: string, path: string): RouteMatch | undefined => {
  for (const route of routes) {
    if (route.method !== method) continue;
    const parameters = matchPath(route.path, path);
    if (parameters !== undefined) return { route, parameters };
  }
  return undefined;
};

const matchPath = (template: string, path: string): Record<string, string> | undefined => {
  const pattern = template
    .split(/(\{[^}]+\})/)
    .map(part => (part.startsWith("{") ? (part.endsWith("+}") ? "(.+)" : "([^/]+)") : part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")))
    .join("");
  const match = new RegExp(`^${pattern}/?$`, "s").exec(path);
  if (match === null) return undefined;
  const names = [...template.matchAll(/\{([^}+]+)\+?\}/g)].map(([, name]) => name!);
  return Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(match[index + 1]!)]));
};

export type { RouteMatch };
export { findRoute };
