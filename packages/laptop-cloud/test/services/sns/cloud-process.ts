import { functionArn, startTopics } from "./topics-on-laptop";

/** A cloud in a process of its own, to be killed. Functions answer 500 here, so that deliveries to them stay under way. */
const main = async () => {
  const [directory, resources] = process.argv.slice(2) as [string, string];
  const laptop = await startTopics(JSON.parse(resources), directory);
  laptop.lambda.answer = () => {
    throw new Error(`${functionArn("multiplier")} fails until the restart`);
  };
  process.send!(laptop.cloud.place.awsUrl);
};

void main();
