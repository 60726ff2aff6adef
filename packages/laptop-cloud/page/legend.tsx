import type { Graph, NodeKind } from "./graph";
import { KIND_NAMES } from "./node-numbers";

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

export { Legend };
