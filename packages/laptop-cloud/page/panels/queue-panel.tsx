import { useState } from "preact/hooks";
import type { QueueMessage } from "../../src/protocol";
import { control } from "../control";
import { formatDateTime, formatJson } from "../format";
import { usePage } from "../page-context";
import { useLiveData } from "../use-live-data";
import type { NodePanelProps } from "./panel-props";

interface Props extends Pick<NodePanelProps, "name" | "activity"> {
  /** Shows the button that redrives the messages. */
  isDeadLetterQueue: boolean;
}

/** A queue's messages, oldest first. Showing them does not receive them. */
const QueuePanel = ({ name, activity, isDeadLetterQueue }: Props) => {
  const { reportError } = usePage();
  const [outcome, setOutcome] = useState<string>();
  const queue = useLiveData(`queue ${name}`, () => control.readQueue(name));
  if (queue === undefined) return null;
  const redrive = async () => {
    const { count } = await control.redrive(name);
    setOutcome(count === 1 ? "1 message redriven." : `${count} messages redriven.`);
  };
  const alarm = activity?.alarms[name];
  return (
    <>
      <p class="panel-line">
        {queue.visible} waiting, {queue.inFlight} in flight, {queue.delayed} delayed
        {alarm === undefined ? null : <span class={alarm === "ALARM" ? "tag bad" : "tag"}>alarm {alarm}</span>}
        {isDeadLetterQueue ? (
          <button type="button" disabled={queue.visible === 0} onClick={() => void redrive().catch(reportError)}>
            Redrive
          </button>
        ) : null}
      </p>
      {outcome === undefined ? null : <p role="status">{outcome}</p>}
      <ol class="cards">
        {queue.Messages.map(message => (
          <MessageCard key={message.MessageId} message={message} />
        ))}
      </ol>
    </>
  );
};

const MessageCard = ({ message: { MessageId, Body, MessageAttributes = {}, sentMs, receives, state } }: { message: QueueMessage }) => (
  <li>
    <details>
      <summary>
        {formatDateTime(sentMs)}, {state}, received {receives === 1 ? "once" : `${receives} times`}
        {MessageAttributes["ErrorMessage"] === undefined ? null : <span class="bad"> {MessageAttributes["ErrorMessage"].StringValue}</span>}
      </summary>
      <p class="empty">{MessageId}</p>
      <pre>{formatJson(Body)}</pre>
    </details>
  </li>
);

export { QueuePanel };
