import type { Graph, GraphNode } from "./graph";
import { KIND_NAMES } from "./node-numbers";

/** Names are unique among resources of one kind only: "payroll (state machine)". */
const titleOf = ({ name, kind }: GraphNode): string => `${name} (${KIND_NAMES[kind]})`;

/** Finds the nodes whose titles contain the text, those that begin with it first. None for an empty text. */
const findNodes = ({ nodes }: Graph, text: string): GraphNode[] => {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return [];
  const found = nodes.filter(node => titleOf(node).toLowerCase().includes(wanted));
  const begins = (node: GraphNode) => titleOf(node).toLowerCase().startsWith(wanted);
  return [...found.filter(begins), ...found.filter(node => !begins(node))];
};

export { findNodes, titleOf };
