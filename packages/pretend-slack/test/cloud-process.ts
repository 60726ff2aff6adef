import type { Doors } from "./doors";
import { startWorkspace } from "./workspace";

/** A process for tests that kill it: `cloud-process DOORS_URL DIRECTORY`. Sends the URL of its pretend Slack to its parent. */
const [url, directory] = process.argv.slice(2) as [string, string];

startWorkspace({ url } as Doors, { directory }).then(
  ({ slackUrl }) => process.send?.(slackUrl),
  error => {
    console.error(error);
    process.exit(1);
  },
);
