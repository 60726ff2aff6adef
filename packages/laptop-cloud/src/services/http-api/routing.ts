/** A parsed route. */
interface Route<T> {
  /** As declared, "POST /webhook". */
  key: string;
  /** "ANY" matches every method. `$default` matches what no other route does. */
  method: string;
  path: string;
  segments: Segment[];
  target: T;
}

/** `fixed` matches literally, `one` matches one segment, and `rest` matches all remaining segments. */
type Segment = { kind: "fixed"; text: string } | { kind: "one" | "rest"; name: string };

interface RouteMatch<T> {
  route: Route<T>;
  /** Decoded, as they are passed to the function. */
  parameters: Record<string, string>;
}

const defaultKey = "$default";

const parseRoute = <T>(key: string, target: T): Route<T> => {
  if (key === defaultKey) return { key, method: "ANY", path: "", segments: [], target };
  const [method, path] = key.split(" ") as [string, string];
  return { key, method, path, segments: segmentsOf(path).map(parseSegment), target };
};

const parseSegment = (text: string): Segment => {
  const [, name, greedy] = /^\{([^}+]+)(\+)?\}$/.exec(text) ?? [];
  if (name === undefined) return { kind: "fixed", text };
  return { kind: greedy === undefined ? "one" : "rest", name };
};

/**
 * Finds the most specific route: segment by segment, fixed text comes before a variable, and a variable before a greedy one.
 * Then a specific method comes before ANY. `$default` is last (API Gateway, "Create routes for HTTP APIs").
 */
const findRoute = <T>(routes: Route<T>[], method: string, path: string): RouteMatch<T> | undefined => {
  const asked = segmentsOf(path);
  const [best] = routes
    .filter(route => route.key !== defaultKey && (route.method === method || route.method === "ANY") && fits(route.segments, asked))
    .sort(bySpecificity);
  if (best !== undefined) return { route: best, parameters: parametersOf(best.segments, asked) };
  const otherwise = routes.find(route => route.key === defaultKey);
  return otherwise === undefined ? undefined : { route: otherwise, parameters: {} };
};

const segmentsOf = (path: string): string[] => path.split("/").slice(1);

const fits = (segments: Segment[], asked: string[]): boolean => {
  const greedy = segments.at(-1)?.kind === "rest";
  if (greedy ? asked.length < segments.length : asked.length !== segments.length) return false;
  return segments.every((segment, index) => (segment.kind === "fixed" ? segment.text === asked[index] : asked[index] !== ""));
};

const ranks = { fixed: 0, one: 1, rest: 2 } as const;

const bySpecificity = (a: Route<unknown>, b: Route<unknown>): number => {
  for (let index = 0; index < Math.min(a.segments.length, b.segments.length); index++) {
    const difference = ranks[a.segments[index]!.kind] - ranks[b.segments[index]!.kind];
    if (difference !== 0) return difference;
  }
  return b.segments.length - a.segments.length || Number(a.method === "ANY") - Number(b.method === "ANY");
};

const parametersOf = (segments: Segment[], asked: string[]): Record<string, string> => {
  const found = segments.flatMap((segment, index): [string, string][] => {
    if (segment.kind === "fixed") return [];
    return [[segment.name, decodePath(segment.kind === "one" ? asked[index]! : asked.slice(index).join("/"))]];
  });
  return Object.fromEntries(found);
};

/** Invalid percent-encoding is left unchanged. */
const decodePath = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

export type { Route, RouteMatch };
export { decodePath, findRoute, parseRoute };
