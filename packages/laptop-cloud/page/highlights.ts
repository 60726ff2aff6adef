import type { CallStep, CallsEvent, Occurrence, Trace } from "../src/protocol";
import { type Graph, type GraphEdge, kindOfType, type NodeKind } from "./graph";

/** What the diagram highlights for one occurrence. */
interface Highlights {
  /** Ids of edges that something moved along. */
  edges: string[];
  /** Ids of nodes where something failed. */
  failedNodes: string[];
}

/** Kinds of nodes that make AWS calls. */
const CALLERS: NodeKind[] = ["function", "container", "machine"];

/** Finds what to highlight. Names are unique among nodes of one kind only; the kind of the occurrence decides which kinds it names. */
const findHighlights = (graph: Graph, { kind, from, to, detail = {} }: Occurrence): Highlights => {
  const edges = (fromKinds: NodeKind[], toKinds?: NodeKind[]) =>
    graph.edges.filter(edge => isAt(edge.from, fromKinds, from) && isAt(edge.to, toKinds, to)).map(({ id }) => id);
  switch (kind) {
    case "invoke":
      // Invocations by topics, buckets, schedules and state machines have occurrences of their own.
      if (from === "apigateway.amazonaws.com") return { edges: findRoutes(graph, to), failedNodes: [] };
      return { edges: edges(["queue", "function"], ["function"]), failedNodes: [] };
    case "invoked":
      return { edges: [], failedNodes: "error" in detail || "reported" in detail ? [`function:${from}`] : [] };
    case "publish":
      return { edges: edges(CALLERS, ["topic"]), failedNodes: [] };
    case "deliver":
      return { edges: edges(["topic", "bucket", "function"]), failedNodes: [] };
    case "send":
      return { edges: edges(CALLERS, ["queue"]), failedNodes: [] };
    case "receive":
      // A function that takes messages has an occurrence for its invocation.
      return { edges: edges(["queue"], ["container"]), failedNodes: [] };
    case "request":
      return { edges: edges(["container"], ["api"]), failedNodes: [] };
    case "task-ended":
      return { edges: [], failedNodes: detail["asked"] === true || detail["code"] === 0 ? [] : [`container:${from}`] };
    case "step":
      return { edges: detail["phase"] === "entered" ? edges(["machine"]) : [], failedNodes: [] };
    case "timer":
      return { edges: edges(["schedule"]), failedNodes: [] };
    case "execution":
      return { edges: [], failedNodes: ["started", "succeeded"].includes(String(detail["phase"])) ? [] : [`machine:${to}`] };
    case "dead-letter":
      return {
        edges: [],
        failedNodes: graph.nodes.filter(node => node.name === from && node.deadLetters !== undefined).map(({ id }) => id),
      };
    default:
      return { edges: [], failedNodes: [] };
  }
};

/** Finds the edges from functions and containers to the resources that they called: reads, writes and started executions. */
const findTouchedEdges = (graph: Graph, touched: CallsEvent["touched"]): string[] => {
  const ids = new Set(
    touched.flatMap(([name, type, target]) => {
      const kind = kindOfType(type);
      if (kind === undefined || kind === "topic" || kind === "queue") return [];
      return [`function:${name} > ${kind}:${target}`, `container:${name} > ${kind}:${target}`];
    }),
  );
  return graph.edges.filter(({ id }) => ids.has(id)).map(({ id }) => id);
};

/** What the steps of a trace touched: ids of nodes and edges. */
interface TracePath {
  nodes: ReadonlySet<string>;
  edges: ReadonlySet<string>;
}

const findPath = (graph: Graph, steps: Trace["steps"]): TracePath => {
  const edges = new Set(steps.flatMap(step => (isCall(step) ? findCalled(graph, step) : findHighlights(graph, step).edges)));
  const ends = graph.edges.filter(({ id }) => edges.has(id)).flatMap(({ from, to }) => [from, to]);
  const own = new Set(steps.flatMap(findActors));
  return { nodes: new Set([...ends, ...graph.nodes.map(({ id }) => id).filter(id => own.has(id))]), edges };
};

/** The ids that nodes would have where a step happened, whether or not something moved along an edge. */
const findActors = (step: Occurrence | CallStep): string[] => {
  if (isCall(step)) return [`function:${step.function}`, `container:${step.function}`];
  const { kind, from, to } = step;
  if (kind === "invoke" || kind === "http") return [`function:${to}`];
  if (kind === "invoked" || kind === "log") return [`function:${from}`];
  if (kind === "execution") return [`machine:${to}`];
  return kind === "step" ? [`machine:${from}`] : [];
};

const isCall = (step: Occurrence | CallStep): step is CallStep => step.kind === "call";

/** Finds the edges from the caller to the table or bucket that it called: `arn:aws:dynamodb:...:table/words/index/by-ranking`. */
const findCalled = (graph: Graph, { function: caller, resource }: CallStep): string[] => {
  const [, kind, name] = /:(table)\/([^/]+)/.exec(resource ?? "") ?? /^arn:aws:(s3):::([^/]+)/.exec(resource ?? "") ?? [];
  const target = kind === undefined ? "" : `${kind === "s3" ? "bucket" : kind}:${name}`;
  return graph.edges.filter(({ from, to }) => to === target && isAt(from, CALLERS, caller ?? "")).map(({ id }) => id);
};

const findRoutes = (graph: Graph, to: string | undefined) =>
  graph.edges.filter((edge: GraphEdge) => isAt(edge.from, ["api"]) && isAt(edge.to, ["function"], to)).map(({ id }) => id);

const isAt = (node: string, kinds?: NodeKind[], name?: string) => {
  const at = node.indexOf(":");
  return (kinds === undefined || kinds.some(kind => kind === node.slice(0, at))) && (name === undefined || name === node.slice(at + 1));
};

export type { Highlights, TracePath };
export { findHighlights, findPath, findTouchedEdges };
