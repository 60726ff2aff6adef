/** A killable laptop cloud, which reports that PutEvents has answered. Its weather delays the delivery, so that a test can kill it before that. */
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { reportStart, startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { events } from "../../../src/services/events";
import { iam } from "../../../src/services/iam";
import { sqs } from "../../../src/services/sqs";
import { queue, queueArn, rule, target } from "./program";

const run = async (directory: string) => {
  const resources = [...queue("inbox"), rule("orders", { eventPattern: '{"source":["shop"]}' }), target("orders", queueArn("inbox"))];
  const laptop = await startLaptop({ definitions: [iam, sqs, events], resources, directory });
  laptop.cloud.weather.change({ delayMs: 2000 });
  const Entries = [{ Source: "shop", DetailType: "order", Detail: '{"total":5}' }];
  return new EventBridgeClient(laptop.client).send(new PutEventsCommand({ Entries }));
};

reportStart(run(process.argv[2]!));
