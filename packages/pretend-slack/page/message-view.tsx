import { formatBytes, Time } from "@slack-fanout/laptop-cloud/page";
import type { ComponentChildren } from "preact";
import type { ShownMessage, Workspace } from "../src/protocol";
import { Avatar } from "./avatar";
import { BlockView } from "./block-view";
import { isReply, PENDING } from "./conversation";
import { DeliveryMark, DeliveryTrouble } from "./deliveries-view";
import { sentMs } from "./entries";
import { Formatted } from "./formatted";
import { renderEmoji } from "./glyphs";
import { Icon } from "./icon";
import { SessionView } from "./session-view";
import { Cursor } from "./stream-view";
import type { ThreadSummary } from "./use-thread-summaries";

interface Props {
  message: ShownMessage;
  /** Whether it follows a message of the same author, which shows the name. */
  isFollowing: boolean;
  /** The replies to it, if there are any. */
  thread: ThreadSummary | undefined;
  workspace: Workspace;
  /** Id of the person to act as. */
  user: string;
  /** Opens its thread. Absent in a thread. */
  onReply: (() => void) | undefined;
  onEdit(): void;
  onDelete(): void;
  onReact(reaction: string, remove: boolean): void;
  onTrace(): void;
  onPress(actionId: string, value?: string): void;
  /** Presses the stop button of its agent session. */
  onStop(): void;
}

/** One message: author, time, content and deliveries. What can be done with it shows on hover and focus. */
const MessageView = ({ message, isFollowing, thread, workspace, user, onPress, onStop, ...on }: Props) => {
  const replies = thread === undefined || on.onReply === undefined ? null : <ThreadLink {...{ thread, workspace }} onOpen={on.onReply} />;
  if (message.subtype === "tombstone") return <Tombstone message={message}>{replies}</Tombstone>;
  const isPending = message.subtype === PENDING;
  const isGrowing = message.streaming_state === "in_progress";
  const author = authorOf(message, workspace);
  const name = nameOf(message, workspace);
  const atMs = sentMs(message);
  return (
    <article class={`message${isFollowing ? " following" : ""}${isPending ? " pending" : ""}`} aria-label={author} aria-busy={isGrowing}>
      {isFollowing ? <Time class="sent" atMs={atMs} /> : <Avatar name={name} />}
      <div class="content">
        {message.ephemeral && !isFollowing ? (
          <p class="only-you">
            <Icon name="eye" /> Only visible to you
          </p>
        ) : null}
        {isFollowing ? null : (
          <p class="byline">
            <b>{name}</b>
            {message.bot_id === undefined ? null : <span class="app">app</span>}
            {isPending ? <span class="note">sending</span> : <Time atMs={atMs} />}
            {isReply(message) && on.onReply !== undefined ? <span class="note">replied in a thread</span> : null}
          </p>
        )}
        {message.blocks === undefined ? (
          <div class="text">
            <Formatted text={message.text} workspace={workspace} />
            {message.edited === undefined ? null : <span class="note"> (edited)</span>}
          </div>
        ) : (
          <>
            {message.blocks.map((block, index) => (
              <BlockView
                block={block}
                isGrowing={isGrowing && index === message.blocks!.length - 1}
                key={index}
                workspace={workspace}
                press={onPress}
              />
            ))}
            {isGrowing && message.blocks.at(-1)?.type !== "markdown" ? <Cursor /> : null}
            {message.streaming_state === "errored" ? <span class="note">(Slack ended this stream)</span> : null}
            {message.edited === undefined ? null : <span class="note">(edited)</span>}
          </>
        )}
        {message.files?.map(file => (
          <FileView key={file.id} file={file} />
        ))}
        <Reactions {...{ message, user }} onReact={on.onReact} />
        {replies}
        {message.session === undefined || on.onReply === undefined ? null : (
          <SessionView session={message.session} {...{ workspace, onStop }} />
        )}
        <DeliveryTrouble deliveries={message.deliveries} />
      </div>
      <DeliveryMark deliveries={message.deliveries} />
      {isPending ? null : <Actions {...{ message, user, author }} {...on} />}
    </article>
  );
};

type ActionsProps = Pick<Props, "message" | "user" | "onReply" | "onEdit" | "onDelete" | "onReact" | "onTrace"> & { author: string };

/** The reaction that one click gives. Others have buttons once somebody has given them. */
const QUICK_REACTION = "thumbsup";

const Actions = ({ message, user, author, onReply, onEdit, onDelete, onReact, onTrace }: ActionsProps) => {
  const isOwn = message.user === user && message.bot_id === undefined;
  const reacted = message.reactions?.some(({ name }) => name === QUICK_REACTION) ?? false;
  return (
    <span class="message-actions">
      {message.ephemeral ? null : (
        <>
          {reacted ? null : (
            <Action icon="react" label={`React to ${author}'s message with a thumbs up`} onClick={() => onReact(QUICK_REACTION, false)} />
          )}
          {onReply === undefined ? null : <Action icon="reply" label={`Reply to ${author} in a thread`} onClick={onReply} />}
        </>
      )}
      <Action icon="trace" label={`Trace of ${author}'s message`} onClick={onTrace} />
      {isOwn && !message.ephemeral ? (
        <>
          <Action icon="edit" label="Edit your message" onClick={onEdit} />
          <Action icon="delete" label="Delete your message" onClick={onDelete} />
        </>
      ) : null}
    </span>
  );
};

const Action = ({ icon, label, onClick }: { icon: "react" | "reply" | "trace" | "edit" | "delete"; label: string; onClick(): void }) => (
  <button type="button" class="quiet" aria-label={label} title={label} onClick={onClick}>
    <Icon name={icon} />
  </button>
);

/** Each reaction is a button that adds or removes one's own. */
const Reactions = ({ message: { reactions }, user, onReact }: Pick<Props, "message" | "user" | "onReact">) =>
  reactions === undefined ? null : (
    <p class="reactions">
      {reactions.map(({ name, users, count }) => (
        <button type="button" key={name} aria-pressed={users.includes(user)} onClick={() => onReact(name, users.includes(user))}>
          {renderEmoji(`:${name}: ${count}`)}
        </button>
      ))}
    </p>
  );

interface ThreadLinkProps extends Pick<Props, "workspace"> {
  thread: ThreadSummary;
  onOpen(): void;
}

/** Opens the thread below its first message. */
const ThreadLink = ({ thread: { count, newCount, lastTs, authors }, workspace, onOpen }: ThreadLinkProps) => (
  <button type="button" class="thread-link" onClick={onOpen}>
    {authors.map(reply => (
      <Avatar key={reply.ts} name={nameOf(reply, workspace)} />
    ))}
    <b>{count === 1 ? "1 reply" : `${count} replies`}</b>
    {newCount === 0 ? null : <span class="new"> {newCount} new</span>}
    <span>
      {" "}
      Last reply <Time atMs={Number(lastTs) * 1000} />
    </span>
  </button>
);

/** Stands where a message with replies was deleted. */
const Tombstone = ({ message: { text, deliveries }, children }: Pick<Props, "message"> & { children: ComponentChildren }) => (
  <article class="message tombstone">
    <span class="avatar" aria-hidden="true">
      <Icon name="delete" />
    </span>
    <div class="content">
      <p class="empty">{text}</p>
      {children}
      <DeliveryTrouble deliveries={deliveries} />
    </div>
    <DeliveryMark deliveries={deliveries} />
  </article>
);

/** Types that the server sends as images. Other files are downloads. */
const PREVIEWED = /^image\/(png|jpeg|gif|webp)$/;

const FileView = ({ file: { id, name, mimetype, size } }: { file: NonNullable<ShownMessage["files"]>[number] }) => (
  <p class="file">
    {PREVIEWED.test(mimetype) ? <img src={`/slack/preview/${id}`} alt="" loading="lazy" /> : <Icon name="attach" />}
    <span>
      <a href={`/slack/preview/${id}`} target="_blank" rel="noreferrer">
        {name}
      </a>{" "}
      {mimetype}, {formatBytes(size)}
    </span>
  </p>
);

/** The author's handle. */
const authorOf = ({ username, user }: ShownMessage, { users }: Workspace) =>
  username ?? users.find(({ id }) => id === user)?.name ?? user ?? "somebody";

/** The author's full name. */
const nameOf = (message: ShownMessage, workspace: Workspace) =>
  message.username ?? workspace.users.find(({ id }) => id === message.user)?.realName ?? authorOf(message, workspace);

export { authorOf, MessageView };
