/**
 * slack-fanout: a message said in Slack is accepted once, counted, and published to a topic. Subscribers react to it independently.
 *
 * This page is the whole stack: settings, storage, topics, features, doors, subscribers, outputs. A function is wired in one statement: the
 * module that does the work, and the module's settings. `words.may(update)` passes the name of a table, and grants its use.
 */
import * as pulumi from "@pulumi/pulumi";
import { Agent } from "./components/agent";
import { bundleCallbacks } from "./components/bundle";
import { Dashboard } from "./components/dashboard";
import type { Redrivables } from "./components/dead-letters";
import { Dibs } from "./components/dibs";
import { Digest } from "./components/digest";
import { Documents } from "./components/documents";
import { deleteItems, publish, put, query, queryTable, queryTop, read, readMany, readWrite, update } from "./components/grants";
import { HttpApi } from "./components/http-api";
import { MessageArchive } from "./components/message-archive";
import { messageVersions } from "./components/message-filter";
import { NoticesTopic } from "./components/notices";
import { Notifier } from "./components/notifier";
import { Onboarding } from "./components/onboarding";
import { Payroll } from "./components/payroll";
import { buildPhysicalName } from "./components/physical-name";
import { ScheduledFunction } from "./components/scheduled-function";
import { readSettings } from "./components/settings";
import { buildSlackManifest, listScopes } from "./components/slack-manifest";
import { Table } from "./components/table";
import { Topic } from "./components/topic";
import { wire } from "./components/wire";
import { Workspaces } from "./components/workspaces";

// Each function's archive contains its wiring and one bundled module.
bundleCallbacks();

// What differs between stacks. A bad value fails the preview.
const settings = readSettings();
const { triggerWords, mimeTypes, multiplier, personalBoards, dedupHours, archiveDays, externalUsers, logRetentionDays, production } =
  settings;
const byWebhook = settings.triggersFrom === "webhook";
const workspace = { teamId: settings.slackTeamId, appId: settings.slackAppId };
const tokens = { split: settings.split, ignoreWords: settings.ignoreWords };
const remembering = { archiveDays, dedupHours };
const isShared = settings.workspaces === "many";
const { boardShards, formerBoardShards, hotWords, formerHotWords } = settings;
const layout = { byTeam: isShared, boardShards, formerBoardShards, hotWords, formerHotWords };
const counting = { multiplier, layout, ...remembering, ...tokens };

// Every function gets the switches. A secret goes to the functions that need it.
const environment = { NODE_ENV: settings.nodeEnv, DEBUG: String(settings.debug), ERROR: String(settings.error) };
const verificationToken = { VERIFICATION_TOKEN: settings.slackVerificationToken ?? "" };
const signingSecret = { SIGNING_SECRET: settings.slackSigningSecret ?? "" };
const slackUrl = { SLACK_URL: settings.slackApiUrl };
const slackEnvironment = { ...(!isShared && { ACCESS_TOKEN: settings.slackBotToken ?? "" }), ...slackUrl };

// How often each token was said. The index finds the most frequent ones.
const rankingIndex = "by-ranking";
const ranking = { [rankingIndex]: { partitionKey: "ranking:S", sortKey: "count:N", projection: "ALL" } } as const;
const words = new Table("words", { partitionKey: "word:S", indexes: ranking, production });

// The same for each day, for each conversation, and for each person. A sparse index finds the rows that a person had forgotten.
const personIndex = "by-person";
const both = { ...ranking, [personIndex]: { partitionKey: "person:S", sortKey: "board:S", projection: "KEYS_ONLY" } } as const;
const boards = new Table("boards", { partitionKey: "board:S", sortKey: "token:S", indexes: both, expiresAt: "expires_at", production });

// Accepted messages, and the effects that they have had. A sparse index holds those that are still to be published.
const pendingIndex = "pending";
const pending = { [pendingIndex]: { partitionKey: "pending:S", sortKey: "accepted_at:N", projection: "KEYS_ONLY" } } as const;
const seen = new Table("seen", { partitionKey: "event_id:S", indexes: pending, expiresAt: "expires_at", production });

// The outcomes of background work, for people: by e-mail, and in Slack. Alarms go to `errors`.
const successes = new NoticesTopic("successes", { emails: settings.successEmails, skipsPersonalNotices: true });
const errors = new NoticesTopic("errors", { emails: settings.errorEmails });

// Everything with dead letters registers here, for `npm run redrive`.
export const redrivables: Redrivables = {};
const shared = { successes, errors, redrivables, environment, logRetentionDays, production };

// Every accepted message is published here once, unless the stack only counts.
const messages = new Topic("messages", { ...shared, publish: settings.publish });

// The API whose routes are the doors. Each door verifies, counts, publishes and answers within Slack's three seconds.
const { domain, domainZone: zoneId, domainCertificate: certificateArn } = settings;
const ownName = domain === undefined ? undefined : { domain, zoneId, certificateArn };
const api = new HttpApi("api", { ...shared, requestsPerSecond: settings.requestsPerSecond, burst: settings.burst, domain: ownName });

// What the app offers decides what it asks Slack for.
const has = (feature: (typeof settings.features)[number]) => settings.features.includes(feature);
const offers = {
  hasDocuments: has("documents"),
  hasDibs: has("dibs"),
  hasAgent: settings.agent !== "off",
  hasHome: settings.publish,
  joinsChannels: settings.joinChannels,
  isShared,
  rotatesTokens: isShared && settings.tokenRotation,
};

// Where many workspaces install the app: each has a token of its own. With one workspace, its token is a setting.
const scopes = listScopes(offers);
const installations = isShared ? new Workspaces("workspaces", { ...shared, settings, api, seen, scopes, slackUrl }) : undefined;
const slack = { slackEnvironment, workspaces: installations };

// Features: two pipelines started by files, one by people who join, turn queues, notices in Slack, and agents.
const archiving = { mimeTypes, archiveDays, deletedMessages: settings.deletedMessages };
const documents = has("documents") ? new Documents("documents", { ...shared, ...archiving, ...slack, messages }) : undefined;
const payroll = has("payroll") ? new Payroll("payroll", { ...shared, ...settings.payroll }) : undefined;
const onboarding = has("onboarding") ? new Onboarding("onboarding", { ...shared, messages }) : undefined;
const dibs = has("dibs") ? new Dibs("dibs", { ...shared, dibsDefault: settings.dibsDefault }) : undefined;
const answers = byWebhook ? undefined : { messages, seen };
const notifier = new Notifier("notifier", { ...shared, notifyChannel: settings.notifyChannel, ...slack, answers });
const agent = new Agent("agent", { ...shared, settings, messages, api, words, boards, rankingIndex, layout, dibs, ...slack });

// Counts a message that begins with a trigger word, and answers with its counts.
if (byWebhook) {
  api.route("POST /webhook", () => require("#functions/webhook") as typeof import("#functions/webhook"), {
    environment: verificationToken,
    seenTable: seen.may(readWrite, readMany),
    wordsTable: words.may(update, readMany, query(rankingIndex)),
    boardsTable: settings.publish ? boards.may(query(rankingIndex), readMany) : undefined,
    topicArn: messages.may(publish),
    rankingIndex,
    layout,
    triggerWords,
    ...remembering,
    ...tokens,
    ...workspace,
  });
}

// Counts the hashtags of every message. Mentions and shared files arrive here, too. Without an outgoing webhook, this door also does the webhook's
// work, and the notifier posts the answers.
api.route("POST /events", () => require("#functions/events") as typeof import("#functions/events"), {
  environment: { ...signingSecret, ...verificationToken },
  seenTable: seen.may(readWrite, readMany),
  wordsTable: byWebhook ? words.may(update) : words.may(update, readMany),
  topicArn: messages.may(publish),
  top: byWebhook
    ? undefined
    : {
        wordsTable: words.may(...queryTop(rankingIndex, layout)),
        boardsTable: boards.may(query(rankingIndex), readMany),
        rankingIndex,
        layout,
      },
  layout,
  installed: installations?.may("check"),
  triggerWords,
  externalUsers,
  ...remembering,
  ...tokens,
  ...workspace,
});

// Answers slash commands.
api.route("POST /commands", () => require("#functions/commands") as typeof import("#functions/commands"), {
  environment: { ...signingSecret, ...slackEnvironment },
  wordsTable: words.may(query(rankingIndex), readMany),
  boardsTable: settings.publish ? boards.may(query(rankingIndex), queryTable, read, readMany, update) : undefined,
  rankingIndex,
  layout,
  personalBoards,
  documents: documents && { filesTable: documents.files.may(queryTable) },
  dibs: dibs?.may("change", "ask", "manageTokens", "remember"),
  agent: agent.may("ask"),
  installed: installations?.may("check"),
  tokens: installations?.may("act"),
  externalUsers,
  ...workspace,
});

// Does what the buttons below messages and in Homes say, and opens modals.
api.route("POST /interactions", () => require("#functions/interactions") as typeof import("#functions/interactions"), {
  environment: { ...signingSecret, ...slackEnvironment },
  dibs: dibs?.may("change", "remember"),
  agent: agent.may("press"),
  topicArn: messages.may(publish),
  installed: installations?.may("check"),
  tokens: installations?.may("act"),
  externalUsers,
  ...workspace,
});

// Lets CI/CD take turns. A request may wait for its turn for as long as API Gateway waits for an answer.
api.route(
  "ANY /api/{proxy+}",
  () => require("#functions/api") as typeof import("#functions/api"),
  { teamId: workspace.teamId, chosen: installations?.may("read"), dibs: dibs?.may("change", "ask", "follow", "useTokens") },
  { name: "dibs-api", timeoutSeconds: 30 },
);

// Publishes messages that a door accepted but failed to publish, ends turns that are over, deletes forgotten boards, and looks after the agent.
new ScheduledFunction("relay", {
  ...shared,
  ...wire(() => require("#functions/outbox-relay") as typeof import("#functions/outbox-relay"), {
    seenTable: seen.may(query(pendingIndex), readWrite, readMany),
    wordsTable: words.may(update, readMany),
    topicArn: messages.may(publish),
    boardsTable: boards.may(query(rankingIndex), query(personIndex), update, deleteItems),
    ...{ pendingIndex, rankingIndex, personIndex, layout },
    ...remembering,
    agentService: agent.may("wake"),
    agentSessions: agent.may("repair"),
    dibs: dibs?.may("change", "findDue"),
  }),
  environment: { ...environment, ...agent.gatewayEnvironment },
  schedule: "rate(1 minute)",
  // Less than the schedule, so that runs rarely overlap. An overlap does no harm.
  timeoutSeconds: 50,
  // Other stacks may sleep: a laptop does at night.
  idleMinutes: production ? 10 : undefined,
});

// Joins the public channels that the app is not in, since Slack sends events of channels to members only.
if (settings.joinChannels) {
  new ScheduledFunction("joiner", {
    ...shared,
    ...wire(() => require("#functions/joiner") as typeof import("#functions/joiner"), installations?.may("list") ?? {}),
    environment: { ...environment, ...slackEnvironment },
    schedule: "rate(1 hour)",
    timeoutSeconds: 60,
  });
}

// Erases the data of workspaces that have removed the app, a while later. The operator's commands find the same data.
const teamTables = {
  ...{ words, boards, seen },
  ...{ ...dibs?.tables, ...documents?.tables, ...onboarding?.tables, ...agent.tables, ...notifier.tables },
};
const teamData = installations?.eraseData({ ...shared, tables: teamTables, archive: documents?.archive });

// Subscribers react to each message independently. Those that count also react to edits and deletions.
if (multiplier > 0) {
  messages.subscribe(
    "multiplier",
    () => require("#subscribers/multiplier") as typeof import("#subscribers/multiplier"),
    { seenTable: seen.may(put, read, readMany), wordsTable: words.may(update), chosen: installations?.may("read"), ...counting },
    { filter: { type: messageVersions } },
  );
}

messages.subscribe(
  "leaderboard",
  () => require("#subscribers/leaderboard") as typeof import("#subscribers/leaderboard"),
  {
    seenTable: seen.may(put, read, readMany),
    boardsTable: boards.may(read, update),
    chosen: installations?.may("read"),
    personalBoards,
    ...counting,
  },
  { filter: { type: messageVersions } },
);

// Publishes somebody's Home: turns, words, and the person's own tasks.
messages.subscribe(
  "home",
  () => require("#subscribers/home") as typeof import("#subscribers/home"),
  {
    boardsTable: boards.may(query(rankingIndex), readMany),
    rankingIndex,
    layout,
    dibs: dibs && { dibsTable: dibs.table.may(queryTable) },
    agent: agent.may("list"),
    ...installations?.may("compare"),
  },
  { filter: { type: ["slack.app_home_opened"] }, environment: slackEnvironment },
);

messages.subscribe("logger", () => require("#subscribers/logger") as typeof import("#subscribers/logger"), { logText: settings.logText });

// Keeps what was published, for replays of any time.
const { messageArchiveDays: days, archivePrivate: withPrivate } = settings;
const { topic } = messages;
const archive = topic && days > 0 ? new MessageArchive("message-archive", { ...shared, topic, days, withPrivate }) : undefined;

// Posts the most frequent words of each week, if a channel is set for that.
const { digestChannel: channel, slackTeamId: team } = settings;
if (channel !== undefined && team !== undefined) new Digest("digest", { ...shared, channel, team, boards, rankingIndex, layout });

// What the stack does, on one page of CloudWatch.
export const { subscribers } = messages;
const tables = { words, seen, boards };
export const { url: dashboardUrl } = new Dashboard("dashboard", { api, subscribers, redrivables, tables, errors });

// More outputs: names for tools and scripts, and the manifest for creating the Slack app.
export const successesTopicArn = successes.arn;
export const errorsTopicArn = errors.arn;
export const wordsTable = words.name;
export const boardsTable = boards.name;
export const seenTable = seen.name;
export const logPrefix = `/aws/lambda/${buildPhysicalName("")}`;
export const keptHours = dedupHours;
export const keyLayout = layout;
export const slackManifest = api.url.apply(url => buildSlackManifest({ url, ...offers }));
// Pulumi warns about undefined outputs, so what is off has none.
const features = [documents, payroll, onboarding, agent, installations, archive];
for (const { outputs } of [api, ...features.filter(feature => feature !== undefined)]) Object.assign(exports, outputs);
Object.assign(exports, teamData && { teamData });
Object.assign(exports, messages.arn && { messagesTopicArn: messages.arn }, workspace.teamId && { teamId: workspace.teamId });
Object.assign(exports, dibs && { apiUrl: pulumi.interpolate`${api.url}/api`, dibsTable: dibs.table.name });
