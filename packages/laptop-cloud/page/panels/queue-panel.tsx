import { useState } from "preact/hooks";
import type { QueueMessage } from "../../src/protocol";
import { control } from "../control";
import { type DeadLetterLinks, findDeadLetterLinks } from "../dead-letter-links";
import { formatCountdown, formatJson } from "../format";
import { usePage } from "../page-context";
import { Time } from "../time";
import { useLiveData } from "../use-live-data";
import type { NodePanelProps } from "./panel-props";

/** A queue's messages, oldest first, and why each waits. Showing them does not receive them. */
const QueuePanel = ({ name, nowMs, program: { resources } }: Pick<NodePanelProps, "name" | "nowMs" | "program">) => {
  const { reportError } = usePage();
  const [outcome, setOutcome] = useState<string>();
  const queue = useLiveData(`queue ${name}`, () => control.readQueue(name));
  if (queue === undefined) return null;
  const redrive = async () => {
    const { count } = await control.redrive(name);
    setOutcome(count === 1 ? "1 message redriven." : `${count} messages redriven.`);
  };
  const links = findDeadLetterLinks(resources, name);
  return (
    <>
      <p class="panel-line">
        {queue.visible} waiting, {queue.inFlight} in flight, {queue.delayed} delayed
        {links.sources.length > 0 ? (
          <button type="button" disabled={queue.visible === 0} onClick={() => void redrive().catch(reportError)}>
            Redrive
          </button>
        ) : null}
      </p>
      <Links links={links} />
      {outcome === undefined ? null : <p role="status">{outcome}</p>}
      <ol class="cards">
        {queue.Messages.map(message => (
          <MessageCard key={message.MessageId} {...{ message, nowMs }} maxReceives={links.target?.maxReceives} />
        ))}
      </ol>
    </>
  );
};

const Links = ({ links: { target, sources } }: { links: DeadLetterLinks }) => (
  <>
    {target === undefined ? null : (
      <p class="empty">
        Goes to {target.name} after {target.maxReceives === 1 ? "1 receive" : `${target.maxReceives} receives`}.
      </p>
    )}
    {sources.length === 0 ? null : <p class="empty">Dead letters of {sources.join(", ")}.</p>}
  </>
);

interface MessageProps {
  message: QueueMessage;
  nowMs: number;
  /** After so many receives it becomes a dead letter. */
  maxReceives: number | undefined;
}

const MessageCard = ({ message, nowMs, maxReceives }: MessageProps) => {
  const { MessageId, Body, MessageAttributes = {}, sentMs, receives, state, untilMs } = message;
  return (
    <li>
      <details>
        <summary>
          sent <Time atMs={sentMs} isExact />, {state}
          {untilMs === null ? "" : ` for ${formatCountdown(untilMs - nowMs)} more`}, received{" "}
          {receives === 1 ? "once" : `${receives} times`}
          {maxReceives === undefined ? "" : ` of ${maxReceives}`}
          {MessageAttributes["ErrorMessage"] === undefined ? null : (
            <span class="bad"> {MessageAttributes["ErrorMessage"].StringValue}</span>
          )}
        </summary>
        <p class="empty">
          {MessageId}
          {untilMs === null ? null : (
            <>
              , visible again at <Time atMs={untilMs} isExact />
            </>
          )}
        </p>
        {Object.entries(MessageAttributes).map(([name, { StringValue }]) => (
          <p class="empty" key={name}>
            {name}: {StringValue}
          </p>
        ))}
        <pre>{formatJson(Body)}</pre>
      </details>
    </li>
  );
};

export { QueuePanel };
