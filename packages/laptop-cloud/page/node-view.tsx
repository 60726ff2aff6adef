import type { GraphNode } from "./graph";
import type { Group } from "./grouping";
import { type Box, NODE_SIZE, type Point } from "./layout";
import { describeGroup, describeNode, type NodeNumbers } from "./node-numbers";
import { splitName } from "./split-name";

/** How a node stands out. */
interface Emphasis {
  isSelected: boolean;
  isAdjacent: boolean;
  /** Whether it has failures that the person has not looked at yet. */
  isFailing: boolean;
  /** Whether it fades, because a search or a message's path highlights other nodes. */
  isFaded: boolean;
}

interface Handlers {
  /** The Tab key stops at one node. */
  isTabStop: boolean;
  onSelect(): void;
  onKeyDown(event: KeyboardEvent): void;
}

interface NodeProps extends Emphasis, Handlers {
  node: GraphNode;
  at: Point;
  numbers: NodeNumbers;
}

const NodeView = ({ node, at, numbers, ...rest }: NodeProps) => (
  <Card id={node.id} kind={node.kind} name={node.name} label={describeNode(node, numbers)} {...{ at, numbers }} {...rest} />
);

interface GroupProps extends Omit<Emphasis, "isSelected">, Handlers {
  group: Group;
  at: Point;
  numbers: NodeNumbers;
}

/** A closed group. Selecting it opens it. */
const ClosedGroup = ({ group, at, numbers, ...rest }: GroupProps) => (
  <Card id={group.id} kind="group" name={group.name} label={describeGroup(group, numbers)} {...{ at, numbers }} {...rest} />
);

interface CardProps extends Omit<Emphasis, "isSelected">, Handlers {
  id: string;
  kind: string;
  name: string;
  label: string;
  at: Point;
  numbers: NodeNumbers;
  isSelected?: boolean;
}

const Card = ({ id, kind, name, label, at, numbers, isTabStop, onSelect, onKeyDown, ...emphasis }: CardProps) => {
  const hasNumbers = numbers.work !== "" || numbers.failures !== "";
  const lines = splitName(name);
  const { isSelected, isAdjacent, isFailing, isFaded } = emphasis;
  const classes = ["node", kind, isSelected && "selected", isAdjacent && "adjacent", isFailing && "failing", isFaded && "faded"];
  return (
    // biome-ignore lint/a11y/useSemanticElements: SVG has no button element.
    <g
      data-node={id}
      class={classes.filter(Boolean).join(" ")}
      transform={`translate(${at.x - NODE_SIZE.width / 2} ${at.y - NODE_SIZE.height / 2})`}
      role="button"
      // SVG attributes are case-sensitive.
      tabindex={isTabStop ? 0 : -1}
      aria-pressed={isSelected}
      aria-expanded={kind === "group" ? false : undefined}
      onClick={onSelect}
      onKeyDown={onKeyDown}
    >
      {/* The accessible name describes all that is drawn below; nothing below takes the focus. */}
      <title>{label}</title>
      {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: see above. */}
      <g aria-hidden="true">
        {kind === "group" ? <rect class="box behind" x={4} y={4} width={NODE_SIZE.width} height={NODE_SIZE.height} rx={8} /> : null}
        <rect class="box" width={NODE_SIZE.width} height={NODE_SIZE.height} rx={8} />
        <rect class="band" width={4} height={NODE_SIZE.height - 16} x={7} y={8} rx={2} />
        {lines.map((line, index) => (
          <text key={line} x={19} y={firstLineY(lines.length, hasNumbers) + index * LINE_HEIGHT} class="name">
            {line}
          </text>
        ))}
        {hasNumbers ? (
          <text x={19} y={NODE_SIZE.height - 6} class="numbers">
            {numbers.shortWork}
            <tspan class="failures"> {numbers.failureSymbols}</tspan>
          </text>
        ) : null}
      </g>
    </g>
  );
};

const LINE_HEIGHT = 14;

/** Centres the name in the room that the numbers leave. */
const firstLineY = (lines: number, hasNumbers: boolean) => (hasNumbers ? (lines === 1 ? 22 : 14) : lines === 1 ? 29 : 22);

interface FrameProps {
  group: Group;
  frame: Box;
  onClose(): void;
}

/** The frame of an open group. Its title closes it. */
const OpenGroup = ({ group, frame, onClose }: FrameProps) => (
  <g class="frame" transform={`translate(${frame.x} ${frame.y})`}>
    <rect width={frame.width} height={frame.height} rx={12} />
    <foreignObject width={frame.width} height={26}>
      <button type="button" aria-expanded={true} aria-label={`${group.name}, group, close`} onClick={onClose}>
        {group.name}
      </button>
    </foreignObject>
  </g>
);

export { ClosedGroup, NodeView, OpenGroup };
