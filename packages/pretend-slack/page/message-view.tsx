import { formatBytes, formatTime } from "@slack-fanout/laptop-cloud/page";
import type { Delivery, ShownMessage, Workspace } from "../src/protocol";
import { BlockView } from "./block-view";
import { isReply } from "./conversation";
import { Formatted } from "./formatted";
import { renderEmoji } from "./glyphs";

interface Props {
  message: ShownMessage;
  workspace: Workspace;
  /** Id of the person to act as. */
  user: string;
  onReply(): void;
  onEdit(): void;
  onDelete(): void;
  onReact(reaction: string, remove: boolean): void;
  onTrace(): void;
  onPress(actionId: string, value?: string): void;
}

/** One message: author, time, content and deliveries. */
const MessageView = ({ message, workspace, user, onPress, ...on }: Props) => {
  if (message.subtype === "tombstone") return <Tombstone message={message} />;
  const sentMs = Number(message.ts) * 1000;
  const author = authorOf(message, workspace);
  return (
    <article>
      <p class="byline">
        <b>{author}</b>
        {message.bot_id === undefined ? null : <span class="tag">app</span>}
        <time dateTime={new Date(sentMs).toISOString()}>{formatTime(sentMs)}</time>
        {isReply(message) ? <span class="tag">in a thread</span> : null}
        {message.ephemeral ? <span class="tag">only you see this</span> : null}
        {message.edited === undefined ? null : <span class="tag">edited</span>}
        <Actions {...{ message, user, author }} {...on} />
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
      <Reactions {...{ message, user }} onReact={on.onReact} />
      <DeliveriesView deliveries={message.deliveries} />
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
      <button type="button" class="quiet" onClick={onTrace} aria-label={`Trace of ${author}'s message`}>
        Trace
      </button>
      {message.ephemeral ? null : (
        <>
          <button type="button" class="quiet" onClick={onReply} aria-label={`Reply to ${author} in a thread`}>
            Reply
          </button>
          {reacted ? null : (
            <button
              type="button"
              class="quiet"
              onClick={() => onReact(QUICK_REACTION, false)}
              aria-label={`React to ${author}'s message with a thumbs up`}
            >
              React
            </button>
          )}
          {isOwn ? (
            <>
              <button type="button" class="quiet" onClick={onEdit} aria-label="Edit your message">
                Edit
              </button>
              <button type="button" class="quiet" onClick={onDelete} aria-label="Delete your message">
                Delete
              </button>
            </>
          ) : null}
        </>
      )}
    </span>
  );
};

/** Each reaction is a button that adds or removes one's own. */
const Reactions = ({ message: { reactions }, user, onReact }: Pick<Props, "message" | "user" | "onReact">) =>
  reactions === undefined ? null : (
    <p class="reactions">
      {reactions.map(({ name, users, count }) => (
        <button
          type="button"
          class="quiet"
          key={name}
          aria-pressed={users.includes(user)}
          onClick={() => onReact(name, users.includes(user))}
        >
          {renderEmoji(`:${name}: ${count}`)}
        </button>
      ))}
    </p>
  );

/** Stands where a message with replies was deleted. */
const Tombstone = ({ message: { text, deliveries } }: Pick<Props, "message">) => (
  <article>
    <p class="empty">{text}</p>
    <DeliveriesView deliveries={deliveries} />
  </article>
);

/** Types that the server sends as images. Other files are downloads. */
const PREVIEWED = /^image\/(png|jpeg|gif|webp)$/;

const FileView = ({ file: { id, name, mimetype, size } }: { file: NonNullable<ShownMessage["files"]>[number] }) => (
  <p class="file">
    {PREVIEWED.test(mimetype) ? <img src={`/slack/preview/${id}`} alt="" loading="lazy" /> : null}
    <a href={`/slack/preview/${id}`} target="_blank" rel="noreferrer">
      {name}
    </a>{" "}
    {mimetype}, {formatBytes(size)}
  </p>
);

/** Each edit of a message is delivered. Of the successful deliveries only this many are listed. */
const MAX_LISTED_DELIVERIES = 4;

/** The deliveries of a message to the app's endpoints. */
const DeliveriesView = ({ deliveries }: { deliveries: Delivery[] }) => {
  const listed = deliveries.filter(({ state }, index) => state !== "delivered" || index >= deliveries.length - MAX_LISTED_DELIVERIES);
  const others = deliveries.length - listed.length;
  return deliveries.length === 0 ? null : (
    <ul class="deliveries" aria-label="How it went out">
      {others === 0 ? null : <li class="delivered">{others} earlier</li>}
      {listed.map(delivery => (
        <li key={delivery.id} class={delivery.state}>
          {describe(delivery)}
        </li>
      ))}
    </ul>
  );
};

const describe = ({ door, event, signed, state, status, reason, ms, retries, nextMs }: Delivery) =>
  [
    event === undefined || event === door ? door : `${door}: ${event}`,
    state === "delivered" ? String(status) : [state, status, reason].filter(Boolean).join(" "),
    ms === null ? "" : `${ms} ms`,
    signed ? "signed" : "",
    retries === 0 ? "" : retries === 1 ? "1 retry" : `${retries} retries`,
    nextMs === undefined ? "" : `next try ${formatTime(nextMs)}`,
  ]
    .filter(part => part !== "")
    .join(", ");

const authorOf = ({ username, user }: ShownMessage, { users }: Workspace) =>
  username ?? users.find(({ id }) => id === user)?.name ?? user ?? "somebody";

export { authorOf, MessageView };
