import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Channels } from "./channels";
import { ClockBar } from "./clock-bar";
import { cloud, type Items, type LogLine, listen, type Message, type Program, type Workspace } from "./cloud";
import { Composer } from "./composer";
import { Logs } from "./logs";
import { Messages } from "./messages";
import { createRefresh } from "./refresh";
import { Tables } from "./tables";

/** How many messages are read at first, and how many more at each wish. */
const pageSize = 100;
const mostMessages = 500;

/** The page: Slack on the left, the program beside it. It reads everything anew when it hears that something changed. */
const Page = () => {
  const [workspace, setWorkspace] = useState<Workspace>();
  const [user, setUser] = useState("U0001");
  const [channel, setChannel] = useState(channelOfHash() ?? "C0001");
  const [messages, setMessages] = useState<Message[]>([]);
  const [hasMore, setHasMore] = useState(false);
  const [limit, setLimit] = useState(pageSize);
  const [thread, setThread] = useState<Message>();
  const [unread, setUnread] = useState<ReadonlySet<string>>(new Set());
  const [program, setProgram] = useState<Program>({ functions: [], tables: [] });
  const [chosenTable, setTable] = useState<string>();
  const [items, setItems] = useState<Items>();
  const [logs, setLogs] = useState<ReadonlyMap<string, LogLine[]>>(new Map());
  const [clock, setClock] = useState<{ nowMs: number; heardMs: number }>();
  const [isConnected, setConnected] = useState(false);
  const [problem, setProblem] = useState<string>();

  // What the long-lived listeners below look at, as it is now.
  const table = chosenTable ?? program.tables[0];
  const now = useRef({ user, channel, limit, table, functions: program.functions });
  now.current = { user, channel, limit, table, functions: program.functions };

  const fail = (error: unknown) => setProblem(error instanceof Error ? error.message : String(error));

  const refresh = useMemo(() => {
    const refreshLogs = new Map<string, () => void>();
    return {
      workspace: createRefresh(async () => setWorkspace(await cloud.readWorkspace()), 50, fail),
      messages: createRefresh(
        async () => {
          const asked = now.current;
          const read = await cloud.readMessages(asked.channel, asked.user, asked.limit);
          // The person may have gone elsewhere meanwhile; that reads again.
          if (asked.channel !== now.current.channel || asked.user !== now.current.user) return;
          setMessages(read.messages);
          setHasMore(read.hasMore);
        },
        30,
        fail,
      ),
      program: createRefresh(async () => setProgram(await cloud.readProgram()), 0, fail),
      items: createRefresh(
        async () => {
          if (now.current.table !== undefined) setItems(await cloud.readItems(now.current.table));
        },
        200,
        fail,
      ),
      logs: (name: string) => {
        const known = refreshLogs.get(name);
        const read = async () => {
          const lines = await cloud.readLogs(name);
          setLogs(before => new Map(before).set(name, lines));
        };
        const refreshOne = known ?? createRefresh(read, 300, fail);
        refreshLogs.set(name, refreshOne);
        refreshOne();
      },
    };
  }, []);

  useEffect(() => {
    return listen({
      connected: () => {
        setConnected(true);
        setProblem(undefined);
        refresh.workspace();
        refresh.messages();
        refresh.program();
        refresh.items();
      },
      disconnected: () => setConnected(false),
      occurrence: ({ kind, from, detail }) => {
        if (kind === "slack") {
          if (detail?.["channel"] === now.current.channel) refresh.messages();
          else if (detail?.["change"] === "posted") {
            setUnread(before => new Set(before).add(String(detail["channel"])));
            refresh.workspace();
          }
        }
        if ((kind === "log" || kind === "invoked") && from !== undefined && now.current.functions.includes(from)) refresh.logs(from);
      },
      calls: called => {
        refresh.items();
        for (const name of Object.keys(called)) refresh.logs(name);
      },
      clock: nowMs => setClock({ nowMs, heardMs: performance.now() }),
    });
  }, [refresh]);

  useEffect(() => {
    setThread(undefined);
    setMessages([]);
    setLimit(pageSize);
    setUnread(before => new Set([...before].filter(id => id !== channel)));
    if (channelOfHash() !== channel) history.replaceState(null, "", `#${channel}`);
    refresh.messages();
  }, [channel, user, refresh]);

  useEffect(() => {
    refresh.messages();
  }, [limit, refresh]);

  useEffect(() => {
    refresh.items();
  }, [table, refresh]);

  useEffect(() => {
    for (const name of program.functions) refresh.logs(name);
  }, [program, refresh]);

  useEffect(() => {
    const follow = () => setChannel(before => channelOfHash() ?? before);
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);

  const act = (doing: Promise<unknown>) => doing.then(() => setProblem(undefined), fail);

  if (workspace === undefined) return <p class="loading">{problem ?? "Connecting to the laptop cloud ..."}</p>;
  const place = workspace.channels.find(({ id }) => id === channel);
  return (
    <div class="page">
      <header class="bar">
        <h1>slack-fanout</h1>
        <ClockBar clock={clock} advance={seconds => act(cloud.advance(seconds))} />
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
      <Channels workspace={workspace} user={user} channel={channel} unread={unread} onUser={setUser} onChannel={setChannel} />
      <main class="slack">
        <Messages
          title={place === undefined ? channel : `${place.kind === "channel" ? "#" : ""}${place.name || "Direct messages"}`}
          topic={place?.topic ?? ""}
          messages={messages}
          workspace={workspace}
          hasMore={hasMore && limit < mostMessages}
          onMore={() => setLimit(before => Math.min(mostMessages, before + pageSize))}
          onReply={setThread}
          onClick={(message, actionId, value) => act(cloud.click({ user, channel, ts: message.ts, actionId, value }))}
        />
        <Composer
          workspace={workspace}
          user={user}
          thread={thread}
          onLeaveThread={() => setThread(undefined)}
          say={text => cloud.say({ user, channel, text, threadTs: thread?.ts })}
          fail={fail}
        />
      </main>
      <aside class="program" aria-label="Program">
        <Tables tables={program.tables} table={table} items={items} onTable={setTable} />
        <Logs functions={program.functions} logs={logs} />
      </aside>
    </div>
  );
};

/** `#C0001`, or a permalink's `#C0001/p1763805600000200`. */
const channelOfHash = (): string | undefined => /^#([CD]\d+)/.exec(location.hash)?.[1];

export { Page };
