import { useLayoutEffect, useMemo, useState } from "preact/hooks";
import type { ShownMessage, Workspace } from "../src/protocol";
import { type MessageActions, MessageList } from "./message-list";
import { authorOf } from "./message-view";
import { parseMrkdwn, toPlainText } from "./mrkdwn";
import { MESSAGE_BOX } from "./use-thread";
import type { ThreadSummary } from "./use-thread-summaries";

/** Something to say. */
interface Suggestion {
  title: string;
  text: string;
}

interface Props {
  title: string;
  topic: string;
  /** Without the replies of threads. */
  messages: ShownMessage[];
  threads: ReadonlyMap<string, ThreadSummary>;
  /** The latest message, also of a thread. */
  latest: ShownMessage | undefined;
  workspace: Workspace;
  /** Id of the person to act as. */
  user: string;
  hasMore: boolean;
  /** Messages to suggest where there are none yet. */
  suggestions: Suggestion[];
  /** Timestamp of the message that a permalink leads to. */
  linked: string | undefined;
  actions: MessageActions;
  onMore(): void;
  onSuggestion(text: string): void;
}

/** A conversation. */
const Messages = ({ title, topic, suggestions, latest, onSuggestion, ...list }: Props) => {
  const { messages, workspace } = list;
  const announced = useLatestNew(latest);
  return (
    <section class="conversation" aria-labelledby="conversation-title">
      <header class="conversation-head">
        <h2 id="conversation-title">{title}</h2>
        <p class="purpose">{topic}</p>
      </header>
      {/* Lets keyboard users skip the buttons of all messages. */}
      <button type="button" class="skip" onClick={() => document.getElementById(MESSAGE_BOX)?.focus()}>
        Past the messages
      </button>
      <MessageList label={`Messages in ${title}`} {...list} />
      {messages.length === 0 ? <NoMessages {...{ suggestions, onSuggestion }} /> : null}
      {/* Announces each new message once. The list can't do this, because scrolling changes it too. */}
      <p class="hidden" aria-live="polite">
        {announced === undefined
          ? null
          : `${authorOf(announced, workspace)}: ${toPlainText(parseMrkdwn(announced.text), id => nameIn(workspace, id))}`}
      </p>
    </section>
  );
};

/** Shown where there are no messages yet. A suggestion goes into the message box, where it can be edited. */
const NoMessages = ({ suggestions, onSuggestion }: Pick<Props, "suggestions" | "onSuggestion">) => (
  <>
    <p class="empty">Nothing was said here yet.</p>
    {suggestions.length === 0 ? null : (
      <p class="suggestions">
        <span class="empty">Begin with</span>
        {suggestions.map(({ title, text }) => (
          <button type="button" key={title} onClick={() => onSuggestion(text)}>
            {title}
          </button>
        ))}
      </p>
    )}
  </>
);

const nameIn = ({ users, channels }: Workspace, id: string) => [...users, ...channels].find(each => each.id === id)?.name;

/** The latest message, if it arrived after the conversation was opened. */
const useLatestNew = (latest: ShownMessage | undefined): ShownMessage | undefined => {
  const [opened, setOpened] = useState<string>();
  useLayoutEffect(() => {
    if (opened === undefined && latest !== undefined) setOpened(latest.ts);
  }, [latest]);
  // A streamed message is announced when it is complete.
  const isComplete = latest?.streaming_state !== "in_progress";
  const ts = opened !== undefined && latest !== undefined && latest.ts > opened && isComplete ? latest.ts : undefined;
  // An edit or a delivery of the message does not announce it again.
  return useMemo(() => (ts === undefined ? undefined : latest), [ts]);
};

export type { Suggestion };
export { Messages };
