/** Tells who installed the app that it must be installed again. */
import type { Notice } from "#core/notice/notice";

/** Whose installation has ended, in the attributes of its row. */
interface Ended {
  installation: string;
  installed_by?: string;
  installed_at?: number;
}

/** Builds the notice. It has one id for each installation, so however often it is told, Slack shows it once. `text` says what happened and where to install. */
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
