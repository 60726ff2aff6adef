/** Places what is drawn from left to right, in the direction of the events. */
import { Graph as Dagre, layout } from "@dagrejs/dagre";
import type { GraphNode } from "./graph";
import type { GroupedGraph } from "./grouping";

interface Point {
  x: number;
  y: number;
}

interface Box extends Point {
  width: number;
  height: number;
}

interface Layout {
  width: number;
  height: number;
  /** Centres by resource or closed group. */
  nodes: ReadonlyMap<string, Point>;
  /** The frames of open groups, by group. `x` and `y` are the upper left corner. */
  frames: ReadonlyMap<string, Box>;
  /** SVG paths by edge. */
  paths: ReadonlyMap<string, string>;
}

/** Room for a name of two lines and a line of numbers. */
const NODE_SIZE = { width: 148, height: 48 };

/** Room for the name of an open group above its members. */
const TITLE_HEIGHT = 26;
const PADDING = 12;

/** Edges of events are drawn shorter and straighter than those of data. */
const WEIGHTS = { event: 4, data: 1 };

const buildLayout = ({ nodes, closed, open, edges }: GroupedGraph): Layout => {
  const dagre = new Dagre({ compound: true });
  dagre.setGraph({ rankdir: "LR", nodesep: 12, ranksep: 40, edgesep: 4, marginx: 20, marginy: 20 });
  for (const { id } of [...nodes, ...closed]) dagre.setNode(id, { ...NODE_SIZE });
  for (const { id, members } of open) {
    dagre.setNode(id, {});
    for (const member of members) dagre.setParent(member.id, id);
  }
  const apis = new Set([...nodes.filter(isApi), ...closed.filter(({ members }) => members.some(isApi))].map(({ id }) => id));
  // An API is an entry point: a container that calls it is placed to its right all the same.
  for (const { from, to, kind } of edges) {
    const [before, behind] = apis.has(to) ? [to, from] : [from, to];
    dagre.setEdge(before, behind, { weight: WEIGHTS[kind] });
  }
  layout(dagre);
  const centres = new Map<string, Point>([...nodes, ...closed].map(({ id }) => [id, dagre.node(id)]));
  const frames = new Map(open.map(({ id, members }): [string, Box] => [id, frameAround(members.map(member => centres.get(member.id)!))]));
  const paths = edges.map(({ id, from, to }): [string, string] => {
    const between = apis.has(to) ? dagre.edge(to, from).points.toReversed() : dagre.edge(from, to).points;
    return [id, drawPath(centres.get(from)!, between.slice(1, -1), centres.get(to)!)];
  });
  const { width = 0, height = 0 } = dagre.graph();
  return { width, height, nodes: centres, frames, paths: new Map(paths) };
};

const isApi = ({ kind }: GraphNode) => kind === "api";

/** The frame of a group, by the centres of its members. */
const frameAround = (centres: readonly Point[]): Box => {
  const { x, y, width, height } = boxAround(centres);
  return { x: x - PADDING, y: y - TITLE_HEIGHT, width: width + 2 * PADDING, height: height + TITLE_HEIGHT + PADDING };
};

/** The smallest box around nodes, by their centres. */
const boxAround = (centres: readonly Point[]): Box => {
  const [xs, ys] = [centres.map(({ x }) => x), centres.map(({ y }) => y)];
  const [x, y] = [Math.min(...xs) - NODE_SIZE.width / 2, Math.min(...ys) - NODE_SIZE.height / 2];
  return { x, y, width: Math.max(...xs) + NODE_SIZE.width / 2 - x, height: Math.max(...ys) + NODE_SIZE.height / 2 - y };
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

export type { Box, Layout, Point };
export { boxAround, buildLayout, NODE_SIZE };
