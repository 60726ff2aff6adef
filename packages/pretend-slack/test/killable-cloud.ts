/** A killable laptop cloud with the pretend Slack. */
import { reportStart } from "@slack-fanout/laptop-cloud/testing";
import type { Doors } from "./doors";
import { startWorkspace } from "./workspace";

const [url, directory] = process.argv.slice(2) as [string, string];

reportStart(startWorkspace({ url } as Doors, { directory }).then(({ slackUrl }) => slackUrl));
