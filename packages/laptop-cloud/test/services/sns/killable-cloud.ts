/** A killable laptop cloud with topics. Its functions answer 500, so that deliveries to them stay in progress. */
import { reportStart } from "@slack-fanout/laptop-cloud/testing";
import { functionArn, startTopics } from "./topics-on-laptop";

const start = async () => {
  const [directory, resources] = process.argv.slice(2) as [string, string];
  const laptop = await startTopics(JSON.parse(resources), directory);
  laptop.lambda.answer = () => {
    throw new Error(`${functionArn("multiplier")} fails until the restart`);
  };
  return laptop.cloud.place.awsUrl;
};

reportStart(start());
