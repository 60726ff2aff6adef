/** A killable laptop cloud with a container. */
import { reportStart } from "@slack-fanout/laptop-cloud/testing";
import { startContainers } from "./containers-under-test";

const [directory, code] = process.argv.slice(2) as [string, string];

reportStart(startContainers(directory, { code }).then(({ client }) => client));
