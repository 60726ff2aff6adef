import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Activity } from "./control";
import { describeNode, type Figures, figuresOf, kindNames } from "./figures";
import type { Graph, GraphNode, NodeKind } from "./graph";
import type { Hearing } from "./hearing";
import { buildLayout, type Layout, nodeSize, type Point } from "./layout";
import { lightsOf, touchedEdges } from "./lights";
import { splitName } from "./split-name";

interface Props {
  graph: Graph;
  activity: Activity | undefined;
  hearing: Hearing;
  /** Id of the chosen node. */
  chosen: string | undefined;
  onChoose(id: string | undefined): void;
}

const zooms = [1, 1.5, 2.25];
const mostScale = 1.25;

/** The program's diagram. What happens goes along its edges as points of light; a node is chosen by click, Enter or the arrow keys. */
const Diagram = ({ graph, activity, hearing, chosen, onChoose }: Props) => {
  const layout = useMemo(() => buildLayout(graph), [graph]);
  const [zoom, setZoom] = useState(0);
  const svg = useRef<SVGSVGElement>(null);
  useEffect(() => {
    const lamps = new Lamps(svg.current!);
    const ends = [
      hearing.on("occurrence", occurrence => {
        const { edges, failed } = lightsOf(graph, occurrence);
        for (const id of edges) lamps.send(id);
        for (const id of failed) lamps.alarm(id);
      }),
      hearing.on("calls", ({ touched }) => {
        for (const id of touchedEdges(graph, touched)) lamps.send(id);
      }),
    ];
    return () => {
      for (const end of ends) end();
    };
  }, [graph, hearing]);
  const near = useMemo(() => neighboursOf(graph, chosen), [graph, chosen]);
  return (
    <section class="diagram" aria-labelledby="diagram-title">
      <div class="diagram-bar">
        <h2 id="diagram-title">Program</h2>
        <Legend graph={graph} />
        <button type="button" onClick={() => setZoom(before => (before + 1) % zooms.length)}>
          {zoom === 0 ? "Zoom in" : zoom === zooms.length - 1 ? "Fit" : "Zoom in more"}
        </button>
      </div>
      <div class="canvas">
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset can't be drawn in. */}
        <svg
          ref={svg}
          viewBox={`0 0 ${layout.width} ${layout.height}`}
          style={{ width: sizeOf(layout.width, zooms[zoom]!), height: sizeOf(layout.height, zooms[zoom]!) }}
          class={chosen === undefined ? "" : "has-choice"}
          role="group"
          aria-label="What the program is made of"
        >
          <g>
            {graph.edges.map(({ id, from, to, kind }) => (
              <path
                key={id}
                data-edge={id}
                d={layout.paths.get(id)}
                class={`edge ${kind}${from === chosen || to === chosen ? " near" : ""}`}
              />
            ))}
          </g>
          <g class="sparks" />
          <Nodes {...{ graph, layout, activity, chosen, near, onChoose }} />
        </svg>
      </div>
    </section>
  );
};

/** As large as there is room, but a small program is not blown up. */
const sizeOf = (length: number, zoom: number) => `min(${zoom * 100}%, ${Math.round(length * mostScale * zoom)}px)`;

const colouredKinds: NodeKind[] = ["function", "container", "topic", "queue", "table", "bucket", "machine"];

/** The kinds that the program has: first those with a colour of their own, then what shares one. */
const Legend = ({ graph }: { graph: Graph }) => {
  const there = new Set(graph.nodes.map(({ kind }) => kind));
  const others = [...there].filter(kind => !colouredKinds.includes(kind));
  return (
    <ul class="legend" aria-hidden="true">
      {colouredKinds
        .filter(kind => there.has(kind))
        .map(kind => (
          <li key={kind} class={kind}>
            {kindNames[kind]}
          </li>
        ))}
      {others.length === 0 ? null : <li>{others.map(kind => kindNames[kind]).join(", ")}</li>}
    </ul>
  );
};

interface NodesProps {
  graph: Graph;
  layout: Layout;
  activity: Activity | undefined;
  chosen: string | undefined;
  near: ReadonlySet<string>;
  onChoose(id: string | undefined): void;
}

/** One stop for the Tab key: from there the arrow keys go from node to node. */
const Nodes = ({ graph, layout, activity, chosen, near, onChoose }: NodesProps) => {
  const [focused, setFocused] = useState<string>();
  const group = useRef<SVGGElement>(null);
  const moved = useRef(false);
  useLayoutEffect(() => {
    if (!moved.current) return;
    moved.current = false;
    group.current?.querySelector<SVGGElement>('[tabindex="0"]')?.focus();
  }, [focused]);
  const stop = [focused, chosen].find(id => id !== undefined && layout.nodes.has(id)) ?? graph.nodes[0]?.id;
  const onKeyDown = (event: KeyboardEvent, id: string) => {
    if (event.key === "Enter" || event.key === " ") onChoose(id);
    else if (event.key === "Escape") onChoose(undefined);
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
          figures={figuresOf(node, activity)}
          isChosen={node.id === chosen}
          isNear={near.has(node.id)}
          isStop={node.id === stop}
          onChoose={() => {
            setFocused(node.id);
            onChoose(node.id === chosen ? undefined : node.id);
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
  figures: Figures;
  isChosen: boolean;
  isNear: boolean;
  isStop: boolean;
  onChoose(): void;
  onKeyDown(event: KeyboardEvent): void;
}

const NodeView = ({ node, at, figures, isChosen, isNear, isStop, onChoose, onKeyDown }: NodeProps) => {
  const hasFigures = figures.text !== "" || figures.trouble !== "";
  const lines = splitName(node.name);
  const names = [["node", node.kind], isChosen ? ["chosen"] : [], isNear ? ["near"] : []].flat();
  return (
    // SVG has no button of its own.
    // biome-ignore lint/a11y/useSemanticElements: see above.
    <g
      data-node={node.id}
      class={names.join(" ")}
      transform={`translate(${at.x - nodeSize.width / 2} ${at.y - nodeSize.height / 2})`}
      role="button"
      // In SVG, attributes are told apart by case.
      tabindex={isStop ? 0 : -1}
      aria-pressed={isChosen}
      onClick={onChoose}
      onKeyDown={onKeyDown}
    >
      {/* Its name, which says in words all that is drawn; nothing in there takes the focus. */}
      <title>{describeNode(node, figures)}</title>
      {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: see above. */}
      <g aria-hidden="true">
        <rect class="box" width={nodeSize.width} height={nodeSize.height} rx={6} />
        <rect class="band" width={4} height={nodeSize.height - 12} x={5} y={6} rx={2} />
        {lines.map((line, index) => (
          <text key={line} x={15} y={firstLineY(lines.length, hasFigures) + index * lineHeight} class="name">
            {line}
          </text>
        ))}
        {hasFigures ? (
          <text x={15} y={nodeSize.height - 4} class="figures">
            {figures.short}
            <tspan class="trouble"> {figures.signs}</tspan>
          </text>
        ) : null}
      </g>
    </g>
  );
};

const lineHeight = 11;

/** In the middle of what the numbers leave. */
const firstLineY = (lines: number, hasFigures: boolean) => (hasFigures ? (lines === 1 ? 16 : 12) : lines === 1 ? 23 : 17);

const neighboursOf = ({ edges }: Graph, id: string | undefined): ReadonlySet<string> =>
  new Set(edges.flatMap(({ from, to }) => (from === id ? [to] : to === id ? [from] : [])));

const directions: Record<string, Point> = {
  ArrowRight: { x: 1, y: 0 },
  ArrowLeft: { x: -1, y: 0 },
  ArrowDown: { x: 0, y: 1 },
  ArrowUp: { x: 0, y: -1 },
};

/** The nearest node in the key's direction; going astray counts twice. */
const nextNode = ({ nodes }: Layout, id: string, key: string): string | undefined => {
  const direction = directions[key];
  const from = nodes.get(id);
  if (direction === undefined || from === undefined) return undefined;
  let nearest: { id: string; distance: number } | undefined;
  for (const [other, { x, y }] of nodes) {
    const [dx, dy] = [x - from.x, y - from.y];
    const ahead = dx * direction.x + dy * direction.y;
    const astray = Math.abs(dx * direction.y + dy * direction.x);
    const distance = ahead + 2 * astray;
    if (other !== id && ahead > 1 && (nearest === undefined || distance < nearest.distance)) nearest = { id: other, distance };
  }
  return nearest?.id;
};

/** More points of light at once would only blur. */
const mostSparks = 60;

/** Draws what moves, beside Preact: hundreds of occurrences a second would otherwise each draw the whole diagram anew. */
class Lamps {
  #sparks = 0;

  constructor(private readonly svg: SVGSVGElement) {}

  /** Something goes along an edge. */
  send(edge: string) {
    const path = this.svg.querySelector<SVGPathElement>(`[data-edge="${CSS.escape(edge)}"]`);
    if (path === null) return;
    path.animate([{ stroke: "var(--accent)", strokeWidth: "2.5px", opacity: 1 }, {}], { duration: 1200, easing: "ease-out" });
    if (this.#sparks >= mostSparks || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
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

  /** Something failed at a node. */
  alarm(node: string) {
    const box = this.svg.querySelector(`[data-node="${CSS.escape(node)}"] .box`);
    box?.animate([{ fill: "var(--bad-soft)", stroke: "var(--bad)", strokeWidth: "3px" }, {}], { duration: 2000, easing: "ease-out" });
  }
}

export { Diagram };
