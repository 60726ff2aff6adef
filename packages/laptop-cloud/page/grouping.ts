/** Draws the resources of a component as one node until somebody opens it. */
import type { Graph, GraphEdge, GraphNode } from "./graph";

/** A component of the program, with the resources inside it. */
interface Group {
  /** "group:NAME". */
  id: string;
  name: string;
  members: GraphNode[];
}

/** The graph as it is drawn. */
interface GroupedGraph {
  /** Resources that are drawn themselves. */
  nodes: GraphNode[];
  closed: Group[];
  open: Group[];
  edges: DrawnEdge[];
  /** What is drawn for a resource: itself, or its closed group. */
  drawnAs: ReadonlyMap<string, string>;
}

/** One line for all edges between two drawn nodes. */
interface DrawnEdge extends GraphEdge {
  /** Ids of the edges that it stands for. */
  of: string[];
}

/** Smaller components are drawn as they are. */
const MIN_MEMBERS = 3;

/** A program with fewer nodes starts with all groups open. */
const FEW_NODES = 18;

const listGroups = ({ nodes }: Graph): Group[] => {
  const names = [...new Set(nodes.map(({ group }) => group))].filter(name => name !== undefined);
  return names
    .map(name => ({ id: `group:${name}`, name, members: nodes.filter(({ group }) => group === name) }))
    .filter(({ members }) => members.length >= MIN_MEMBERS);
};

/** The groups that are open at first: all groups of a small program, and those of a large one that the page names. */
const chooseOpen = (graph: Graph, named: readonly string[]): string[] =>
  listGroups(graph)
    .map(({ name }) => name)
    .filter(name => graph.nodes.length <= FEW_NODES || named.includes(name));

const groupGraph = (graph: Graph, opened: readonly string[]): GroupedGraph => {
  const groups = listGroups(graph);
  const [open, closed] = [groups.filter(({ name }) => opened.includes(name)), groups.filter(({ name }) => !opened.includes(name))];
  const hidden = new Map(closed.flatMap(({ id, members }) => members.map((member): [string, string] => [member.id, id])));
  const drawnAs = new Map(graph.nodes.map(({ id }): [string, string] => [id, hidden.get(id) ?? id]));
  const nodes = graph.nodes.filter(({ id }) => !hidden.has(id));
  return { nodes, open, closed, drawnAs, edges: mergeEdges(graph.edges, drawnAs) };
};

const mergeEdges = (edges: readonly GraphEdge[], drawnAs: ReadonlyMap<string, string>): DrawnEdge[] => {
  const drawn = new Map<string, DrawnEdge>();
  for (const edge of edges) {
    const [from, to] = [drawnAs.get(edge.from)!, drawnAs.get(edge.to)!];
    if (from === to) continue;
    const id = `${from} > ${to}`;
    const { kind, of } = drawn.get(id) ?? { kind: edge.kind, of: [] };
    drawn.set(id, { id, from, to, kind: kind === "event" ? kind : edge.kind, of: [...of, edge.id] });
  }
  return [...drawn.values()];
};

export type { DrawnEdge, Group, GroupedGraph };
export { chooseOpen, groupGraph, listGroups };
