import "./slack.css";
import { usePage } from "@slack-fanout/laptop-cloud/page";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { Channel, ShownMessage, Workspace } from "../src/protocol";
import { Channels, findDirect, HOME } from "./channels";
import { Composer } from "./composer";
import { isReply, splitThreads } from "./conversation";
import { HomeView } from "./home-view";
import { Messages, type Suggestion } from "./messages";
import { OpenModal } from "./modal-view";
import { actAs, openWorkspace, useAllChannels, useSession, useWorkspaceUpdates } from "./session";
import { slack } from "./slack";
import { ThreadPane } from "./thread-pane";
import { useCompose } from "./use-compose";
import { useConversation } from "./use-conversation";
import { MESSAGE_BOX, REPLY_BOX, useThread } from "./use-thread";
import { useThreadSummaries } from "./use-thread-summaries";
import { useUnread } from "./use-unread";

/** The Slack side of the page: the workspace as one person sees it. */
const SlackSide = () => {
  useWorkspaceUpdates(parseHash()?.channel);
  const { user, workspace } = useSession();
  return workspace === undefined ? null : <WorkspaceView {...{ user, workspace }} />;
};

const WorkspaceView = ({ user, workspace }: { user: string; workspace: Workspace }) => {
  const { showTrace, reportError, clearError } = usePage();
  const channels = useAllChannels();
  const [{ channel: requested, linked }, setTarget] = useState(parseHash() ?? { channel: "", linked: undefined });
  const [draft, setDraft] = useState<{ text: string }>();
  const target = resolveTarget(workspace, user, requested);
  const conversation = findConversation(workspace, user, target);
  const channel = conversation?.id ?? target;
  const { messages, hasMore, loadEarlier } = useConversation(conversation?.id, user);
  const { thread, open: openThread, close: closeThread } = useThread(`${target} ${user}`);
  const unread = useUnread(workspace.people, { user, channel });
  const threads = useMemo(() => splitThreads(messages), [messages]);
  const summaries = useThreadSummaries(threads, { key: `${channel} ${user}`, open: thread, user });
  const below = useCompose({ user, channel }, messages);
  const inThread = useCompose({ user, channel, threadTs: thread }, messages);
  const main = useMemo(() => [...threads.main, ...below.pending], [threads, below.pending]);
  const replies = useMemo(() => [...(threads.replies.get(thread ?? "") ?? []), ...inThread.pending], [threads, thread, inThread.pending]);

  useEffect(() => {
    const hash = parseHash();
    // Another part of the page put it there.
    if (hash === undefined && location.hash !== "") return;
    if (hash?.channel !== target || hash.linked !== linked) history.replaceState(null, "", `#${target}`);
  }, [target, linked]);
  useEffect(() => {
    const follow = () => {
      const hash = parseHash();
      if (hash === undefined) return;
      setTarget(hash);
      // A permalink may lead to another workspace.
      if (hash.channel !== HOME && !channels.some(({ id }) => id === hash.channel))
        void openWorkspace({ channel: hash.channel }).catch(reportError);
    };
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, [channels]);
  const linkedMessage = linked === undefined ? undefined : messages.find(({ ts }) => ts === linked);
  useEffect(() => {
    if (linkedMessage?.thread_ts !== undefined && isReply(linkedMessage)) openThread(linkedMessage.thread_ts);
    if (linked !== undefined && linkedMessage === undefined && hasMore) loadEarlier();
    // Each page without the linked message requests the next one.
  }, [linked, linkedMessage?.ts, messages[0]?.ts]);

  const finish = (command: Promise<unknown>) => void command.then(clearError, reportError);
  const actions = {
    onClick: ({ ts }: ShownMessage, actionId: string, value?: string) => finish(slack.click({ user, channel, ts, actionId, value })),
    onDelete: ({ ts }: ShownMessage) => finish(slack.delete({ user, channel, ts })),
    onReact: ({ ts }: ShownMessage, reaction: string, remove: boolean) => finish(slack.react({ user, channel, ts, reaction, remove })),
    onStop: ({ ts }: ShownMessage) => finish(slack.stop({ user, channel, threadTs: ts })),
    onTrace: showTrace,
  };
  const isWithApp = conversation?.kind === "im" && workspace.users.some(({ id, isBot }) => isBot && conversation.members.includes(id));
  useEffect(() => {
    if (isWithApp) void slack.open({ user, channel }).catch(reportError);
  }, [isWithApp, user, channel]);
  const shared = { workspace, user, hasMore, linked };
  const suggestions = buildSuggestions(workspace, conversation, isWithApp);
  const title = titleOf(workspace, user, target, conversation);
  const actor = workspace.users.find(({ id }) => id === user)?.realName ?? user;
  return (
    <div class={thread === undefined ? "slack-side" : "slack-side with-thread"}>
      <Channels
        {...{ workspace, user, unread, channel }}
        onUser={actAs}
        onChannel={id => setTarget({ channel: id, linked: undefined })}
        onTeam={team => void openWorkspace({ team }).catch(reportError)}
      />
      <OpenModal {...{ workspace, user }} />
      {target === HOME ? (
        <main>
          <HomeView {...{ workspace, user }} />
        </main>
      ) : (
        <main {...below.fileDrop.handlers}>
          {below.fileDrop.isOver ? <DropZone /> : null}
          <Messages
            key={`${target} ${user}`}
            {...shared}
            {...{ title }}
            messages={main}
            latest={messages.at(-1)}
            threads={summaries}
            suggestions={suggestions}
            topic={conversation?.topic ?? ""}
            actions={{ ...actions, onReply: ({ ts, thread_ts: root = ts }: ShownMessage) => openThread(root), onEdit: below.setEditing }}
            onSuggestion={text => setDraft({ text })}
            onMore={loadEarlier}
          />
          <Composer
            id={MESSAGE_BOX}
            label={`Say something as ${actor}`}
            hint={`Message ${title}, such as ${suggestions[0]?.text.trim() ?? "hello"}`}
            {...{ workspace, draft }}
            files={below.files}
            editing={below.editing}
            onFiles={below.setFiles}
            onLeaveEdit={() => below.setEditing(undefined)}
            send={async content => {
              await below.send(content);
              setTarget(({ channel }) => ({ channel, linked: undefined }));
            }}
          />
        </main>
      )}
      {thread === undefined ? null : (
        <div class="thread-side" {...inThread.fileDrop.handlers}>
          {inThread.fileDrop.isOver ? <DropZone /> : null}
          <ThreadPane
            key={thread}
            {...shared}
            {...{ title }}
            root={messages.find(({ ts }) => ts === thread)}
            replies={replies}
            actions={{ ...actions, onEdit: inThread.setEditing }}
            onMore={loadEarlier}
            onClose={closeThread}
          >
            <Composer
              id={REPLY_BOX}
              label={`Reply as ${actor}`}
              hint="Reply in the thread"
              workspace={workspace}
              draft={undefined}
              files={inThread.files}
              editing={inThread.editing}
              onFiles={inThread.setFiles}
              onLeaveEdit={() => inThread.setEditing(undefined)}
              send={inThread.send}
            />
          </ThreadPane>
        </div>
      )}
    </div>
  );
};

/** Covers the place that dragged files can be dropped on. */
const DropZone = () => <p class="drop-zone">Drop the files to add them to your message.</p>;

/**
 * What to say here. To the app itself, what its manifest suggests. Outgoing webhooks work in public channels only, so elsewhere nobody would answer
 * their trigger words.
 */
const buildSuggestions = (
  { app, webhook, triggerWords }: Workspace,
  conversation: Channel | undefined,
  isWithApp: boolean,
): Suggestion[] => {
  const prompts = isWithApp ? (app?.suggestedPrompts ?? []) : [];
  const words = webhook === null || conversation?.kind === "channel" ? triggerWords : [];
  return [
    ...prompts.map(({ title, message }) => ({ title, text: message })),
    ...words.slice(0, 1).map(word => ({ title: `${word} some words`, text: `${word} some words` })),
    ...(app?.commands.map(({ command }) => ({ title: command, text: `${command} ` })) ?? []),
  ];
};

/** The requested channel or member, or the default channel where this person has no access to it. */
const resolveTarget = (workspace: Workspace, user: string, requested: string): string =>
  isMember(workspace, requested) ||
  findConversation(workspace, user, requested) !== undefined ||
  (requested === HOME && workspace.app?.hasHome === true)
    ? requested
    : generalOf(workspace, user);

/** The first channel, which everybody is a member of. */
const generalOf = ({ channels }: Workspace, user: string): string =>
  channels.find(({ kind, members }) => kind === "channel" && members.includes(user))?.id ?? user;

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
