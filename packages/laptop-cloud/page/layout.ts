/** Places the nodes of a graph from left to right, in the direction of the events. */
import { Graph as Dagre, layout } from "@dagrejs/dagre";
import type { Graph } from "./graph";

interface Point {
  x: number;
  y: number;
}

interface Layout {
  width: number;
  height: number;
  /** Centres by node. */
  nodes: ReadonlyMap<string, Point>;
  /** SVG paths by edge. */
  paths: ReadonlyMap<string, string>;
}

/** Room for a name of two lines and a line of numbers. */
const NODE_SIZE = { width: 128, height: 38 };

/** Edges of events are drawn shorter and straighter than those of data. */
const WEIGHTS = { event: 4, data: 1 };

const buildLayout = ({ nodes, edges }: Graph): Layout => {
  const dagre = new Dagre();
  dagre.setGraph({ rankdir: "LR", nodesep: 4, ranksep: 34, edgesep: 1, marginx: 3, marginy: 3 });
  for (const { id } of nodes) dagre.setNode(id, { ...NODE_SIZE });
  const apis = new Set(nodes.filter(({ kind }) => kind === "api").map(({ id }) => id));
  // An API is an entry point: a container that calls it is placed to its right all the same.
  for (const { from, to, kind } of edges) {
    const [before, behind] = apis.has(to) ? [to, from] : [from, to];
    dagre.setEdge(before, behind, { weight: WEIGHTS[kind] });
  }
  layout(dagre);
  const { width = 0, height = 0 } = dagre.graph();
  const centres = new Map<string, Point>(nodes.map(({ id }) => [id, dagre.node(id)]));
  const paths = edges.map(({ id, from, to }): [string, string] => {
    const between = apis.has(to) ? dagre.edge(to, from).points.toReversed() : dagre.edge(from, to).points;
    return [id, drawPath(centres.get(from)!, between.slice(1, -1), centres.get(to)!)];
  });
  return { width, height, nodes: centres, paths: new Map(paths) };
};

/** Draws a curve from the side of one node to the side of another, through the points that lead around the nodes between them. */
const drawPath = (from: Point, between: Point[], to: Point): string => {
  const half = (from.x <= to.x ? NODE_SIZE.width : -NODE_SIZE.width) / 2;
  const start = { x: from.x + half, y: from.y };
  const end = { x: to.x - half, y: to.y };
  const points = [...between.filter(({ x }) => (x - start.x) * (end.x - x) > 0), end];
  let last = start;
  const curves = points.map(point => {
    const middle = (last.x + point.x) / 2;
    const curve = `C${middle},${last.y} ${middle},${point.y} ${point.x},${point.y}`;
    last = point;
    return curve;
  });
  return `M${start.x},${start.y}${curves.join("")}`;
};

export type { Layout, Point };
export { buildLayout, NODE_SIZE };
