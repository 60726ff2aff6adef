import { useState } from "preact/hooks";
import { control } from "../control";
import { kindNames } from "../figures";
import type { GraphNode } from "../graph";
import { useReading } from "../reading";
import { ApiPanel } from "./api-panel";
import { BucketPanel } from "./bucket-panel";
import { ContainerPanel } from "./container-panel";
import { FunctionPanel } from "./function-panel";
import { MachinePanel } from "./machine-panel";
import { MailPanel } from "./mail-panel";
import type { PanelProps } from "./panel";
import { QueuePanel } from "./queue-panel";
import { SchedulePanel } from "./schedule-panel";
import { TablePanel } from "./table-panel";
import { TopicPanel } from "./topic-panel";

type Props = Omit<PanelProps, "name"> & { node: GraphNode };

/** What lies and happens at the chosen node; its dead letters beside it, where it has any. */
const NodePanel = ({ node, ...rest }: Props) => {
  const [showsDead, setShowsDead] = useState(false);
  const dead = node.deadLetters === undefined ? undefined : (rest.activity?.queues[node.deadLetters]?.visible ?? 0);
  return (
    <>
      <div class="panel-head">
        <h2>{node.name}</h2>
        <span class={`kind ${node.kind}`}>{kindNames[node.kind]}</span>
        {node.parent === undefined ? null : <span class="empty">part of {node.parent}</span>}
        {dead === undefined ? null : (
          <button type="button" aria-pressed={showsDead} class={dead > 0 ? "danger" : ""} onClick={() => setShowsDead(!showsDead)}>
            {dead === 1 ? "1 dead letter" : `${dead} dead letters`}
          </button>
        )}
      </div>
      {showsDead && node.deadLetters !== undefined ? (
        <QueuePanel {...rest} name={node.deadLetters} isDeadLetters />
      ) : (
        <Content {...rest} node={node} name={node.name} />
      )}
    </>
  );
};

const Content = ({ node, ...rest }: PanelProps & { node: GraphNode }) => {
  switch (node.kind) {
    case "api":
      return <ApiPanel {...rest} />;
    case "function":
      return <FunctionPanel {...rest} />;
    case "container":
      return <ContainerPanel {...rest} />;
    case "table":
      return <Table {...rest} />;
    case "queue":
      return <QueuePanel {...rest} isDeadLetters={isDeadLetters(rest)} />;
    case "topic":
      return <TopicPanel {...rest} />;
    case "bucket":
      return <BucketPanel {...rest} />;
    case "machine":
      return <MachinePanel {...rest} />;
    case "schedule":
      return <SchedulePanel {...rest} />;
    case "mail":
      return <MailPanel {...rest} />;
  }
};

const Table = ({ name, hearing, fail }: PanelProps) => {
  const items = useReading(hearing, `items ${name}`, () => control.readItems(name), fail);
  return items === undefined ? null : <TablePanel items={items} />;
};

/** A queue that some other resource names as the end of its failures. */
const isDeadLetters = ({ name, program: { resources } }: PanelProps) => {
  const arn = resources.find(each => each.type === "aws:sqs/queue:Queue" && each.name === name)?.outputs["arn"];
  return resources.some(
    ({ inputs }) => inputs["deadLetterConfig"]?.targetArn === arn || String(inputs["redrivePolicy"]).includes(`"${arn}"`),
  );
};

export { NodePanel };
