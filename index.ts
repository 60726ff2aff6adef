/**
 * slack-fanout: a message said in Slack is accepted once, counted, and published to a topic; whoever cares subscribes.
 *
 * This page is the whole stack in the order in which a message travels: settings, storage, topics, doors, subscribers, outputs. What
 * doors hand work to (pipelines, turn queues, agents) stands before them, since their roles name it. Callbacks stand where they are wired
 * and hand over names only; the work is done by the modules that they require.
 */
import * as pulumi from "@pulumi/pulumi";
import { Agent } from "./components/agent";
import { bundleCallbacks } from "./components/bundle";
import { Dibs } from "./components/dibs";
import { Documents } from "./components/documents";
import { publish, put, query, queryTable, readMany, readWrite, start, update } from "./components/grants";
import { HttpApi } from "./components/http-api";
import { createNoticesTopic, NOBODYS_OWN } from "./components/notices";
import { Notifier } from "./components/notifier";
import { Payroll } from "./components/payroll";
import { ScheduledFunction } from "./components/scheduled-function";
import { readSettings } from "./components/settings";
import { buildSlackManifest } from "./components/slack-manifest";
import { createTable } from "./components/table";
import { Topic } from "./components/topic";

const webhook = () => require("#functions/webhook") as typeof import("#functions/webhook");
const events = () => require("#functions/events") as typeof import("#functions/events");
const commands = () => require("#functions/commands") as typeof import("#functions/commands");
const interactions = () => require("#functions/interactions") as typeof import("#functions/interactions");
const dibsApi = () => require("#functions/api") as typeof import("#functions/api");
const outboxRelay = () => require("#functions/outbox-relay") as typeof import("#functions/outbox-relay");
const archiver = () => require("#subscribers/archiver") as typeof import("#subscribers/archiver");
const multiplier = () => require("#subscribers/multiplier") as typeof import("#subscribers/multiplier");
const leaderboard = () => require("#subscribers/leaderboard") as typeof import("#subscribers/leaderboard");
const logger = () => require("#subscribers/logger") as typeof import("#subscribers/logger");

// Every callback below ships as its wiring and the one module that it requires.
bundleCallbacks();

// What differs between stacks, checked before anything is made.
const settings = readSettings();
const { split, ignoreWords, triggerWords, dedupHours, archiveDays, logRetentionDays, production } = settings;
const { slackTeamId: teamId, slackAppId: appId, externalUsers, logText, mimeTypes } = settings;
const bonus = settings.multiplier;

// Indexes, as tables declare them and functions query them.
const rankingIndex = "by-ranking";
const pendingIndex = "pending";

// How often each token was said, indexed by scope and kind to find the most frequent.
const words = createTable("words", {
  partitionKey: "word:S",
  indexes: { [rankingIndex]: { partitionKey: "ranking:S", sortKey: "count:N", projection: "ALL" } },
  production,
});

// Which messages were accepted and which effects they have had; what is still to be published is in a sparse index.
const seen = createTable("seen", {
  partitionKey: "event_id:S",
  indexes: { [pendingIndex]: { partitionKey: "pending:S", sortKey: "accepted_at:N", projection: "KEYS_ONLY" } },
  expiresAt: "expires_at",
  production,
});

// The boards of each day, and of each conversation.
const boards = createTable("boards", {
  partitionKey: "board:S",
  sortKey: "token:S",
  indexes: { [rankingIndex]: { partitionKey: "ranking:S", sortKey: "count:N", projection: "ALL" } },
  expiresAt: "expires_at",
  production,
});

// The outcomes of background work, for people: by e-mail, and in Slack.
const successes = createNoticesTopic("successes", settings.successEmails, NOBODYS_OWN);
const errors = createNoticesTopic("errors", settings.errorEmails);

// Every accepted message, once. What a subscriber fails on to the end raises an alarm on `errors`.
const messages = new Topic("messages", { alarmTopic: errors, logRetentionDays });

// Environment variables: operators' switches for every function, and Slack's secrets, each for those alone that need it.
const switches = { NODE_ENV: settings.nodeEnv, DEBUG: String(settings.debug), ERROR: String(settings.error) };
const verificationToken = { VERIFICATION_TOKEN: settings.slackVerificationToken ?? "" };
const signingSecret = { SIGNING_SECRET: settings.slackSigningSecret ?? "" };
const slackAccess = { ACCESS_TOKEN: settings.slackBotToken ?? "", SLACK_URL: settings.slackApiUrl };

// Background work in steps, each with its outcome in `successes` or `errors`: files shared in Slack, and payroll files.
const pipelines = { successes, errors, environment: switches, logRetentionDays, production };
const documents = new Documents("documents", { ...pipelines, mimeTypes, slackEnvironment: slackAccess });
const payroll = new Payroll("payroll", { ...pipelines, ...settings.payroll });

// Turn queues for shared things; whose turn it is goes out as a notice.
const dibs = new Dibs("dibs", { ...pipelines, dibsDefault: settings.dibsDefault });

// The one function that posts notices to Slack.
const notifier = new Notifier("notifier", {
  ...pipelines,
  notifyChannel: settings.notifyChannel,
  environment: { ...switches, ...slackAccess },
});

// The doors: verify, count, publish, answer, inside Slack's three seconds.
const api = new HttpApi("api", {
  requestsPerSecond: settings.requestsPerSecond,
  burst: settings.burst,
  logRetentionDays,
  alarmTopic: errors,
});

// Agents take tasks from a queue and reach Slack through a door of their own; the others put tasks in, and stop them.
const agent = new Agent("agent", {
  settings,
  messages,
  api,
  errors,
  words,
  boards,
  rankingIndex,
  dibs,
  environment: switches,
  slackEnvironment: slackAccess,
});

api.route("POST /webhook", "webhook", {
  allow: [
    readWrite(seen),
    readMany(seen),
    update(words),
    readMany(words),
    query(words, rankingIndex),
    query(boards, rankingIndex),
    publish(messages.topic),
  ],
  environment: { ...switches, ...verificationToken },
  callbackFactory: () =>
    webhook().create({
      wordsTable: words.name.get(),
      seenTable: seen.name.get(),
      leaderboardTable: boards.name.get(),
      topicArn: messages.topic.arn.get(),
      rankingIndex,
      split,
      ignoreWords,
      triggerWords,
      teamId,
      appId,
      dedupHours,
    }),
});

api.route("POST /events", "events", {
  allow: [readWrite(seen), readMany(seen), update(words), publish(messages.topic)],
  environment: { ...switches, ...signingSecret, ...verificationToken },
  callbackFactory: () =>
    events().create({
      wordsTable: words.name.get(),
      seenTable: seen.name.get(),
      topicArn: messages.topic.arn.get(),
      ignoreWords,
      triggerWords,
      teamId,
      appId,
      dedupHours,
      externalUsers,
    }),
});

api.route("POST /commands", "commands", {
  allow: [
    query(words, rankingIndex),
    query(boards, rankingIndex),
    queryTable(documents.files),
    ...dibs.change,
    ...dibs.ask,
    ...dibs.manageTokens,
    ...dibs.remember,
    ...agent.ask,
  ],
  environment: { ...switches, ...signingSecret, ...slackAccess },
  callbackFactory: () =>
    commands().create({
      wordsTable: words.name.get(),
      leaderboardTable: boards.name.get(),
      rankingIndex,
      filesTable: documents.files.name.get(),
      ...dibs.names.get(),
      agent: agent.names.get(),
      teamId,
      appId,
      externalUsers,
    }),
});

api.route("POST /interactions", "interactions", {
  allow: [...dibs.change, ...dibs.remember, ...agent.press],
  environment: { ...switches, ...signingSecret, SLACK_URL: settings.slackApiUrl },
  callbackFactory: () => interactions().create({ ...dibs.names.get(), agent: agent.names.get(), teamId, appId, externalUsers }),
});

// Pipelines take their turns here. A request may wait for its turn, as long as API Gateway waits for an answer.
api.route("ANY /api/{proxy+}", "dibs-api", {
  allow: [...dibs.change, ...dibs.ask, ...dibs.follow, ...dibs.useTokens],
  environment: switches,
  timeoutSeconds: 30,
  callbackFactory: () => dibsApi().create({ ...dibs.names.get(), teamId }),
});

// What a door accepted but could not publish, or died over, is published here; and what is due in the turn queues is done.
const relay = new ScheduledFunction("relay", {
  schedule: "rate(1 minute)",
  // Below the minute, so that two runs seldom meet; meeting would do no harm.
  timeoutSeconds: 50,
  logRetentionDays,
  alarmTopic: errors,
  allow: [
    query(seen, pendingIndex),
    readWrite(seen),
    readMany(seen),
    update(words),
    readMany(words),
    publish(messages.topic),
    ...dibs.change,
    ...dibs.findDue,
    ...agent.wake,
  ],
  environment: switches,
  callbackFactory: () =>
    outboxRelay().create({
      wordsTable: words.name.get(),
      seenTable: seen.name.get(),
      topicArn: messages.topic.arn.get(),
      pendingIndex,
      dedupHours,
      ...dibs.names.get(),
      agentService: agent.service.get(),
    }),
});

// Subscribers: each knows the message and nothing of its siblings.
messages.subscribe("multiplier", {
  allow: [put(seen), update(words)],
  environment: switches,
  callbackFactory: () =>
    multiplier().create({
      wordsTable: words.name.get(),
      seenTable: seen.name.get(),
      multiplier: bonus,
      split,
      ignoreWords,
      archiveDays,
    }),
});

messages.subscribe("leaderboard", {
  allow: [put(seen), update(boards)],
  environment: switches,
  callbackFactory: () =>
    leaderboard().create({
      leaderboardTable: boards.name.get(),
      seenTable: seen.name.get(),
      multiplier: bonus,
      split,
      ignoreWords,
      archiveDays,
      keepDays: archiveDays,
    }),
});

messages.subscribe("archiver", {
  filter: { hasFiles: ["true"] },
  allow: [start(documents.stateMachine), publish(errors)],
  environment: switches,
  callbackFactory: () =>
    archiver().create({
      stateMachineArn: documents.stateMachine.arn.get(),
      errorsTopicArn: errors.arn.get(),
      mimeTypes,
    }),
});

messages.subscribe("logger", {
  allow: [],
  environment: switches,
  callbackFactory: () => logger().create({ logText }),
});

// What the outside needs: URLs for Slack, names for tools, and the manifest that connects the two.
export const url = api.url;
export const webhookUrl = pulumi.interpolate`${url}/webhook`;
export const eventsUrl = pulumi.interpolate`${url}/events`;
export const commandsUrl = pulumi.interpolate`${url}/commands`;
export const interactionsUrl = pulumi.interpolate`${url}/interactions`;
export const apiUrl = pulumi.interpolate`${url}/api`;
export const messagesTopicArn = messages.topic.arn;
export const successesTopicArn = successes.arn;
export const errorsTopicArn = errors.arn;
export const wordsTable = words.name;
export const boardsTable = boards.name;
export const filesTable = documents.files.name;
export const seenTable = seen.name;
export const dibsTable = dibs.table.name;
// The workspace that old counts belong to, for `npm run migrate`.
if (teamId !== undefined) Object.assign(exports, { teamId });
// What `npm run replay` works on, and `npm run redrive`: all that has dead letters.
export const subscribers = messages.subscribers;
export const keptHours = dedupHours;
export const redrivables = {
  ...messages.subscribers,
  notifier: notifier.redrivable,
  relay: relay.redrivable,
  dibs: dibs.redrivable,
  "payroll-start": payroll.redrivable,
};
export const archiveBucket = documents.archive.bucket;
export const rawDataBucket = payroll.rawData.bucket;
export const processedDataBucket = payroll.processedData.bucket;
export const paystubsBucket = payroll.paystubs.bucket;
export const reportsBucket = payroll.reports.bucket;
export const documentsStateMachineArn = documents.stateMachine.arn;
export const payrollStateMachineArn = payroll.stateMachine.arn;
// Without an agent there is none of these, and Pulumi warns of each output that is undefined.
if (settings.agent !== "off") Object.assign(exports, { mcpUrl: agent.mcpUrl, agentQueueUrl: agent.queueUrl, tasksTable: agent.tasksTable });
if (settings.agent === "agentcore") Object.assign(exports, { gatewayUrl: agent.gatewayUrl });
export const slackManifest = pulumi
  .all([eventsUrl, commandsUrl, interactionsUrl])
  .apply(([events, commands, interactions]) =>
    buildSlackManifest({ eventsUrl: events, commandsUrl: commands, interactionsUrl: interactions, hasAgent: settings.agent !== "off" }),
  );
