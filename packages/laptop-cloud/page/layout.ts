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

/** Between a frame and what is not in its group. */
const FRAME_GAP = 6;

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
  const centres = new Map<string, Point>([...nodes, ...closed].map(({ id }) => [id, { x: dagre.node(id).x, y: dagre.node(id).y }]));
  const bends = edges.map(({ id, from, to }) => {
    const points = apis.has(to) ? dagre.edge(to, from).points.toReversed() : dagre.edge(from, to).points;
    return { id, from, to, between: points.slice(1, -1).map(({ x, y }: Point) => ({ x, y })) };
  });
  const addedHeight = makeRoom(open, centres, [...centres.values(), ...bends.flatMap(({ between }) => between)]);
  const frames = new Map(open.map(({ id, members }): [string, Box] => [id, frameAround(members.map(member => centres.get(member.id)!))]));
  const paths = bends.map(({ id, from, to, between }): [string, string] => [id, drawPath(centres.get(from)!, between, centres.get(to)!)]);
  const { width = 0, height = 0 } = dagre.graph();
  return { width, height: height + addedHeight, nodes: centres, frames, paths: new Map(paths) };
};

/**
 * Dagre knows the members of a group, but not the title and the padding of its frame. Where the frame would overlap something else, everything
 * below moves down. Changes the points, and returns by how much the drawing grew.
 */
const makeRoom = (open: GroupedGraph["open"], centres: ReadonlyMap<string, Point>, points: readonly Point[]): number => {
  const boxOf = ({ members }: GroupedGraph["open"][number]) => boxAround(members.map(({ id }) => centres.get(id)!));
  let added = 0;
  const shift = (fromY: number, by: number) => {
    if (by <= 0) return;
    for (const point of points) if (point.y > fromY) point.y += by;
    added += by;
  };
  for (const group of [...open].sort((a, b) => boxOf(a).y - boxOf(b).y)) {
    const own = new Set(group.members.map(({ id }) => id));
    const others = () => [
      ...[...centres].filter(([id]) => !own.has(id)).map(([, centre]) => boxAround([centre])),
      ...open.filter(other => other !== group).map(({ members }) => frameAround(members.map(({ id }) => centres.get(id)!))),
    ];
    const isBeside = (box: Box, members: Box) => box.x < members.x + members.width + PADDING && box.x + box.width > members.x - PADDING;
    const above = boxOf(group);
    const bottoms = others()
      .filter(box => isBeside(box, above) && box.y + box.height <= above.y)
      .map(box => box.y + box.height);
    shift(above.y, Math.max(...bottoms) + FRAME_GAP - (above.y - TITLE_HEIGHT));
    const below = boxOf(group);
    const bottom = below.y + below.height;
    const tops = others()
      .filter(box => isBeside(box, below) && box.y >= bottom)
      .map(box => box.y);
    shift(bottom, bottom + PADDING + FRAME_GAP - Math.min(...tops));
  }
  return added;
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
