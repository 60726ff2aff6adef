import { useState } from "preact/hooks";
import { control, type QueueMessage } from "../control";
import { useReading } from "../reading";
import { pretty, showDateTime } from "../show";
import type { PanelProps } from "./panel";

interface Props extends Pick<PanelProps, "name" | "activity" | "hearing" | "fail"> {
  /** It takes failures: they can be given back to who failed. */
  isDeadLetters: boolean;
}

/** A queue's messages, oldest first. Looking at them does not receive them. */
const QueuePanel = ({ name, activity, hearing, fail, isDeadLetters }: Props) => {
  const [said, setSaid] = useState<string>();
  const queue = useReading(hearing, `queue ${name}`, () => control.readQueue(name), fail);
  if (queue === undefined) return null;
  const redrive = async () => {
    const { count } = await control.redrive(name);
    setSaid(count === 1 ? "1 message was handed over again." : `${count} messages were handed over again.`);
  };
  const alarm = activity?.alarms[name];
  return (
    <>
      <p class="panel-line">
        {queue.visible} waiting, {queue.inFlight} in flight, {queue.delayed} delayed
        {alarm === undefined ? null : <span class={alarm === "ALARM" ? "tag bad" : "tag"}>alarm {alarm}</span>}
        {isDeadLetters ? (
          <button type="button" disabled={queue.visible === 0} onClick={() => void redrive().catch(fail)}>
            Redrive
          </button>
        ) : null}
      </p>
      {said === undefined ? null : <p role="status">{said}</p>}
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
        {showDateTime(sentMs)}, {state}, received {receives === 1 ? "once" : `${receives} times`}
        {MessageAttributes["ErrorMessage"] === undefined ? null : <span class="bad"> {MessageAttributes["ErrorMessage"].StringValue}</span>}
      </summary>
      <p class="empty">{MessageId}</p>
      <pre>{pretty(Body)}</pre>
    </details>
  </li>
);

export { QueuePanel };
