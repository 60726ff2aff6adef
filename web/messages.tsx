import type { VNode } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { isReply, threaded } from "./conversation";
import { drawEmoji } from "./emoji";
import { Formatted } from "./formatted";
import { showBytes, showTime } from "./show";
import type { Block, Delivery, Message, Workspace } from "./slack";

interface Props {
  title: string;
  topic: string;
  messages: Message[];
  workspace: Workspace;
  /** Who one acts as: what they say is scrolled to. */
  user: string;
  hasMore: boolean;
  /** Timestamp of the message that a permalink leads to. */
  linked: string | undefined;
  /** Trace of the message that is looked at. */
  trace: string | undefined;
  onMore(): void;
  onReply(message: Message): void;
  onTrace(trace: string): void;
  onClick(message: Message, actionId: string, value?: string): void;
}

/** So near to the end a reader follows the conversation, pixels. */
const nearEnd = 80;

/** So near to the beginning earlier messages are loaded, pixels. */
const nearBeginning = 300;

const Messages = ({ title, topic, messages, workspace, user, hasMore, linked, trace, onMore, onReply, onTrace, onClick }: Props) => {
  const list = useRef<HTMLOListElement>(null);
  const follows = useRef(true);
  /** How far the end was when the list was last drawn: what comes in front must not move what is read. */
  const fromEnd = useRef(0);
  const lastTop = useRef(0);
  const first = useRef<string>();
  const last = useRef<string>();
  useLayoutEffect(() => {
    const box = list.current;
    if (box === null) return;
    const latest = messages.at(-1);
    if (latest?.user === user && last.current !== undefined && latest.ts > last.current) follows.current = true;
    last.current = latest?.ts;
    const toEnd = () => follows.current && box.scrollTo({ top: box.scrollHeight });
    toEnd();
    // What comes into sight is laid out only then, and may be higher than it was taken for.
    requestAnimationFrame(() => requestAnimationFrame(toEnd));
    if (!follows.current && first.current !== messages[0]?.ts) box.scrollTo({ top: box.scrollHeight - fromEnd.current });
    first.current = messages[0]?.ts;
    fromEnd.current = box.scrollHeight - box.scrollTop;
  }, [messages]);
  const shown = messages.some(({ ts }) => ts === linked);
  useEffect(() => {
    if (linked === undefined) return;
    follows.current = false;
    if (shown) list.current?.querySelector(`[data-ts="${CSS.escape(linked)}"]`)?.scrollIntoView({ block: "center" });
    else if (hasMore) onMore();
    // Each page that comes without it asks for the next one.
  }, [linked, shown, messages[0]?.ts]);
  const remember = () => {
    const { scrollHeight = 0, scrollTop = 0, clientHeight = 0 } = list.current ?? {};
    fromEnd.current = scrollHeight - scrollTop;
    // Only who scrolls up stops following: the end moves away by itself when a message comes.
    if (fromEnd.current - clientHeight < nearEnd) follows.current = true;
    else if (scrollTop < lastTop.current) follows.current = false;
    lastTop.current = scrollTop;
    if (hasMore && scrollTop < nearBeginning && !follows.current) onMore();
  };
  const actions = useRef({ onReply, onTrace, onClick });
  actions.current = { onReply, onTrace, onClick };
  // A message that did not change is the same element: of ten thousand, only what is new is drawn.
  const drawn = useMemo(() => new WeakMap<Message, VNode>(), [workspace]);
  const draw = (message: Message): VNode => {
    const known = drawn.get(message);
    if (known !== undefined) return known;
    const view = (
      <MessageView
        message={message}
        workspace={workspace}
        onReply={() => actions.current.onReply(message)}
        onTrace={() => actions.current.onTrace(message.trace)}
        onPress={(actionId, value) => actions.current.onClick(message, actionId, value)}
      />
    );
    drawn.set(message, view);
    return view;
  };
  return (
    <section class="conversation" aria-labelledby="conversation-title">
      <h2 id="conversation-title">{title}</h2>
      <p class="purpose">{topic}</p>
      {/* Reachable by keyboard, so that it can be scrolled. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: see above. */}
      <ol ref={list} class="messages" aria-live="polite" aria-label={`Messages in ${title}`} tabIndex={0} onScroll={remember}>
        {hasMore ? (
          <li key="more" class="more">
            <button type="button" onClick={onMore}>
              Earlier messages
            </button>
          </li>
        ) : null}
        {threaded(messages).map(message => (
          <li key={message.ts} data-ts={message.ts} class={classOf(message, linked, trace)}>
            {draw(message)}
          </li>
        ))}
      </ol>
      {messages.length === 0 ? <p class="empty">Nothing was said here yet.</p> : null}
    </section>
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

interface MessageProps {
  message: Message;
  workspace: Workspace;
  onReply(): void;
  onTrace(): void;
  onPress(actionId: string, value?: string): void;
}

const MessageView = ({ message, workspace, onReply, onTrace, onPress }: MessageProps) => {
  const saidMs = Number(message.ts) * 1000;
  const author = message.username ?? workspace.users.find(({ id }) => id === message.user)?.name ?? message.user ?? "somebody";
  return (
    <article>
      <p class="byline">
        <b>{author}</b>
        {message.bot_id === undefined ? null : <span class="tag">app</span>}
        <time dateTime={new Date(saidMs).toISOString()}>{showTime(saidMs)}</time>
        {isReply(message) ? <span class="tag">in a thread</span> : null}
        {message.ephemeral ? <span class="tag">only you see this</span> : null}
        {message.edited === undefined ? null : <span class="tag">edited</span>}
        <span class="message-actions">
          <button type="button" class="quiet" onClick={onTrace} aria-label={`Trace of ${author}'s message`}>
            Trace
          </button>
          {message.ephemeral ? null : (
            <button type="button" class="quiet" onClick={onReply} aria-label={`Reply to ${author} in a thread`}>
              Reply
            </button>
          )}
        </span>
      </p>
      {message.blocks === undefined ? (
        <div class="text">
          <Formatted text={message.text} workspace={workspace} />
        </div>
      ) : (
        message.blocks.map((block, index) => <BlockView block={block} key={index} workspace={workspace} press={onPress} />)
      )}
      {message.files?.map(file => (
        <FileView key={file.id} file={file} />
      ))}
      {message.reactions === undefined ? null : (
        <p class="reactions">{message.reactions.map(({ name, count }) => drawEmoji(`:${name}: ${count}`)).join("  ")}</p>
      )}
      <DeliveriesView deliveries={message.deliveries} />
    </article>
  );
};

/** What the server shows as an image; anything else is a download. */
const previewed = /^image\/(png|jpeg|gif|webp)$/;

const FileView = ({ file: { id, name, mimetype, size } }: { file: NonNullable<Message["files"]>[number] }) => (
  <p class="file">
    {previewed.test(mimetype) ? <img src={`/slack/preview/${id}`} alt="" loading="lazy" /> : null}
    <a href={`/slack/preview/${id}`} target="_blank" rel="noreferrer">
      {name}
    </a>{" "}
    {mimetype}, {showBytes(size)}
  </p>
);

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
          {block.fields === undefined ? null : (
            <div class="fields">
              {block.fields.map(({ text }) => (
                <p key={text}>
                  <Formatted text={text} workspace={workspace} />
                </p>
              ))}
            </div>
          )}
          {block.accessory === undefined ? null : <Buttons elements={[block.accessory]} press={press} />}
        </div>
      );
    case "context":
      return (
        <p class="context">
          {block.elements?.map(({ text }, index) => (
            <Formatted key={index} text={textOf(text)} workspace={workspace} />
          ))}
        </p>
      );
    case "actions":
      return <Buttons elements={block.elements ?? []} press={press} />;
    default:
      return <p class="context">[{block.type}]</p>;
  }
};

const Buttons = ({ elements, press }: { elements: NonNullable<Block["elements"]>; press: BlockProps["press"] }) => (
  <p class="actions">
    {elements
      .filter(({ type }) => type === "button")
      .map(({ action_id: actionId = "", value, text, style }) => (
        <button type="button" key={`${actionId} ${value}`} class={style} onClick={() => press(actionId, value)}>
          {textOf(text)}
        </button>
      ))}
  </p>
);

const textOf = (text: { text: string } | string | undefined) => (typeof text === "string" ? text : (text?.text ?? ""));

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
    nextMs === undefined ? "" : `next try ${showTime(nextMs)}`,
  ]
    .filter(part => part !== "")
    .join(", ");

export { Messages };
