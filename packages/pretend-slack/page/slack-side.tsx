import "./slack.css";
import { acceptFiles, usePage } from "@slack-fanout/laptop-cloud/page";
import { useEffect, useLayoutEffect, useMemo, useState } from "preact/hooks";
import type { Channel, ShownMessage, Workspace } from "../src/protocol";
import { Channels, findDirect } from "./channels";
import { Composer } from "./composer";
import { Messages } from "./messages";
import { toTypedText } from "./mrkdwn";
import { actAs, useSession, useWorkspaceUpdates } from "./session";
import { slack } from "./slack";
import { useConversation } from "./use-conversation";

/** Everybody is a member of this channel. */
const DEFAULT_CHANNEL = "C0001";

/** The Slack side of the page: the workspace as one person sees it. */
const SlackSide = () => {
  useWorkspaceUpdates();
  const { user, workspace } = useSession();
  return workspace === undefined ? null : <WorkspaceView {...{ user, workspace }} />;
};

const WorkspaceView = ({ user, workspace }: { user: string; workspace: Workspace }) => {
  const { events, trace, showTrace, reportError, clearError } = usePage();
  const [{ channel: requested, linked }, setTarget] = useState(parseHash() ?? { channel: DEFAULT_CHANNEL, linked: undefined });
  const [thread, setThread] = useState<ShownMessage>();
  const [editing, setEditing] = useState<ShownMessage>();
  const [files, setFiles] = useState<File[]>([]);
  const [draft, setDraft] = useState<{ text: string }>();
  const [unread, setUnread] = useState<ReadonlyMap<string, number>>(new Map());
  const target = resolveTarget(workspace, user, requested);
  const conversation = findConversation(workspace, user, target);
  const channel = conversation?.id ?? target;
  const { messages, hasMore, loadEarlier } = useConversation(conversation?.id, user);

  useEffect(
    () =>
      events.on("occurrence", ({ kind, detail = {} }) => {
        const id = String(detail["channel"]);
        if (kind !== "slack" || detail["change"] !== "posted" || id === conversation?.id) return;
        setUnread(before => new Map(before).set(id, (before.get(id) ?? 0) + 1));
      }),
    [events, conversation?.id],
  );
  // Runs before the user can type in the new conversation.
  useLayoutEffect(() => {
    setThread(undefined);
    setEditing(undefined);
    setFiles([]);
    setUnread(before => new Map([...before].filter(([id]) => id !== target)));
  }, [target, user]);
  useEffect(() => {
    const hash = parseHash();
    if (hash?.channel !== target || hash.linked !== linked) history.replaceState(null, "", `#${target}`);
  }, [target, linked]);
  useEffect(() => {
    const follow = () => setTarget(before => parseHash() ?? before);
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  const fileDrop = useMemo(() => acceptFiles(dropped => setFiles(before => [...before, ...dropped])), []);

  const finish = (command: Promise<unknown>) => void command.then(clearError, reportError);
  const onClick = ({ ts }: ShownMessage, actionId: string, value?: string) => finish(slack.click({ user, channel, ts, actionId, value }));
  const onDelete = ({ ts }: ShownMessage) => finish(slack.delete({ user, channel, ts }));
  const onReact = ({ ts }: ShownMessage, reaction: string, remove: boolean) => finish(slack.react({ user, channel, ts, reaction, remove }));
  const onEdit = (message: ShownMessage) => {
    setEditing(message);
    setThread(undefined);
    setDraft({ text: toTypedText(message.text, id => [...workspace.users, ...workspace.channels].find(each => each.id === id)?.name) });
  };
  return (
    <div class="slack-side">
      <Channels {...{ workspace, user, unread, channel }} onUser={actAs} onChannel={id => setTarget({ channel: id, linked: undefined })} />
      <main {...fileDrop}>
        <Messages
          key={`${target} ${user}`}
          {...{ messages, workspace, user, hasMore, linked, trace, onClick, onEdit, onDelete, onReact }}
          suggestions={buildSuggestions(workspace)}
          title={titleOf(workspace, user, target, conversation)}
          topic={conversation?.topic ?? ""}
          onSuggestion={text => setDraft({ text })}
          onMore={loadEarlier}
          onReply={message => {
            setEditing(undefined);
            setThread(message);
          }}
          onTrace={showTrace}
        />
        <Composer
          {...{ workspace, user, thread, editing, files, draft }}
          onFiles={setFiles}
          onLeaveThread={() => setThread(undefined)}
          onLeaveEdit={() => setEditing(undefined)}
          send={async content => {
            if (editing === undefined) await slack.say({ ...content, user, channel, threadTs: thread?.ts });
            else await slack.edit({ user, channel, ts: editing.ts, text: content.text });
            setEditing(undefined);
            setTarget(({ channel }) => ({ channel, linked: undefined }));
            clearError();
          }}
        />
      </main>
    </div>
  );
};

const buildSuggestions = ({ app, triggerWords }: Workspace): string[] => [
  ...triggerWords.slice(0, 1).map(word => `${word} some words`),
  ...(app?.commands.map(({ command }) => `${command} `) ?? []),
];

/** The requested channel or member, or the default channel where this person has no access to it. */
const resolveTarget = (workspace: Workspace, user: string, requested: string): string =>
  isMember(workspace, requested) || findConversation(workspace, user, requested) !== undefined ? requested : DEFAULT_CHANNEL;

const isMember = ({ users }: Workspace, id: string) => users.some(user => user.id === id);

/** `target` is a channel's id, or a member's for direct messages. Undefined before the first direct message. */
const findConversation = (workspace: Workspace, user: string, target: string): Channel | undefined =>
  isMember(workspace, target)
    ? findDirect(workspace.channels, user, target)
    : workspace.channels.find(({ id, members }) => id === target && members.includes(user));

const titleOf = ({ users }: Workspace, user: string, target: string, conversation: Channel | undefined): string => {
  if (conversation !== undefined && conversation.kind !== "im") return `#${conversation.name}`;
  const other = conversation?.members.find(member => member !== user) ?? target;
  return `@${users.find(({ id }) => id === other)?.name ?? other}`;
};

/** Reads `#C0001`, or `#C0001/p1763805600000200` of a permalink. */
const parseHash = (): { channel: string; linked: string | undefined } | undefined => {
  const [, channel, seconds, micros] = /^#([A-Z][A-Z0-9]+)(?:\/p(\d+)(\d{6}))?/.exec(location.hash) ?? [];
  return channel === undefined ? undefined : { channel, linked: seconds === undefined ? undefined : `${seconds}.${micros}` };
};

export { SlackSide };
