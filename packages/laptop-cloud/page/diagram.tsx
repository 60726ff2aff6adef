import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Activity } from "../src/protocol";
import type { Graph, GraphNode, NodeKind } from "./graph";
import { findHighlights, findTouchedEdges } from "./highlights";
import { buildLayout, type Layout, NODE_SIZE, type Point } from "./layout";
import { countNode, describeNode, KIND_NAMES, type NodeNumbers } from "./node-numbers";
import { usePage } from "./page-context";
import { splitName } from "./split-name";

interface Props {
  graph: Graph;
  activity: Activity | undefined;
  /** Id of the selected node. */
  selected: string | undefined;
  onSelect(id: string | undefined): void;
}

const ZOOMS = [1, 1.5, 2.25];

/** A small program is enlarged no further. */
const MAX_SCALE = 1.25;

/** The program's diagram. Events move along its edges as sparks. A click or Enter selects a node; arrow keys move between nodes. */
const Diagram = ({ graph, activity, selected, onSelect }: Props) => {
  const { events } = usePage();
  const layout = useMemo(() => buildLayout(graph), [graph]);
  const [zoom, setZoom] = useState(0);
  const svg = useRef<SVGSVGElement>(null);
  useEffect(() => {
    const animator = new Animator(svg.current!);
    const unsubscribe = [
      events.on("occurrence", occurrence => {
        const { edges, failedNodes } = findHighlights(graph, occurrence);
        for (const id of edges) animator.animateEdge(id);
        for (const id of failedNodes) animator.flashNode(id);
      }),
      events.on("calls", ({ touched }) => {
        for (const id of findTouchedEdges(graph, touched)) animator.animateEdge(id);
      }),
    ];
    return () => {
      for (const end of unsubscribe) end();
    };
  }, [graph, events]);
  const adjacent = useMemo(() => findAdjacent(graph, selected), [graph, selected]);
  return (
    <section class="diagram" aria-labelledby="diagram-title">
      <div class="diagram-bar">
        <h2 id="diagram-title">Program</h2>
        <Legend graph={graph} />
        <button type="button" onClick={() => setZoom(before => (before + 1) % ZOOMS.length)}>
          {zoom === 0 ? "Zoom in" : zoom === ZOOMS.length - 1 ? "Fit" : "Zoom in more"}
        </button>
      </div>
      <div class="canvas">
        {/* biome-ignore lint/a11y/useSemanticElements: SVG can't be drawn in a fieldset. */}
        <svg
          ref={svg}
          viewBox={`0 0 ${layout.width} ${layout.height}`}
          style={{ width: sizeOf(layout.width, ZOOMS[zoom]!), height: sizeOf(layout.height, ZOOMS[zoom]!) }}
          class={selected === undefined ? "" : "has-selection"}
          role="group"
          aria-label="Diagram of the program"
        >
          <g>
            {graph.edges.map(({ id, from, to, kind }) => (
              <path
                key={id}
                data-edge={id}
                d={layout.paths.get(id)}
                class={`edge ${kind}${from === selected || to === selected ? " adjacent" : ""}`}
              />
            ))}
          </g>
          <g class="sparks" />
          <Nodes {...{ graph, layout, activity, selected, adjacent, onSelect }} />
        </svg>
      </div>
    </section>
  );
};

/** As large as there is room for, up to the maximum scale. */
const sizeOf = (length: number, zoom: number) => `min(${zoom * 100}%, ${Math.round(length * MAX_SCALE * zoom)}px)`;

const COLOURED_KINDS: NodeKind[] = ["function", "container", "topic", "queue", "table", "bucket", "machine"];

/** The kinds of nodes in the program: first those with their own colour, then those that share one. */
const Legend = ({ graph }: { graph: Graph }) => {
  const present = new Set(graph.nodes.map(({ kind }) => kind));
  const others = [...present].filter(kind => !COLOURED_KINDS.includes(kind));
  return (
    <ul class="legend" aria-hidden="true">
      {COLOURED_KINDS.filter(kind => present.has(kind)).map(kind => (
        <li key={kind} class={kind}>
          {KIND_NAMES[kind]}
        </li>
      ))}
      {others.length === 0 ? null : <li>{others.map(kind => KIND_NAMES[kind]).join(", ")}</li>}
    </ul>
  );
};

interface NodesProps {
  graph: Graph;
  layout: Layout;
  activity: Activity | undefined;
  selected: string | undefined;
  adjacent: ReadonlySet<string>;
  onSelect(id: string | undefined): void;
}

/** The nodes. The Tab key stops at one of them; the arrow keys move between them. */
const Nodes = ({ graph, layout, activity, selected, adjacent, onSelect }: NodesProps) => {
  const [focused, setFocused] = useState<string>();
  const group = useRef<SVGGElement>(null);
  const moved = useRef(false);
  useLayoutEffect(() => {
    if (!moved.current) return;
    moved.current = false;
    group.current?.querySelector<SVGGElement>('[tabindex="0"]')?.focus();
  }, [focused]);
  const stop = [focused, selected].find(id => id !== undefined && layout.nodes.has(id)) ?? graph.nodes[0]?.id;
  const onKeyDown = (event: KeyboardEvent, id: string) => {
    if (event.key === "Enter" || event.key === " ") onSelect(id);
    else if (event.key === "Escape") onSelect(undefined);
    else {
      const next = nextNode(layout, id, event.key);
      if (next === undefined) return;
      moved.current = true;
      setFocused(next);
    }
    event.preventDefault();
  };
  return (
    <g ref={group}>
      {graph.nodes.map(node => (
        <NodeView
          key={node.id}
          node={node}
          at={layout.nodes.get(node.id)!}
          numbers={countNode(node, activity)}
          isSelected={node.id === selected}
          isAdjacent={adjacent.has(node.id)}
          isTabStop={node.id === stop}
          onSelect={() => {
            setFocused(node.id);
            onSelect(node.id === selected ? undefined : node.id);
          }}
          onKeyDown={event => onKeyDown(event, node.id)}
        />
      ))}
    </g>
  );
};

interface NodeProps {
  node: GraphNode;
  at: Point;
  numbers: NodeNumbers;
  isSelected: boolean;
  isAdjacent: boolean;
  isTabStop: boolean;
  onSelect(): void;
  onKeyDown(event: KeyboardEvent): void;
}

const NodeView = ({ node, at, numbers, isSelected, isAdjacent, isTabStop, onSelect, onKeyDown }: NodeProps) => {
  const hasNumbers = numbers.work !== "" || numbers.failures !== "";
  const lines = splitName(node.name);
  const names = [["node", node.kind], isSelected ? ["selected"] : [], isAdjacent ? ["adjacent"] : []].flat();
  return (
    // biome-ignore lint/a11y/useSemanticElements: SVG has no button element.
    <g
      data-node={node.id}
      class={names.join(" ")}
      transform={`translate(${at.x - NODE_SIZE.width / 2} ${at.y - NODE_SIZE.height / 2})`}
      role="button"
      // SVG attributes are case-sensitive.
      tabindex={isTabStop ? 0 : -1}
      aria-pressed={isSelected}
      onClick={onSelect}
      onKeyDown={onKeyDown}
    >
      {/* The accessible name describes all that is drawn below; nothing below takes the focus. */}
      <title>{describeNode(node, numbers)}</title>
      {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: see above. */}
      <g aria-hidden="true">
        <rect class="box" width={NODE_SIZE.width} height={NODE_SIZE.height} rx={6} />
        <rect class="band" width={4} height={NODE_SIZE.height - 12} x={5} y={6} rx={2} />
        {lines.map((line, index) => (
          <text key={line} x={15} y={firstLineY(lines.length, hasNumbers) + index * LINE_HEIGHT} class="name">
            {line}
          </text>
        ))}
        {hasNumbers ? (
          <text x={15} y={NODE_SIZE.height - 4} class="numbers">
            {numbers.shortWork}
            <tspan class="failures"> {numbers.failureSymbols}</tspan>
          </text>
        ) : null}
      </g>
    </g>
  );
};

const LINE_HEIGHT = 11;

/** Centres the name in the room that the numbers leave. */
const firstLineY = (lines: number, hasNumbers: boolean) => (hasNumbers ? (lines === 1 ? 16 : 12) : lines === 1 ? 23 : 17);

const findAdjacent = ({ edges }: Graph, id: string | undefined): ReadonlySet<string> =>
  new Set(edges.flatMap(({ from, to }) => (from === id ? [to] : to === id ? [from] : [])));

const DIRECTIONS: Record<string, Point> = {
  ArrowRight: { x: 1, y: 0 },
  ArrowLeft: { x: -1, y: 0 },
  ArrowDown: { x: 0, y: 1 },
  ArrowUp: { x: 0, y: -1 },
};

/** The nearest node in the direction of the key. The distance sideways counts twice. */
const nextNode = ({ nodes }: Layout, id: string, key: string): string | undefined => {
  const direction = DIRECTIONS[key];
  const from = nodes.get(id);
  if (direction === undefined || from === undefined) return undefined;
  let nearest: { id: string; distance: number } | undefined;
  for (const [other, { x, y }] of nodes) {
    const [dx, dy] = [x - from.x, y - from.y];
    const ahead = dx * direction.x + dy * direction.y;
    const sideways = Math.abs(dx * direction.y + dy * direction.x);
    const distance = ahead + 2 * sideways;
    if (other !== id && ahead > 1 && (nearest === undefined || distance < nearest.distance)) nearest = { id: other, distance };
  }
  return nearest?.id;
};

/** More sparks at once would blur. */
const MAX_SPARKS = 60;

/** Animates the diagram without Preact, which would render the whole diagram again for each of hundreds of events a second. */
class Animator {
  #sparks = 0;

  constructor(private readonly svg: SVGSVGElement) {}

  /** Moves a spark along an edge. */
  animateEdge(edge: string) {
    const path = this.svg.querySelector<SVGPathElement>(`[data-edge="${CSS.escape(edge)}"]`);
    if (path === null) return;
    path.animate([{ stroke: "var(--accent)", strokeWidth: "2.5px", opacity: 1 }, {}], { duration: 1200, easing: "ease-out" });
    if (this.#sparks >= MAX_SPARKS || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const spark = document.createElementNS("http://www.w3.org/2000/svg", "circle");
    spark.setAttribute("r", "4");
    spark.style.offsetPath = `path("${path.getAttribute("d")}")`;
    this.svg.querySelector(".sparks")!.append(spark);
    this.#sparks += 1;
    spark.animate([{ offsetDistance: "0%" }, { offsetDistance: "100%" }], { duration: 700, easing: "ease-in-out" }).onfinish = () => {
      spark.remove();
      this.#sparks -= 1;
    };
  }

  /** Flashes a node where something failed. */
  flashNode(node: string) {
    const box = this.svg.querySelector(`[data-node="${CSS.escape(node)}"] .box`);
    box?.animate([{ fill: "var(--bad-soft)", stroke: "var(--bad)", strokeWidth: "3px" }, {}], { duration: 2000, easing: "ease-out" });
  }
}

export { Diagram };
