import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Activity } from "../src/protocol";
import { DiagramBar } from "./diagram-bar";
import type { Graph } from "./graph";
import { chooseOpen, type GroupedGraph, groupGraph, listGroups } from "./grouping";
import { findHighlights, findTouchedEdges, type TracePath } from "./highlights";
import { boxAround, buildLayout, type Layout, type Point } from "./layout";
import { Legend } from "./legend";
import { Minimap } from "./minimap";
import { countGroup, countNode } from "./node-numbers";
import { ClosedGroup, NodeView, OpenGroup } from "./node-view";
import { usePage } from "./page-context";
import { findNodes } from "./search";
import { useViewport, type Viewport } from "./viewport";
import "./diagram.css";

interface Props {
  graph: Graph;
  activity: Activity | undefined;
  /** Id of the selected node. */
  selected: string | undefined;
  onSelect(id: string | undefined): void;
  /** The groups of a large program that are open at first. */
  openGroups: readonly string[];
  /** What a message touched; undefined if no trace is shown. */
  path: TracePath | undefined;
}

/**
 * The program's diagram. Events move along its edges as sparks. A click or Enter selects a node or opens a group; arrow keys move between nodes.
 * Dragging, the wheel and two fingers move and enlarge it.
 */
const Diagram = ({ graph, activity, selected, onSelect, openGroups, path }: Props) => {
  const { followedGroups } = usePage();
  const [open, setOpen] = useState(() => chooseOpen(graph, openGroups));
  useEffect(() => {
    if (followedGroups.length > 0) setOpen([...new Set([...chooseOpen(graph, openGroups), ...followedGroups])]);
  }, [followedGroups]);
  const grouped = useMemo(() => groupGraph(graph, open), [graph, open]);
  const layout = useMemo(() => buildLayout(grouped), [grouped]);
  const [search, setSearch] = useState("");
  const canvas = useRef<HTMLDivElement>(null);
  const svg = useRef<SVGSVGElement>(null);
  const start = grouped.open.find(({ name }) => openGroups.includes(name));
  const viewport = useViewport(canvas, layout, start && layout.frames.get(start.id));
  const { view } = viewport;
  useLayerWhileMoving(svg, view);
  useAnimations(svg, graph, grouped);

  /** Set while the node to show is in a group that is being opened. */
  const [revealed, setRevealed] = useState<string>();
  useLayoutEffect(() => {
    const at = revealed === undefined ? undefined : layout.nodes.get(revealed);
    if (at === undefined) return;
    viewport.reveal(at);
    setRevealed(undefined);
  }, [revealed, layout]);
  const select = (id: string) => {
    const group = listGroups(graph).find(({ members }) => members.some(member => member.id === id));
    if (group !== undefined) setOpen(before => [...new Set([...before, group.name])]);
    setSearch("");
    onSelect(id);
    setRevealed(id);
  };
  const focus = useMemo(() => buildFocus(graph, grouped, search, path), [graph, grouped, search, path]);
  // A followed path is in sight as far as it has grown.
  useLayoutEffect(() => {
    const lit = followedGroups.length === 0 || path === undefined ? [] : [...(focus?.nodes ?? [])].map(id => layout.nodes.get(id)!);
    if (lit.length > 0) viewport.show(boxAround(lit));
  }, [followedGroups, path, layout]);
  const close = (name: string) => setOpen(before => before.filter(each => each !== name));
  const openGroup = (name: string) => {
    setOpen(before => [...before, name]);
    // An open group may lie elsewhere than its node did.
    setRevealed(listGroups(graph).find(group => group.name === name)?.members[0]?.id);
  };
  // Moving the drawing renders again for each frame. What is drawn stays the same then, and hundreds of nodes would take too long.
  const latest = useRef({ onSelect, select, openGroup, close, viewport });
  latest.current = { onSelect, select, openGroup, close, viewport };
  const drawing = useMemo(() => {
    const act = {
      onSelect: (id: string | undefined) => latest.current.onSelect(id),
      onOpen: (name: string) => latest.current.openGroup(name),
      onReveal: (point: Point) => latest.current.viewport.reveal(point),
    };
    return (
      <>
        {grouped.open.map(group => (
          <OpenGroup key={group.id} group={group} frame={layout.frames.get(group.id)!} onClose={() => latest.current.close(group.name)} />
        ))}
        <Edges {...{ grouped, layout, selected, focus }} />
        <g class="sparks" />
        <Nodes {...{ grouped, layout, activity, selected, focus }} {...act} />
      </>
    );
  }, [grouped, layout, activity, selected, focus]);
  const bar = useMemo(
    () => (
      <DiagramBar
        {...{ graph, search }}
        onSearch={setSearch}
        onSelect={id => latest.current.select(id)}
        onZoom={factor => latest.current.viewport.zoomBy(factor)}
        onFit={() => latest.current.viewport.fit()}
      />
    ),
    [graph, search],
  );
  const legend = useMemo(() => <Legend graph={graph} />, [graph]);
  return (
    <section class="diagram" aria-labelledby="diagram-title">
      {bar}
      <div class="canvas" ref={canvas}>
        {/* biome-ignore lint/a11y/useSemanticElements: SVG can't be drawn in a fieldset. */}
        <svg
          ref={svg}
          class={selected === undefined ? "drawing" : "drawing has-selection"}
          role="group"
          aria-label="Diagram of the program"
          width={layout.width}
          height={layout.height}
          style={{ transform: `translate(${view.x}px, ${view.y}px) scale(${view.scale})` }}
        >
          {drawing}
        </svg>
        {legend}
        <Minimap {...{ layout, viewport }} />
      </div>
    </section>
  );
};

/** The drawing counts as at rest after this time without a move, milliseconds. */
const REST_MS = 200;

/**
 * Gives the drawing a layer of its own while it moves, so that the browser moves a picture and does not paint hundreds of nodes for each frame. At
 * rest the drawing is painted again, or enlarged text would stay blurred.
 */
const useLayerWhileMoving = (svg: { current: SVGSVGElement | null }, view: Viewport["view"]) => {
  useLayoutEffect(() => {
    const { style } = svg.current!;
    style.willChange = "transform";
    const timer = setTimeout(() => {
      style.willChange = "auto";
    }, REST_MS);
    return () => clearTimeout(timer);
  }, [view]);
};

/** The ids of the nodes and edges that a search or a message's path highlights. The others fade. */
interface Focus {
  nodes: ReadonlySet<string>;
  edges: ReadonlySet<string>;
}

const buildFocus = (graph: Graph, { drawnAs, edges }: GroupedGraph, search: string, path: TracePath | undefined): Focus | undefined => {
  if (search.trim() !== "") {
    const found = findNodes(graph, search);
    return { nodes: new Set(found.map(({ id }) => drawnAs.get(id)!)), edges: new Set() };
  }
  if (path === undefined) return undefined;
  return {
    nodes: new Set([...path.nodes].map(id => drawnAs.get(id)!)),
    edges: new Set(edges.filter(({ of }) => of.some(id => path.edges.has(id))).map(({ id }) => id)),
  };
};

interface EdgesProps {
  grouped: GroupedGraph;
  layout: Layout;
  selected: string | undefined;
  focus: Focus | undefined;
}

const Edges = ({ grouped, layout, selected, focus }: EdgesProps) => {
  const drawn = selected === undefined ? undefined : grouped.drawnAs.get(selected);
  return (
    <g>
      {grouped.edges.map(({ id, from, to, kind, of }) => {
        const isAdjacent = drawn !== undefined && (from === drawn || to === drawn);
        const isLit = focus?.edges.has(id) === true;
        const classes = ["edge", kind, isAdjacent && "adjacent", isLit && "lit", focus !== undefined && !isLit && "faded"];
        return <path key={id} data-edge={id} data-of={of.join(",")} d={layout.paths.get(id)} class={classes.filter(Boolean).join(" ")} />;
      })}
    </g>
  );
};

interface NodesProps extends EdgesProps {
  activity: Activity | undefined;
  onSelect(id: string | undefined): void;
  onOpen(group: string): void;
  /** Moves a point of the drawing into sight. */
  onReveal(point: Point): void;
}

/** The nodes and closed groups. The Tab key stops at one of them; the arrow keys move between them. */
const Nodes = ({ grouped, layout, activity, selected, focus, onSelect, onOpen, onReveal }: NodesProps) => {
  const [focused, setFocused] = useState<string>();
  const looked = useRef(new Map<string, string>());
  const container = useRef<SVGGElement>(null);
  const moved = useRef(false);
  useLayoutEffect(() => {
    if (!moved.current) return;
    moved.current = false;
    container.current?.querySelector<SVGGElement>('[tabindex="0"]')?.focus({ preventScroll: true });
  }, [focused]);
  const adjacent = new Set(grouped.edges.flatMap(({ from, to }) => (from === selected ? [to] : to === selected ? [from] : [])));
  const stop = [focused, selected].find(id => id !== undefined && layout.nodes.has(id)) ?? layout.nodes.keys().next().value;
  const onKeyDown = (event: KeyboardEvent, id: string, act: () => void) => {
    if (event.key === "Enter" || event.key === " ") act();
    else if (event.key === "Escape") onSelect(undefined);
    else {
      const next = nextNode(layout, id, event.key);
      if (next === undefined) return;
      moved.current = true;
      setFocused(next);
      onReveal(layout.nodes.get(next)!);
    }
    event.preventDefault();
  };
  const propsOf = (id: string, failures: string, act: () => void) => ({
    at: layout.nodes.get(id)!,
    isAdjacent: adjacent.has(id),
    isFailing: failures !== "" && looked.current.get(id) !== failures,
    isFaded: focus !== undefined && !focus.nodes.has(id),
    isTabStop: id === stop,
    onSelect: () => {
      looked.current.set(id, failures);
      setFocused(id);
      act();
    },
    onKeyDown: (event: KeyboardEvent) => onKeyDown(event, id, act),
  });
  return (
    <g ref={container}>
      {grouped.nodes.map(node => {
        const numbers = countNode(node, activity);
        const act = () => onSelect(node.id === selected ? undefined : node.id);
        const props = propsOf(node.id, numbers.failures, act);
        return <NodeView key={node.id} {...{ node, numbers }} isSelected={node.id === selected} {...props} />;
      })}
      {grouped.closed.map(group => {
        const numbers = countGroup(group, activity);
        return <ClosedGroup key={group.id} {...{ group, numbers }} {...propsOf(group.id, numbers.failures, () => onOpen(group.name))} />;
      })}
    </g>
  );
};

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

/** Animates what happens in the cloud. */
const useAnimations = (svg: { current: SVGSVGElement | null }, graph: Graph, { drawnAs, edges }: GroupedGraph) => {
  const { events } = usePage();
  const animator = useMemo(() => new Animator(() => svg.current!), [svg]);
  useEffect(() => {
    const drawnEdge = new Map(edges.flatMap(({ id, of }) => of.map((each): [string, string] => [each, id])));
    const animate = (ids: readonly string[]) => {
      for (const id of new Set(ids.map(each => drawnEdge.get(each)))) if (id !== undefined) animator.animateEdge(id);
    };
    const unsubscribe = [
      events.on("occurrence", occurrence => {
        const found = findHighlights(graph, occurrence);
        animate(found.edges);
        for (const id of found.failedNodes) animator.flashNode(drawnAs.get(id) ?? id);
      }),
      events.on("calls", ({ touched }) => animate(findTouchedEdges(graph, touched))),
    ];
    return () => {
      for (const end of unsubscribe) end();
    };
  }, [graph, drawnAs, edges, events, animator]);
};

/** More sparks at once would blur. */
const MAX_SPARKS = 60;

/** Animates the diagram without Preact, which would render the whole diagram again for each of hundreds of events a second. */
class Animator {
  #sparks = 0;

  constructor(private readonly svg: () => SVGSVGElement) {}

  /** Moves a spark along an edge. */
  animateEdge(edge: string) {
    const path = this.svg().querySelector<SVGPathElement>(`[data-edge="${CSS.escape(edge)}"]`);
    if (path === null) return;
    path.animate([{ stroke: "var(--accent)", strokeWidth: "2.5px", opacity: 1 }, {}], { duration: 1200, easing: fading() });
    if (this.#sparks >= MAX_SPARKS || isMotionReduced()) return;
    const spark = document.createElementNS("http://www.w3.org/2000/svg", "circle");
    spark.setAttribute("r", "4");
    spark.style.offsetPath = `path("${path.getAttribute("d")}")`;
    this.svg().querySelector(".sparks")!.append(spark);
    this.#sparks += 1;
    spark.animate([{ offsetDistance: "0%" }, { offsetDistance: "100%" }], { duration: 700, easing: "ease-in-out" }).onfinish = () => {
      spark.remove();
      this.#sparks -= 1;
    };
  }

  /** Flashes a node where something failed. */
  flashNode(node: string) {
    const box = this.svg().querySelector(`[data-node="${CSS.escape(node)}"] .box`);
    box?.animate([{ fill: "var(--bad-soft)", stroke: "var(--bad)", strokeWidth: "3px" }, {}], { duration: 2000, easing: fading() });
  }
}

/** Asked for by people, and by tests: each frame of a motion costs the browser about 10 ms of CPU. */
const isMotionReduced = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** The easing of a highlight that ends: gradual, or all at once. */
const fading = () => (isMotionReduced() ? "steps(1)" : "ease-out");

export { Diagram };
