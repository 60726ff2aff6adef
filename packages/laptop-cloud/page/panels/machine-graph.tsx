import { useMemo } from "preact/hooks";
import { buildLayout, NODE_SIZE } from "../layout";
import type { ExecutionPath, MachineGraph, MachineState, Visit } from "../state-machine";

interface Props {
  /** The state machine's Pulumi name. */
  name: string;
  machine: MachineGraph;
  path: ExecutionPath;
  selected: string | undefined;
  onSelect(state: string): void;
}

/** A state machine as a graph: the transitions that an execution took are lit, and its states say how they ended. */
const MachineGraphView = ({ name, machine, path, selected, onSelect }: Props) => {
  const layout = useMemo(() => layOut(machine), [machine]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard can scroll it only when it has the focus.
    <section class="scroll machine-graph" aria-label={`Graph of ${name}`} tabIndex={0}>
      {/* biome-ignore lint/a11y/useSemanticElements: SVG can't be drawn in a fieldset. */}
      <svg width={layout.width} height={layout.height} role="group" aria-label={`States of ${name}`}>
        {machine.transitions.map(({ id, kind }) => (
          <path key={id} data-transition={id} d={layout.paths.get(id)} class={`edge ${kind} ${path.taken.has(id) ? "lit" : ""}`} />
        ))}
        {machine.states.map(state => (
          <StateView
            key={state.name}
            {...{ state, onSelect }}
            at={layout.nodes.get(state.name)!}
            visits={path.visits.get(state.name) ?? []}
            isSelected={state.name === selected}
          />
        ))}
      </svg>
    </section>
  );
};

/** Uses the layout of the page's diagram. Transitions of catchers influence it less than the others. */
const layOut = ({ states, transitions }: MachineGraph) =>
  buildLayout({
    nodes: states.map(({ name }) => ({ id: name, kind: "machine", name })),
    open: [],
    closed: [],
    drawnAs: new Map(),
    edges: transitions.map(({ id, from, to, kind }) => ({ id, from, to, kind: kind === "catch" ? "data" : "event", of: [] })),
  });

interface StateViewProps {
  state: MachineState;
  at: { x: number; y: number };
  visits: Visit[];
  isSelected: boolean;
  onSelect(state: string): void;
}

const StateView = ({ state: { name, type }, at, visits, isSelected, onSelect }: StateViewProps) => {
  const status = statusOf(visits);
  const description = describeVisits(visits);
  return (
    // biome-ignore lint/a11y/useSemanticElements: SVG has no button element.
    <g
      class={`node state ${status} ${isSelected ? "selected" : ""}`}
      transform={`translate(${at.x - NODE_SIZE.width / 2} ${at.y - NODE_SIZE.height / 2})`}
      role="button"
      // SVG attributes are case-sensitive.
      tabindex={0}
      aria-pressed={isSelected}
      onClick={() => onSelect(name)}
      onKeyDown={event => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        onSelect(name);
      }}
    >
      <title>{`${name}, ${type}, ${description}`}</title>
      {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: the title describes all that is drawn below; nothing below takes the focus. */}
      <g aria-hidden="true">
        <rect class="box" width={NODE_SIZE.width} height={NODE_SIZE.height} rx={8} />
        <text x={12} y={20} class="name">
          {shorten(name)}
        </text>
        <text x={12} y={38} class="numbers">
          {visits.length === 0 ? type : shorten(`${SYMBOLS[status]} ${description}`)}
        </text>
      </g>
    </g>
  );
};

const SYMBOLS: Record<string, string> = { succeeded: "✓", caught: "!", failed: "✗", stopped: "■", running: "…" };

/** The worst of the visits decides. */
const statusOf = (visits: Visit[]): Visit["status"] | "unvisited" =>
  (["failed", "running", "caught", "stopped", "succeeded"] as const).find(status => visits.some(visit => visit.status === status)) ??
  "unvisited";

/** "succeeded, 1 retry", "12 times, 1 failed". */
const describeVisits = (visits: Visit[]): string => {
  const status = statusOf(visits);
  if (status === "unvisited") return "not entered";
  const retries = visits.reduce((sum, { failures, status: each }) => sum + failures.length - (each === "succeeded" ? 0 : 1), 0);
  const parts = [
    visits.length === 1 ? status : `${visits.length} times, ${visits.filter(visit => visit.status === status).length} ${status}`,
    retries <= 0 ? "" : retries === 1 ? "1 retry" : `${retries} retries`,
  ];
  return parts.filter(part => part !== "").join(", ");
};

/** Characters that fit into a node. */
const LINE_LENGTH = 19;

const shorten = (text: string) => (text.length > LINE_LENGTH ? `${text.slice(0, LINE_LENGTH - 1)}…` : text);

export { MachineGraphView };
