/** A small program with an agent. A test passes only the settings that it is about. */
import * as pulumi from "@pulumi/pulumi";
import { PLAIN_LAYOUT } from "#core/message/count-keys";
import { Agent } from "../../../../components/features/agent/agent";
import { Dibs } from "../../../../components/features/dibs";
import { HttpApi } from "../../../../components/resources/http-api";
import { Table } from "../../../../components/resources/table";
import { Topic } from "../../../../components/resources/topic";
import { readSettings } from "../../../../components/settings/settings";
import { makeFeatureArgs } from "../../registered";

const makeAgent = (values: Record<string, string>): void => {
  pulumi.runtime.setAllConfig(
    Object.fromEntries(Object.entries({ agentToken: "hush", ...values }).map(([key, value]) => [`slack-fanout:${key}`, value])),
  );
  const shared = makeFeatureArgs();
  new Agent("agent", {
    ...shared,
    settings: readSettings(),
    messages: new Topic("messages", shared),
    api: new HttpApi("api", { ...shared, requestsPerSecond: 1, burst: 1 }),
    words: new Table("words", { partitionKey: "word:S", production: false }),
    boards: new Table("boards", { partitionKey: "board:S", production: false }),
    layout: PLAIN_LAYOUT,
    documents: { files: new Table("documents-files", { partitionKey: "tag:S", sortKey: "posted:S", production: false }) },
    dibs: new Dibs("dibs", { ...shared, dibsDefault: null }),
    slackEnvironment: { ACCESS_TOKEN: "xoxb", SLACK_URL: "https://slack.com/api/" },
  });
};

export { makeAgent };
