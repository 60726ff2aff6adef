import { formatDay, usePage } from "@slack-fanout/laptop-cloud/page";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { ShownMessage, Workspace } from "../src/protocol";
import { isInLatestThread, isReply, sortByThread } from "./conversation";
import { buildEntries, type Entry, sentMs } from "./entries";
import { authorOf, MessageView } from "./message-view";
import { parseMrkdwn, toPlainText } from "./mrkdwn";
import { useRows } from "./use-rows";

interface Props {
  title: string;
  topic: string;
  messages: ShownMessage[];
  workspace: Workspace;
  /** Id of the person to act as. The list scrolls to what they say. */
  user: string;
  hasMore: boolean;
  /** Messages to suggest where there are none yet. */
  suggestions: string[];
  /** Timestamp of the message that a permalink leads to. */
  linked: string | undefined;
  /** The trace that the Trace tab shows. */
  trace: string | undefined;
  onMore(): void;
  onSuggestion(text: string): void;
  onReply(message: ShownMessage): void;
  onEdit(message: ShownMessage): void;
  onDelete(message: ShownMessage): void;
  onReact(message: ShownMessage, reaction: string, remove: boolean): void;
  onTrace(trace: string): void;
  onClick(message: ShownMessage, actionId: string, value?: string): void;
}

/** Within this distance from the beginning, scrolling loads earlier messages, pixels. */
const LOAD_DISTANCE_PX = 300;

/** Key of the row with the button that loads earlier messages. */
const MORE_ROW = "more";

/** Rows that come and go, so that the view can't be anchored to them. */
const TRANSIENT_ROWS: ReadonlySet<string> = new Set([MORE_ROW]);

/** Shown where there are no messages yet. A suggestion goes into the message box, where it can be edited. */
const NoMessages = ({ suggestions, onSuggestion }: Pick<Props, "suggestions" | "onSuggestion">) => (
  <>
    <p class="empty">Nothing was said here yet.</p>
    {suggestions.length === 0 ? null : (
      <p class="suggestions">
        <span class="empty">Begin with</span>
        {suggestions.map(text => (
          <button type="button" key={text} onClick={() => onSuggestion(text)}>
            {text}
          </button>
        ))}
      </p>
    )}
  </>
);

/** A conversation. Only the messages near the view are rendered, so that it can have thousands. */
const Messages = ({ title, topic, messages, suggestions, workspace, user, hasMore, linked, trace, ...on }: Props) => {
  const { onMore, onSuggestion, ...onMessage } = on;
  const list = useRef<HTMLOListElement>(null);
  const shown = useMemo(() => sortByThread(messages), [messages]);
  const entries = useMemo(() => buildEntries(shown, hasMore), [shown, hasMore]);
  const keys = useMemo(() => [...(hasMore ? [MORE_ROW] : []), ...shown.map(({ ts }) => ts)], [shown, hasMore]);
  const { rendered, height, topOf, isAtEnd, follow, goTo, goToEnd } = useRows(list, keys, TRANSIENT_ROWS);
  const announced = useLatestNew(messages);
  useOwnMessage(messages, user, message => (isInLatestThread(shown, message) ? goToEnd() : goTo(message.ts)));
  const isLoaded = messages.some(({ ts }) => ts === linked);
  useLayoutEffect(() => {
    if (linked !== undefined && isLoaded) goTo(linked);
  }, [linked, isLoaded]);
  useEffect(() => {
    if (linked !== undefined && !isLoaded && hasMore) onMore();
    // Each page without the linked message requests the next one.
  }, [linked, isLoaded, messages[0]?.ts]);
  const onScroll = () => {
    follow();
    if (hasMore && !isAtEnd() && (list.current?.scrollTop ?? 0) < LOAD_DISTANCE_PX) onMore();
  };
  const first = hasMore ? 1 : 0;
  return (
    <section class="conversation" aria-labelledby="conversation-title">
      <header class="conversation-head">
        <h2 id="conversation-title">{title}</h2>
        <p class="purpose">{topic}</p>
      </header>
      {/* Lets keyboard users skip the buttons of all messages. */}
      <button type="button" class="skip" onClick={() => document.getElementById("say")?.focus()}>
        Past the messages
      </button>
      <ol
        ref={list}
        class="messages"
        aria-label={`Messages in ${title}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard can scroll it only when it has the focus.
        tabIndex={0}
        onScroll={onScroll}
        style={{ "--rows-height": `${height}px` }}
      >
        {rendered.map(index => {
          const entry = entries[index - first];
          return entry === undefined ? (
            <li key={MORE_ROW} data-row={MORE_ROW} class="more" style={{ top: topOf(index) }}>
              <button type="button" onClick={onMore}>
                Earlier messages
              </button>
            </li>
          ) : (
            <Row
              key={entry.message.ts}
              {...entry}
              {...{ workspace, user }}
              {...onMessage}
              top={topOf(index)}
              class={classOf(entry.message, linked, trace)}
              position={index - first + 1}
              total={hasMore ? undefined : shown.length}
            />
          );
        })}
      </ol>
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

const nameIn = ({ users, channels }: Workspace, id: string) => [...users, ...channels].find(each => each.id === id)?.name;

/** The latest message, if it arrived after the conversation was opened. */
const useLatestNew = (messages: ShownMessage[]): ShownMessage | undefined => {
  const [opened, setOpened] = useState<string>();
  const latest = messages.at(-1);
  useLayoutEffect(() => {
    if (opened === undefined && latest !== undefined) setOpened(latest.ts);
  }, [latest]);
  const ts = opened !== undefined && latest !== undefined && latest.ts > opened ? latest.ts : undefined;
  // An edit or a delivery of the message does not announce it again.
  return useMemo(() => (ts === undefined ? undefined : latest), [ts]);
};

/** Calls `onMessage` for a new message of `user`, even if the same read also returns answers to it. */
const useOwnMessage = (messages: ShownMessage[], user: string, onMessage: (message: ShownMessage) => void) => {
  const latest = useRef<string>();
  useLayoutEffect(() => {
    const before = latest.current;
    latest.current = messages.at(-1)?.ts ?? before;
    const own = before === undefined ? undefined : messages.findLast(message => message.ts > before && message.user === user);
    if (own !== undefined) onMessage(own);
  }, [messages]);
};

type RowActions = Pick<Props, "onReply" | "onEdit" | "onDelete" | "onReact" | "onTrace" | "onClick">;

interface RowProps extends Entry, RowActions, Pick<Props, "workspace" | "user"> {
  class: string;
  /** Distance from the beginning of the list, pixels. */
  top: number;
  /** Counted from 1. */
  position: number;
  /** Number of messages; undefined while earlier ones are not loaded. */
  total: number | undefined;
}

const Row = ({ message, isFollowing, beginsDay, workspace, user, class: className, top, position, total, ...actions }: RowProps) => {
  const latest = useRef(actions);
  latest.current = actions;
  // An unchanged message is not rendered again.
  const view = useMemo(
    () => (
      <MessageView
        message={message}
        isFollowing={isFollowing}
        workspace={workspace}
        user={user}
        onReply={() => latest.current.onReply(message)}
        onEdit={() => latest.current.onEdit(message)}
        onDelete={() => latest.current.onDelete(message)}
        onReact={(reaction, remove) => latest.current.onReact(message, reaction, remove)}
        onTrace={() => latest.current.onTrace(message.trace)}
        onPress={(actionId, value) => latest.current.onClick(message, actionId, value)}
      />
    ),
    [message, isFollowing, workspace, user],
  );
  return (
    <li
      data-row={message.ts}
      class={className}
      style={{ top }}
      // A tap, or a click, shows the actions.
      tabIndex={-1}
      aria-posinset={total === undefined ? undefined : position}
      aria-setsize={total ?? -1}
    >
      {beginsDay ? <Day atMs={sentMs(message)} /> : null}
      {view}
    </li>
  );
};

/** Stands above the first message of a day. */
const Day = ({ atMs }: { atMs: number }) => {
  const { today } = usePage();
  return (
    <p class="day">
      <span>{formatDay(atMs, today)}</span>
    </p>
  );
};

const classOf = (message: ShownMessage, linked: string | undefined, trace: string | undefined) =>
  [
    message.ephemeral ? "ephemeral" : "",
    isReply(message) ? "reply" : "",
    message.ts === linked ? "linked" : "",
    message.trace === trace ? "traced" : "",
  ]
    .filter(name => name !== "")
    .join(" ");

export { Messages };
