import { useState } from "preact/hooks";
import { type GraphNode, kindOfType } from "../graph";
import { KIND_NAMES } from "../node-numbers";
import { AlarmsOf } from "./alarms-panel";
import { ApiPanel } from "./api-panel";
import { BucketPanel } from "./bucket-panel";
import { ContainerPanel } from "./container-panel";
import { FunctionPanel } from "./function-panel";
import { MachinePanel } from "./machine-panel";
import { MailPanel } from "./mail-panel";
import type { NodePanelProps, PanelProps } from "./panel-props";
import { QueuePanel } from "./queue-panel";
import { SchedulePanel } from "./schedule-panel";
import { TablePanel } from "./table-panel";
import { TopicPanel } from "./topic-panel";

type Props = PanelProps & { node: GraphNode };

/** The contents and activity of the selected node, and a button that shows its dead letters instead. */
const NodePanel = ({ node, ...rest }: Props) => {
  const [showsDeadLetters, setShowsDeadLetters] = useState(false);
  const dead = node.deadLetters === undefined ? undefined : (rest.activity?.queues[node.deadLetters]?.visible ?? 0);
  return (
    <>
      <div class="panel-head">
        <h2>{node.name}</h2>
        <span class={`kind ${node.kind}`}>{KIND_NAMES[node.kind]}</span>
        {node.parent === undefined ? null : <span class="empty">part of {node.parent}</span>}
        {dead === undefined ? null : (
          <button
            type="button"
            aria-pressed={showsDeadLetters}
            class={dead > 0 ? "danger" : ""}
            onClick={() => setShowsDeadLetters(!showsDeadLetters)}
          >
            {dead === 1 ? "1 dead letter" : `${dead} dead letters`}
          </button>
        )}
      </div>
      <AlarmsOf name={node.name} resources={watchedWith(node, rest)} />
      {showsDeadLetters && node.deadLetters !== undefined ? (
        <QueuePanel {...rest} name={node.deadLetters} />
      ) : (
        <Content {...rest} node={node} name={node.name} />
      )}
    </>
  );
};

const Content = ({ node, ...rest }: NodePanelProps & { node: GraphNode }) => {
  switch (node.kind) {
    case "api":
      return <ApiPanel {...rest} />;
    case "function":
      return <FunctionPanel {...rest} />;
    case "container":
      return <ContainerPanel {...rest} />;
    case "table":
      return <TablePanel {...rest} />;
    case "queue":
      return <QueuePanel {...rest} />;
    case "topic":
      return <TopicPanel {...rest} />;
    case "bucket":
      return <BucketPanel {...rest} />;
    case "machine":
      return <MachinePanel {...rest} />;
    case "schedule":
      return <SchedulePanel {...rest} />;
    case "mail":
      return <MailPanel address={rest.name} />;
  }
};

/** The resource of a node, and its dead-letter queue. */
const watchedWith = ({ kind, name, deadLetters }: GraphNode, { program: { resources } }: PanelProps) =>
  resources.filter(each => {
    const kindOfResource = kindOfType(each.type);
    return (kindOfResource === kind && each.name === name) || (kindOfResource === "queue" && each.name === deadLetters);
  });

export { NodePanel };
