import { useLayoutEffect, useRef } from "preact/hooks";
import type { Block, Delivery, Message, Workspace } from "./cloud";
import { Formatted } from "./formatted";

interface Props {
  title: string;
  topic: string;
  messages: Message[];
  workspace: Workspace;
  hasMore: boolean;
  onMore(): void;
  onReply(message: Message): void;
  onClick(message: Message, actionId: string, value?: string): void;
}

/** So near to the end a reader follows the conversation, pixels. */
const nearEnd = 80;

const Messages = ({ title, topic, messages, workspace, hasMore, onMore, onReply, onClick }: Props) => {
  const list = useRef<HTMLOListElement>(null);
  const follows = useRef(true);
  useLayoutEffect(() => {
    if (follows.current) list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [messages]);
  const remember = () => {
    const { scrollHeight = 0, scrollTop = 0, clientHeight = 0 } = list.current ?? {};
    follows.current = scrollHeight - scrollTop - clientHeight < nearEnd;
  };
  return (
    <section class="conversation" aria-labelledby="conversation-title">
      <h2 id="conversation-title">{title}</h2>
      <p class="topic">{topic}</p>
      {hasMore ? (
        <button type="button" class="more" onClick={onMore}>
          Earlier messages
        </button>
      ) : null}
      {/* Reachable by keyboard, so that it can be scrolled. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: see above. */}
      <ol ref={list} class="messages" aria-live="polite" aria-label={`Messages in ${title}`} tabIndex={0} onScroll={remember}>
        {messages.map(message => (
          <li key={message.ts} class={[message.ephemeral ? "ephemeral" : "", isReply(message) ? "reply" : ""].join(" ").trim()}>
            <MessageView message={message} workspace={workspace} onReply={onReply} onClick={onClick} />
          </li>
        ))}
      </ol>
      {messages.length === 0 ? <p class="empty">Nothing was said here yet.</p> : null}
    </section>
  );
};

const isReply = ({ thread_ts, ts }: Message) => thread_ts !== undefined && thread_ts !== ts;

type MessageProps = { message: Message } & Pick<Props, "workspace" | "onReply" | "onClick">;

const time = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

const MessageView = ({ message, workspace, onReply, onClick }: MessageProps) => {
  const saidMs = Number(message.ts) * 1000;
  const author = message.username ?? workspace.users.find(({ id }) => id === message.user)?.name ?? message.user ?? "somebody";
  return (
    <article>
      <p class="byline">
        <b>{author}</b>
        {message.bot_id === undefined ? null : <span class="tag">app</span>}
        <time dateTime={new Date(saidMs).toISOString()}>{time.format(saidMs)}</time>
        {isReply(message) ? <span class="tag">in a thread</span> : null}
        {message.ephemeral ? <span class="tag">only you see this</span> : null}
        {message.edited === undefined ? null : <span class="tag">edited</span>}
        {message.ephemeral ? null : (
          <button type="button" class="quiet" onClick={() => onReply(message)} aria-label={`Reply to ${author} in a thread`}>
            Reply
          </button>
        )}
      </p>
      {message.blocks === undefined ? (
        <div class="text">
          <Formatted text={message.text} workspace={workspace} />
        </div>
      ) : (
        message.blocks.map((block, index) => (
          <BlockView block={block} key={index} workspace={workspace} press={(actionId, value) => onClick(message, actionId, value)} />
        ))
      )}
      {message.files?.map(file => (
        <p class="file" key={file.id}>
          <a href={`/slack/preview/${file.id}`} target="_blank" rel="noreferrer">
            {file.name}
          </a>{" "}
          {file.mimetype}, {file.size} bytes
        </p>
      ))}
      {message.reactions === undefined ? null : (
        <p class="reactions">{message.reactions.map(({ name, count }) => `:${name}: ${count}`).join("  ")}</p>
      )}
      <DeliveriesView deliveries={message.deliveries} />
    </article>
  );
};

interface BlockProps {
  block: Block;
  workspace: Workspace;
  press(actionId: string, value?: string): void;
}

/** The blocks that apps here use; others are named, not drawn. */
const BlockView = ({ block, workspace, press }: BlockProps) => {
  switch (block.type) {
    case "divider":
      return <hr />;
    case "header":
      return <h3>{block.text?.text}</h3>;
    case "section":
      return (
        <div class="text">
          {block.text === undefined ? null : <Formatted text={block.text.text} workspace={workspace} />}
          {block.fields?.map(({ text }) => (
            <p key={text}>
              <Formatted text={text} workspace={workspace} />
            </p>
          ))}
        </div>
      );
    case "context":
      return (
        <p class="context">
          {block.elements?.map(({ text }, index) => (
            <Formatted key={index} text={typeof text === "string" ? text : (text?.text ?? "")} workspace={workspace} />
          ))}
        </p>
      );
    case "actions":
      return (
        <p class="actions">
          {block.elements
            ?.filter(({ type }) => type === "button")
            .map(({ action_id: actionId = "", value, text, style }) => (
              <button type="button" key={`${actionId} ${value}`} class={style} onClick={() => press(actionId, value)}>
                {typeof text === "string" ? text : text?.text}
              </button>
            ))}
        </p>
      );
    default:
      return <p class="context">[{block.type}]</p>;
  }
};

/** How a message went out: one line a door. */
const DeliveriesView = ({ deliveries }: { deliveries: Delivery[] }) =>
  deliveries.length === 0 ? null : (
    <ul class="deliveries" aria-label="How it went out">
      {deliveries.map(delivery => (
        <li key={delivery.id} class={delivery.state}>
          {describe(delivery)}
        </li>
      ))}
    </ul>
  );

const describe = ({ door, event, signed, state, status, reason, ms, retries, nextMs }: Delivery) =>
  [
    event === undefined || event === door ? door : `${door}: ${event}`,
    state === "delivered" ? String(status) : [state, status, reason].filter(Boolean).join(" "),
    ms === null ? "" : `${ms} ms`,
    signed ? "signed" : "",
    retries === 0 ? "" : retries === 1 ? "1 retry" : `${retries} retries`,
    nextMs === undefined ? "" : `next try ${time.format(nextMs)}`,
  ]
    .filter(part => part !== "")
    .join(", ");

export { Messages };
