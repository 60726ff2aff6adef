/** The notice to the person who installed the app that it must be installed again. */
import type { Notice } from "#core/notice/notice";

/** The row of an installation whose token Slack refuses. */
interface Ended {
  installation: string;
  installed_by?: string;
  installed_at?: number;
}

/** Builds the notice. Its id depends on the installation only, so Slack shows it once. `text` says what happened, and where to install the app again. */
const buildReinstallNotice = ({ installation, installed_by: user, installed_at: at }: Ended, text: string): Notice => ({
  id: `${installation}-${at}-reinstall`,
  outcome: "error",
  title: "The app must be installed again",
  text,
  team: installation,
  fields: { Workspace: installation },
  ...(user ? { user } : {}),
});

export { buildReinstallNotice };
