/** A laptop cloud with a container in a process of its own, for tests that end it with kill -9. Says its AWS endpoint when it stands. */
import { startContainers } from "./containers-under-test";

const [directory, code] = process.argv.slice(2) as [string, string];

startContainers(directory, { code }).then(
  ({ cloud }) => process.send!({ awsUrl: cloud.place.awsUrl }),
  error => {
    console.error(error);
    process.exit(1);
  },
);
