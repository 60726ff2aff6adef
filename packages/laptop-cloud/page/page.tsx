import { useCallback, useEffect, useLayoutEffect, useMemo, useState } from "preact/hooks";
import { Channels, findDirect } from "../../pretend-slack/page/channels";
import { Composer } from "../../pretend-slack/page/composer";
import { Messages } from "../../pretend-slack/page/messages";
import { type Channel, type Message, slack, type Workspace, workspaceSeenBy } from "../../pretend-slack/page/slack";
import { useConversation } from "../../pretend-slack/page/use-conversation";
import { ClockBar, useClock } from "./clock-bar";
import { control, nothing, type Program } from "./control";
import { acceptFiles } from "./drop";
import { Hearing } from "./hearing";
import { ProgramSide } from "./program-side";
import { createRefresh } from "./refresh";

const hearing = new Hearing();

/** Messages that come together make the page look at its channels once. */
const workspaceSettleMs = 50;

/** The page: Slack on the left, the program beside it. It reads anew when it hears that something changed. */
const Page = () => {
  const [whole, setWorkspace] = useState<Workspace>();
  const [user, setUser] = useState("U0001");
  const [program, setProgram] = useState<Program>(nothing);
  const [trace, setTrace] = useState<string>();
  const [isConnected, setConnected] = useState(false);
  const [problem, setProblem] = useState<string>();
  const nowMs = useClock(hearing);
  const fail = useCallback((error: unknown) => setProblem(error instanceof Error ? error.message : String(error)), []);

  useEffect(() => {
    let latest: Workspace | undefined;
    const readWorkspace = createRefresh(
      async () => {
        latest = await slack.readWorkspace();
        setWorkspace(latest);
      },
      workspaceSettleMs,
      fail,
    );
    const readProgram = createRefresh(async () => setProgram(await control.readProgram()), 0, fail);
    const ends = [
      hearing.on("connected", () => {
        setConnected(true);
        setProblem(undefined);
        readWorkspace();
        readProgram();
      }),
      hearing.on("disconnected", () => setConnected(false)),
      hearing.on("occurrence", ({ kind, detail }) => {
        // It may be the first of new direct messages, or the app's request URL may be verified by now.
        if (kind === "slack" && !isSettled(latest, String(detail?.["channel"]))) readWorkspace();
      }),
      hearing.start(),
    ];
    return () => {
      for (const end of ends) end();
    };
  }, [fail]);

  const workspace = useMemo(() => whole && workspaceSeenBy(user, whole), [whole, user]);
  if (workspace === undefined) return <p class="loading">{problem ?? "Connecting to the laptop cloud ..."}</p>;
  return (
    <div class={workspace.app === null && workspace.webhook === null ? "page without-app" : "page"}>
      <header class="bar">
        <h1>slack-fanout</h1>
        {nowMs === undefined ? null : <ClockBar {...{ nowMs, hearing, fail }} />}
        <p class="connection" role="status">
          {isConnected ? "live" : "not connected; trying again"}
        </p>
      </header>
      {problem === undefined ? null : (
        <p class="problem" role="alert">
          {problem}
          <button type="button" onClick={() => setProblem(undefined)}>
            Dismiss
          </button>
        </p>
      )}
      <SlackSide {...{ workspace, user, trace, fail }} onUser={setUser} onTrace={setTrace} onProblem={setProblem} />
      <ProgramSide {...{ program, workspace, user, hearing, trace, fail }} nowMs={nowMs ?? 0} onTrace={setTrace} />
    </div>
  );
};

/** Nothing is to be learned of the workspace from a message in that channel. */
const isSettled = (workspace: Workspace | undefined, channel: string) =>
  workspace?.channels.some(({ id }) => id === channel) === true && workspace.app?.events?.verified !== false;

interface SlackProps {
  workspace: Workspace;
  /** Who one acts as. */
  user: string;
  trace: string | undefined;
  onUser(user: string): void;
  onTrace(trace: string): void;
  onProblem(problem: string | undefined): void;
  fail(error: unknown): void;
}

/** The workspace as one person sees it. */
const SlackSide = ({ workspace, user, trace, onUser, onTrace, onProblem, fail }: SlackProps) => {
  const [{ channel: asked, linked }, setPlace] = useState(placeOfHash() ?? { channel: "C0001", linked: undefined });
  const [thread, setThread] = useState<Message>();
  const [files, setFiles] = useState<File[]>([]);
  const [draft, setDraft] = useState<{ text: string }>();
  const [unread, setUnread] = useState<ReadonlyMap<string, number>>(new Map());
  const channel = findChannel(workspace, user, asked);
  const place = findPlace(workspace, user, channel);
  const { messages, hasMore, loadEarlier } = useConversation(hearing, place?.id, user, fail);

  useEffect(
    () =>
      hearing.on("occurrence", ({ kind, detail = {} }) => {
        const id = String(detail["channel"]);
        if (kind !== "slack" || detail["change"] !== "posted" || id === place?.id) return;
        setUnread(before => new Map(before).set(id, (before.get(id) ?? 0) + 1));
      }),
    [place?.id],
  );
  // What belongs to the place that was left goes, before anything is said in the new one.
  useLayoutEffect(() => {
    setThread(undefined);
    setFiles([]);
    setUnread(before => new Map([...before].filter(([id]) => id !== channel)));
  }, [channel, user]);
  useEffect(() => {
    const at = placeOfHash();
    if (at?.channel !== channel || at.linked !== linked) history.replaceState(null, "", `#${channel}`);
  }, [channel, linked]);
  useEffect(() => {
    const follow = () => setPlace(before => placeOfHash() ?? before);
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  const onFilesDropped = useMemo(() => acceptFiles(dropped => setFiles(before => [...before, ...dropped])), []);

  const act = (doing: Promise<unknown>) => void doing.then(() => onProblem(undefined), fail);
  return (
    <>
      <Channels
        {...{ workspace, user, unread, onUser }}
        channel={place?.id ?? channel}
        onChannel={id => setPlace({ channel: id, linked: undefined })}
      />
      <main class="slack" {...onFilesDropped}>
        <Messages
          key={`${channel} ${user}`}
          {...{ messages, workspace, user, hasMore, linked, trace, onTrace }}
          suggestions={suggestionsOf(workspace)}
          onSuggestion={text => setDraft({ text })}
          title={titleOf(workspace, user, channel, place)}
          topic={place?.topic ?? ""}
          onMore={loadEarlier}
          onReply={setThread}
          onClick={(message, actionId, value) => act(slack.click({ user, channel: place?.id ?? channel, ts: message.ts, actionId, value }))}
        />
        <Composer
          {...{ workspace, user, thread, files, draft, fail }}
          onFiles={setFiles}
          onLeaveThread={() => setThread(undefined)}
          say={async saying => {
            await slack.say({ ...saying, user, channel: place?.id ?? channel, threadTs: thread?.ts });
            setPlace(({ channel }) => ({ channel, linked: undefined }));
            onProblem(undefined);
          }}
        />
      </main>
    </>
  );
};

const suggestionsOf = ({ app, webhook }: Workspace): string[] => [
  ...(webhook?.triggerWords.slice(0, 1).map(word => `${word} some words`) ?? []),
  ...(app?.commands.map(({ command }) => `${command} `) ?? []),
];

/** What was asked for, or the first channel where it is nothing of this person's: another was in it before, or a link led there. */
const findChannel = (workspace: Workspace, user: string, asked: string): string =>
  isMember(workspace, asked) || findPlace(workspace, user, asked) !== undefined ? asked : "C0001";

const isMember = ({ users }: Workspace, id: string) => users.some(user => user.id === id);

/** `channel` is a channel's id, or a member's for the direct messages with them. */
const findPlace = (workspace: Workspace, user: string, channel: string): Channel | undefined =>
  isMember(workspace, channel)
    ? findDirect(workspace.channels, user, channel)
    : workspace.channels.find(({ id, members }) => id === channel && members.includes(user));

const titleOf = ({ users }: Workspace, user: string, channel: string, place: Channel | undefined): string => {
  if (place !== undefined && place.kind !== "im") return `#${place.name}`;
  const other = place?.members.find(member => member !== user) ?? channel;
  return `@${users.find(({ id }) => id === other)?.name ?? other}`;
};

/** `#C0001`, or a permalink's `#C0001/p1763805600000200`. */
const placeOfHash = (): { channel: string; linked: string | undefined } | undefined => {
  const [, channel, seconds, micros] = /^#([A-Z][A-Z0-9]+)(?:\/p(\d+)(\d{6}))?/.exec(location.hash) ?? [];
  return channel === undefined ? undefined : { channel, linked: seconds === undefined ? undefined : `${seconds}.${micros}` };
};

export { Page };
