import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { isInLatestThread, isReply, threaded } from "./conversation";
import { authorOf, MessageView } from "./message-view";
import { parseMrkdwn, plainText } from "./mrkdwn";
import type { Message, Workspace } from "./slack";
import { useRows } from "./use-rows";

interface Props {
  title: string;
  topic: string;
  messages: Message[];
  workspace: Workspace;
  /** Who one acts as: what they say is scrolled to. */
  user: string;
  hasMore: boolean;
  /** What may be said where nothing was said yet. */
  suggestions: string[];
  /** Timestamp of the message that a permalink leads to. */
  linked: string | undefined;
  /** Trace of the message that is looked at. */
  trace: string | undefined;
  onMore(): void;
  onSuggestion(text: string): void;
  onReply(message: Message): void;
  onTrace(trace: string): void;
  onClick(message: Message, actionId: string, value?: string): void;
}

/** So near to the beginning earlier messages are loaded, pixels. */
const nearBeginning = 300;

/** The row with the button for earlier messages: it comes and goes at the beginning. */
const moreRow = "more";
const unsteady: ReadonlySet<string> = new Set([moreRow]);

/** What stands where nothing was said yet. A suggestion is only written into the box: one sees what it is, and may change it. */
const Beginning = ({ suggestions, onSuggestion }: Pick<Props, "suggestions" | "onSuggestion">) => (
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

/** A conversation. Of ten thousand messages those near the view are drawn. */
const Messages = ({ title, topic, messages, suggestions, workspace, user, hasMore, linked, trace, ...on }: Props) => {
  const { onMore, onReply, onTrace, onClick, onSuggestion } = on;
  const list = useRef<HTMLOListElement>(null);
  const shown = useMemo(() => threaded(messages), [messages]);
  const keys = useMemo(() => [...(hasMore ? [moreRow] : []), ...shown.map(({ ts }) => ts)], [shown, hasMore]);
  const { drawn, height, topOf, isAtEnd, follow, goTo, goToEnd } = useRows(list, keys, unsteady);
  const news = useNews(messages);
  useOwn(messages, user, said => (isInLatestThread(shown, said) ? goToEnd() : goTo(said.ts)));
  const isLoaded = messages.some(({ ts }) => ts === linked);
  useLayoutEffect(() => {
    if (linked !== undefined && isLoaded) goTo(linked);
  }, [linked, isLoaded]);
  useEffect(() => {
    if (linked !== undefined && !isLoaded && hasMore) onMore();
    // Each page that comes without it asks for the next one.
  }, [linked, isLoaded, messages[0]?.ts]);
  const onScroll = () => {
    follow();
    if (hasMore && !isAtEnd() && (list.current?.scrollTop ?? 0) < nearBeginning) onMore();
  };
  const first = hasMore ? 1 : 0;
  return (
    <section class="conversation" aria-labelledby="conversation-title">
      <h2 id="conversation-title">{title}</h2>
      <p class="purpose">{topic}</p>
      {/* Each message has buttons: who goes by keyboard need not pass them all. */}
      <button type="button" class="skip" onClick={() => document.getElementById("say")?.focus()}>
        Past the messages
      </button>
      <ol
        ref={list}
        class="messages"
        aria-label={`Messages in ${title}`}
        // Reachable by keyboard, so that it can be scrolled.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: see above.
        tabIndex={0}
        onScroll={onScroll}
        style={{ "--rows-height": `${height}px` }}
      >
        {drawn.map(index => {
          const message = shown[index - first];
          return message === undefined ? (
            <li key={moreRow} data-row={moreRow} class="more" style={{ top: topOf(index) }}>
              <button type="button" onClick={onMore}>
                Earlier messages
              </button>
            </li>
          ) : (
            <Row
              key={message.ts}
              {...{ message, workspace, onReply, onTrace, onClick }}
              top={topOf(index)}
              class={classOf(message, linked, trace)}
              place={index - first + 1}
              of={hasMore ? undefined : shown.length}
            />
          );
        })}
      </ol>
      {messages.length === 0 ? <Beginning {...{ suggestions, onSuggestion }} /> : null}
      {/* Told once: the list itself changes whenever it is scrolled. */}
      <p class="hidden" aria-live="polite">
        {news === undefined ? null : `${authorOf(news, workspace)}: ${plainText(parseMrkdwn(news.text), id => nameIn(workspace, id))}`}
      </p>
    </section>
  );
};

const nameIn = ({ users, channels }: Workspace, id: string) => [...users, ...channels].find(each => each.id === id)?.name;

/** The latest message, if it came after the conversation was opened. */
const useNews = (messages: Message[]): Message | undefined => {
  const [opened, setOpened] = useState<string>();
  const latest = messages.at(-1);
  useLayoutEffect(() => {
    if (opened === undefined && latest !== undefined) setOpened(latest.ts);
  }, [latest]);
  const ts = opened !== undefined && latest !== undefined && latest.ts > opened ? latest.ts : undefined;
  // Edited or delivered, it is no news again.
  return useMemo(() => (ts === undefined ? undefined : latest), [ts]);
};

/** Hands on what `user` says, at once or with the answers to it: a reading may bring both. */
const useOwn = (messages: Message[], user: string, take: (said: Message) => void) => {
  const latest = useRef<string>();
  useLayoutEffect(() => {
    const before = latest.current;
    latest.current = messages.at(-1)?.ts ?? before;
    const said = before === undefined ? undefined : messages.findLast(message => message.ts > before && message.user === user);
    if (said !== undefined) take(said);
  }, [messages]);
};

interface RowProps extends Pick<Props, "workspace" | "onReply" | "onTrace" | "onClick"> {
  message: Message;
  class: string;
  /** Distance from the beginning of the list, pixels. */
  top: number;
  /** From 1. */
  place: number;
  /** How many messages there are; undefined while earlier ones are not loaded. */
  of: number | undefined;
}

const Row = ({ message, workspace, class: className, top, place, of, ...actions }: RowProps) => {
  const now = useRef(actions);
  now.current = actions;
  // A message that did not change is not drawn again.
  const view = useMemo(
    () => (
      <MessageView
        message={message}
        workspace={workspace}
        onReply={() => now.current.onReply(message)}
        onTrace={() => now.current.onTrace(message.trace)}
        onPress={(actionId, value) => now.current.onClick(message, actionId, value)}
      />
    ),
    [message, workspace],
  );
  return (
    <li
      data-row={message.ts}
      class={className}
      style={{ top }}
      aria-posinset={of === undefined ? undefined : place}
      aria-setsize={of ?? -1}
    >
      {view}
    </li>
  );
};

const classOf = (message: Message, linked: string | undefined, trace: string | undefined) =>
  [
    message.ephemeral ? "ephemeral" : "",
    isReply(message) ? "reply" : "",
    message.ts === linked ? "linked" : "",
    message.trace === trace ? "traced" : "",
  ]
    .filter(name => name !== "")
    .join(" ");

export { Messages };
