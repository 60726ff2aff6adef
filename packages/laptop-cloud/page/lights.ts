import type { Graph, GraphEdge, NodeKind } from "./graph";
import { kindOfType } from "./graph";
import type { Occurrence } from "./occurrence";

/** What lights up on the diagram because of something that happened. */
interface Lights {
  /** Ids of edges along which something went. */
  edges: string[];
  /** Ids of nodes where something failed. */
  failed: string[];
}

/** What acts by a role. */
const actors: NodeKind[] = ["function", "container", "machine"];

/** Finds what an occurrence lights; names are unique among nodes of one kind only, and each kind of occurrence says which it means. */
const lightsOf = (graph: Graph, { kind, from, to, detail = {} }: Occurrence): Lights => {
  const edges = (fromKinds: NodeKind[], toKinds?: NodeKind[]) =>
    graph.edges.filter(edge => isAt(edge.from, fromKinds, from) && isAt(edge.to, toKinds, to)).map(({ id }) => id);
  switch (kind) {
    case "invoke":
      // What topics, buckets, schedules and state machines do is told by occurrences of their own.
      if (from === "apigateway.amazonaws.com") return { edges: entrances(graph, to), failed: [] };
      return { edges: edges(["queue", "function"], ["function"]), failed: [] };
    case "invoked":
      return { edges: [], failed: detail["error"] === undefined ? [] : [`function:${from}`] };
    case "publish":
      return { edges: edges(actors, ["topic"]), failed: [] };
    case "deliver":
      return { edges: edges(["topic", "bucket", "function"]), failed: [] };
    case "send":
      return { edges: edges(actors, ["queue"]), failed: [] };
    case "receive":
      // What a function is handed, its invocation tells.
      return { edges: edges(["queue"], ["container"]), failed: [] };
    case "request":
      return { edges: edges(["container"], ["api"]), failed: [] };
    case "task-ended":
      return { edges: [], failed: detail["asked"] === true || detail["code"] === 0 ? [] : [`container:${from}`] };
    case "step":
      return { edges: detail["phase"] === "entered" ? edges(["machine"]) : [], failed: [] };
    case "timer":
      return { edges: edges(["schedule"]), failed: [] };
    case "execution":
      return { edges: [], failed: ["started", "succeeded"].includes(String(detail["phase"])) ? [] : [`machine:${to}`] };
    case "dead-letter":
      return { edges: [], failed: graph.nodes.filter(node => node.name === from && node.deadLetters !== undefined).map(({ id }) => id) };
    default:
      return { edges: [], failed: [] };
  }
};

/** The edges along which the AWS calls of functions and containers went: reads, writes, and the start of executions. */
const touchedEdges = (graph: Graph, touched: [string, string, string][]): string[] => {
  const ids = new Set(
    touched.flatMap(([name, type, target]) => {
      const kind = kindOfType(type);
      if (kind === undefined || kind === "topic" || kind === "queue") return [];
      return [`function:${name} > ${kind}:${target}`, `container:${name} > ${kind}:${target}`];
    }),
  );
  return graph.edges.filter(({ id }) => ids.has(id)).map(({ id }) => id);
};

const entrances = (graph: Graph, to: string | undefined) =>
  graph.edges.filter((edge: GraphEdge) => isAt(edge.from, ["api"]) && isAt(edge.to, ["function"], to)).map(({ id }) => id);

const isAt = (node: string, kinds?: NodeKind[], name?: string) => {
  const at = node.indexOf(":");
  return (kinds === undefined || kinds.some(kind => kind === node.slice(0, at))) && (name === undefined || name === node.slice(at + 1));
};

export type { Lights };
export { lightsOf, touchedEdges };
