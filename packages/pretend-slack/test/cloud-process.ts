import type { Doors } from "./doors";
import { startWorkspace } from "./workspace";

/** A process of its own for tests that kill it: `cloud-process DOORS_URL DIRECTORY`. Says where its pretend Slack is. */
const [url, directory] = process.argv.slice(2) as [string, string];

startWorkspace({ url } as Doors, { directory }).then(
  ({ slackUrl }) => process.send?.(slackUrl),
  error => {
    console.error(error);
    process.exit(1);
  },
);
