import { formatDay, usePage } from "@slack-fanout/laptop-cloud/page";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { ShownMessage, Workspace } from "../src/protocol";
import { buildEntries, type Entry, sentMs } from "./entries";
import { MessageView } from "./message-view";
import { useRows } from "./use-rows";
import type { ThreadSummary } from "./use-thread-summaries";

/** What can be done with a message. */
interface MessageActions {
  /** Opens the thread of a message. Absent in a thread. */
  onReply?(message: ShownMessage): void;
  onEdit(message: ShownMessage): void;
  onDelete(message: ShownMessage): void;
  onReact(message: ShownMessage, reaction: string, remove: boolean): void;
  onTrace(trace: string): void;
  onClick(message: ShownMessage, actionId: string, value?: string): void;
  /** Presses Slack's stop button of the agent session that begins with a message. */
  onStop(message: ShownMessage): void;
}

interface Props {
  label: string;
  messages: ShownMessage[];
  /** Threads by the timestamp of their first message, if the list shows any. */
  threads?: ReadonlyMap<string, ThreadSummary>;
  workspace: Workspace;
  /** Id of the person to act as. The list scrolls to what they say. */
  user: string;
  hasMore: boolean;
  /** Timestamp of the message that a permalink leads to. */
  linked: string | undefined;
  actions: MessageActions;
  onMore(): void;
}

/** Within this distance from the beginning, scrolling loads earlier messages, pixels. */
const LOAD_DISTANCE_PX = 300;

/** Key of the row with the button that loads earlier messages. */
const MORE_ROW = "more";

/** Rows that come and go, so that the view can't be anchored to them. */
const TRANSIENT_ROWS: ReadonlySet<string> = new Set([MORE_ROW]);

/** A list of messages. Only those near the view are rendered, so that it can have thousands. */
const MessageList = ({ label, messages, threads, workspace, user, hasMore, linked, actions, onMore }: Props) => {
  const { trace } = usePage();
  const list = useRef<HTMLOListElement>(null);
  const entries = useMemo(() => buildEntries(messages, hasMore), [messages, hasMore]);
  const keys = useMemo(() => [...(hasMore ? [MORE_ROW] : []), ...messages.map(({ ts }) => ts)], [messages, hasMore]);
  const { rendered, height, topOf, isAtEnd, follow, goTo, goToEnd } = useRows(list, keys, TRANSIENT_ROWS);
  useOwnMessage(messages, user, goToEnd);
  const hasLinked = messages.some(({ ts }) => ts === linked);
  useLayoutEffect(() => {
    if (linked !== undefined && hasLinked) goTo(linked);
  }, [linked, hasLinked]);
  const onScroll = () => {
    follow();
    if (hasMore && !isAtEnd() && (list.current?.scrollTop ?? 0) < LOAD_DISTANCE_PX) onMore();
  };
  const first = hasMore ? 1 : 0;
  return (
    <ol
      ref={list}
      class="messages"
      aria-label={label}
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
            {...{ workspace, user, actions }}
            thread={threads?.get(entry.message.ts)}
            top={topOf(index)}
            class={classOf(entry.message, linked, trace)}
            position={index - first + 1}
            total={hasMore ? undefined : entries.length}
          />
        );
      })}
    </ol>
  );
};

/** Calls `onMessage` for a new message of `user`, even if the same read also returns answers to it. */
const useOwnMessage = (messages: ShownMessage[], user: string, onMessage: () => void) => {
  const latest = useRef<string>();
  useLayoutEffect(() => {
    const before = latest.current;
    latest.current = messages.at(-1)?.ts ?? before;
    if (before !== undefined && messages.some(message => message.ts > before && message.user === user)) onMessage();
  }, [messages]);
};

interface RowProps extends Entry, Pick<Props, "workspace" | "user" | "actions"> {
  thread: ThreadSummary | undefined;
  class: string;
  /** Distance from the beginning of the list, pixels. */
  top: number;
  /** Counted from 1. */
  position: number;
  /** Number of messages; undefined while earlier ones are not loaded. */
  total: number | undefined;
}

const Row = ({ message, isFollowing, beginsDay, thread, workspace, user, actions, class: className, top, position, total }: RowProps) => {
  const latest = useRef(actions);
  latest.current = actions;
  const canReply = actions.onReply !== undefined;
  // An unchanged message is not rendered again.
  const view = useMemo(
    () => (
      <MessageView
        {...{ message, isFollowing, thread, workspace, user }}
        onReply={canReply ? () => latest.current.onReply?.(message) : undefined}
        onEdit={() => latest.current.onEdit(message)}
        onDelete={() => latest.current.onDelete(message)}
        onReact={(reaction, remove) => latest.current.onReact(message, reaction, remove)}
        onTrace={() => latest.current.onTrace(message.trace)}
        onStop={() => latest.current.onStop(message)}
        onPress={(actionId, value) => latest.current.onClick(message, actionId, value)}
      />
    ),
    [message, isFollowing, JSON.stringify(thread), workspace, user, canReply],
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
  [message.ts === linked ? "linked" : "", message.trace === trace ? "traced" : ""].filter(name => name !== "").join(" ");

export type { MessageActions };
export { MessageList };
