import { usePage } from "@slack-fanout/laptop-cloud/page";
import { useEffect } from "preact/hooks";
import type { Workspace } from "../src/protocol";
import { slack } from "./slack";
import { useView } from "./use-view";
import { ViewBlocks } from "./view-blocks";

/** The app's Home as one person sees it. Opening it tells the app. */
const HomeView = ({ workspace, user }: { workspace: Workspace; user: string }) => {
  const { reportError, clearError } = usePage();
  const view = useView("home", user);
  useEffect(() => void slack.openHome({ user }).catch(reportError), [user]);
  const press = (actionId: string, value?: unknown) => {
    if (view) void slack.click({ user, viewId: view.id, actionId, value }).then(clearError, reportError);
  };
  return (
    <section class="conversation home" aria-labelledby="conversation-title">
      <header class="conversation-head">
        <h2 id="conversation-title">{workspace.app?.name}</h2>
        <p class="purpose">Home</p>
      </header>
      {/* Long Homes scroll, also by keyboard. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: see above. */}
      <section class="view-blocks" tabIndex={0} aria-label="Home">
        {view === null ? <p class="empty">The app has published no Home for this person yet.</p> : null}
        {view ? <ViewBlocks key={view.hash} {...{ view, workspace, user, press }} /> : null}
      </section>
    </section>
  );
};

export { HomeView };
