import type { ComponentChildren } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import type { ShownMessage, Workspace } from "../src/protocol";
import { Icon } from "./icon";
import { type MessageActions, MessageList } from "./message-list";
import { SessionView } from "./session-view";

interface Props {
  /** The conversation that the thread is in. */
  title: string;
  /** Undefined until it is loaded. */
  root: ShownMessage | undefined;
  replies: ShownMessage[];
  workspace: Workspace;
  user: string;
  hasMore: boolean;
  linked: string | undefined;
  actions: MessageActions;
  onMore(): void;
  onClose(): void;
  /** The message box. */
  children: ComponentChildren;
}

/** A thread beside its conversation. Escape closes it. */
const ThreadPane = ({ title, root, replies, hasMore, onMore, onClose, children, ...list }: Props) => {
  const messages = useMemo(() => (root === undefined ? replies : [root, ...replies]), [root, replies]);
  useEffect(() => {
    if (root === undefined && hasMore) onMore();
    // Each page without the first message requests the next one.
  }, [root, hasMore, onMore]);
  return (
    <aside
      class="thread-pane"
      aria-label="Thread"
      onKeyDown={event => {
        if (event.key === "Escape" && !event.defaultPrevented) onClose();
      }}
    >
      <header class="conversation-head">
        <h2>Thread</h2>
        <p class="purpose">{title}</p>
        <button type="button" class="quiet" aria-label="Close the thread" title="Close the thread" onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <MessageList label="Replies" {...list} messages={messages} hasMore={false} onMore={onMore} />
      {root?.session === undefined ? null : (
        <SessionView session={root.session} workspace={list.workspace} onStop={() => list.actions.onStop(root)} />
      )}
      {children}
    </aside>
  );
};

export { ThreadPane };
