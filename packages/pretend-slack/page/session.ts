import { createRefresh, Store, usePage, useStore } from "@slack-fanout/laptop-cloud/page";
import { useEffect, useMemo } from "preact/hooks";
import type { Channel, Workspace } from "../src/protocol";
import { slack } from "./slack";

/** Messages that arrive within this time cause one read of the workspace. */
const SETTLE_MS = 50;

interface Session {
  /** Id of the person that the user acts as. */
  user: string;
  /** The workspace as that person sees it; undefined until it is read. */
  workspace: Workspace | undefined;
}

/** Here `workspace` has everybody's conversations. */
const store = new Store<Session>({ user: "U0001", workspace: undefined });

const useSession = (): Session => {
  const { user, workspace } = useStore(store);
  return useMemo(() => ({ user, workspace: workspace && workspaceSeenBy(user, workspace) }), [user, workspace]);
};

/** Everybody's conversations. */
const useAllChannels = (): Channel[] => useStore(store).workspace?.channels ?? NO_CHANNELS;

const NO_CHANNELS: Channel[] = [];

/** The workspace as one person sees it: without private conversations of others. */
const workspaceSeenBy = (user: string, workspace: Workspace): Workspace => ({
  ...workspace,
  channels: workspace.channels.filter(({ kind, members }) => kind === "channel" || members.includes(user)),
});

/** Keeps the workspace, and acts as one of its people. */
const keep = (workspace: Workspace) => {
  const { user } = store.value;
  store.set({ user: workspace.people.includes(user) ? user : (workspace.people[0] ?? user), workspace });
};

/** Opens another workspace, by its id or by a channel that is in it. */
const openWorkspace = async (which: { team: string } | { channel: string }) => keep(await slack.readWorkspace(which));

const actAs = (user: string) => store.set({ ...store.value, user });

/** Reads the workspace at first, the one that `channel` is in, and again when it may have changed. */
const useWorkspaceUpdates = (channel: string | undefined) => {
  const { events, reportError } = usePage();
  useEffect(() => {
    const refresh = createRefresh(
      async () => {
        const before = store.value.workspace;
        const workspace = await slack.readWorkspace(
          before === undefined ? (channel === undefined ? {} : { channel }) : { team: before.team.id },
        );
        // Another one may have been opened meanwhile.
        if (store.value.workspace?.team.id === before?.team.id) keep(workspace);
      },
      SETTLE_MS,
      reportError,
    );
    refresh();
    const unsubscribe = [
      events.on("connected", refresh),
      events.on("occurrence", ({ kind, detail }) => {
        if (kind === "slack" && mayChangeWorkspace(store.value.workspace, String(detail?.["channel"]), detail?.["user"])) refresh();
      }),
    ];
    return () => {
      for (const end of unsubscribe) end();
    };
  }, [events]);
};

/**
 * A message in an unknown channel starts a direct conversation, and one by an unknown user tells that they joined. Any message may follow the
 * verification of the app's request URL.
 */
const mayChangeWorkspace = (workspace: Workspace | undefined, channel: string, user: unknown) =>
  !workspace?.channels.some(({ id }) => id === channel) ||
  (user !== undefined && !workspace.users.some(({ id }) => id === user)) ||
  workspace.app?.events?.verified === false;

export { actAs, openWorkspace, useAllChannels, useSession, useWorkspaceUpdates };
