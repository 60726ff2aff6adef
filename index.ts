/**
 * slack-fanout: a message said in Slack is accepted once, counted, and published to a topic. Subscribers react to it independently.
 *
 * This page is the whole stack: settings, storage, topics, features, doors, subscribers, outputs. A function is wired in one statement: the
 * module that does the work, and the module's settings. `words.may(update)` passes the name of a table, and grants its use.
 */
import * as pulumi from "@pulumi/pulumi";
import { BOARDS, BY_SPEAKER, SEEN, WORDS } from "#core/message/tables";
import { bundleCallbacks } from "./components/bundling/bundle";
import { Agent } from "./components/features/agent/agent";
import { Dibs } from "./components/features/dibs";
import { Digest } from "./components/features/digest";
import { Documents } from "./components/features/documents";
import { MessageArchive } from "./components/features/message-archive";
import { Notifier } from "./components/features/notifier";
import { Onboarding } from "./components/features/onboarding";
import { Payroll } from "./components/features/payroll";
import { buildSlackManifest } from "./components/features/slack-manifest";
import { Workspaces } from "./components/features/workspaces";
import { Budget } from "./components/operations/budget";
import { Dashboard } from "./components/operations/dashboard";
import { Joiner } from "./components/operations/joiner";
import { collectOutputs } from "./components/operations/outputs";
import { Relay } from "./components/operations/relay";
import { HttpApi } from "./components/resources/http-api";
import { messageVersions } from "./components/resources/message-filter";
import { NoticesTopic } from "./components/resources/notices";
import { Table } from "./components/resources/table";
import { Topic } from "./components/resources/topic";
import { groupSettings } from "./components/settings/setting-groups";
import { readSettings } from "./components/settings/settings";
import { publish, put, query, queryBoards, queryTable, queryTop, read, readMany, readWrite, update } from "./components/wiring/grants";
import { buildPhysicalName } from "./components/wiring/physical-name";

// Each function's archive contains its wiring and one bundled module.
bundleCallbacks();

// What differs between stacks. A bad value fails the preview.
const settings = readSettings();
const { triggerWords, multiplier, personalBoards, externalUsers, production } = settings;
const groups = groupSettings(settings);
const { byWebhook, isShared, has, offers, workspace, tokens, remembering, layout } = groups;
const { verificationToken, signingSecret, slackEnvironment } = groups;

// Three tables: accepted messages, with the effects that they have had; how often each token was said; and how often on each day, in each conversation
// and by each person. Their keys and indexes are in `core/message/tables.ts`.
const seen = new Table("seen", { ...SEEN, production });
const words = new Table("words", { ...WORDS, production });
const boards = new Table("boards", { ...BOARDS, production });
const counts = { words, boards, layout };

// The outcomes of background work, for people: by e-mail, and in Slack. Alarms go to `errors`.
const successes = new NoticesTopic("successes", { emails: settings.successEmails, skipsPersonalNotices: true });
const errors = new NoticesTopic("errors", { emails: settings.errorEmails });

// What every part of the stack needs. Everything with dead letters registers itself, for `npm run redrive`.
const shared = { successes, errors, redrivables: {}, ...groups.operation };

// Every accepted message is published here once, unless the stack only counts.
const messages = new Topic("messages", { ...shared, publish: settings.publish, inTurn: isShared });

// The API whose routes are the doors. Each door verifies, counts, publishes and answers within Slack's three seconds.
const api = new HttpApi("api", { ...shared, ...groups.exposure });

// With many workspaces, each installs the app and has a token of its own. With one, the token is a setting.
const installations = isShared ? new Workspaces("workspaces", { ...shared, settings, offers, api, seen }) : undefined;
const slack = { slackEnvironment, workspaces: installations };

// Features: two pipelines started by files, one by people who join, turn queues, notices in Slack, and agents.
const documents = has("documents") ? new Documents("documents", { ...shared, ...groups.documents, ...slack, messages }) : undefined;
const payroll = has("payroll") ? new Payroll("payroll", { ...shared, ...settings.payroll }) : undefined;
const onboarding = has("onboarding") ? new Onboarding("onboarding", { ...shared, messages }) : undefined;
const dibs = has("dibs") ? new Dibs("dibs", { ...shared, dibsDefault: settings.dibsDefault }) : undefined;
const answers = byWebhook ? undefined : { messages, seen };
const notifier = new Notifier("notifier", { ...shared, ...slack, notifyChannel: settings.notifyChannel, answers });
const agent = new Agent("agent", { ...shared, settings, messages, api, ...counts, dibs, documents, ...slack });

// What several functions need: to accept a message, to list the most frequent words, to count what was published, and to serve people.
const accepting = () => ({ seenTable: seen.may(readWrite, readMany), topicArn: messages.may(publish), layout, ...remembering });
const ranked = () => ({
  wordsTable: words.may(...queryTop),
  boardsTable: settings.publish ? boards.may(...queryBoards) : undefined,
  layout,
});
const counted = () => ({ seenTable: seen.may(put, read, readMany), chosen: installations?.may("read"), ...groups.counting });
const serving = () => ({
  environment: { ...signingSecret, ...slackEnvironment },
  installed: installations?.may("check"),
  tokens: installations?.may("act"),
  externalUsers,
  ...workspace,
});

// Counts a message that begins with a trigger word, and answers with its counts.
if (byWebhook) {
  api.route("POST /webhook", () => require("#functions/webhook") as typeof import("#functions/webhook"), {
    environment: verificationToken,
    wordsTable: words.may(update, readMany),
    top: ranked(),
    triggerWords,
    ...accepting(),
    ...tokens,
    ...workspace,
  });
}

// Counts the hashtags of every message. Mentions and shared files arrive here, too. Without an outgoing webhook, this door also does the webhook's
// work, and the notifier posts the answers.
api.route("POST /events", () => require("#functions/events") as typeof import("#functions/events"), {
  environment: { ...signingSecret, ...verificationToken },
  wordsTable: byWebhook && settings.publish ? words.may(update) : words.may(update, readMany),
  top: byWebhook ? undefined : ranked(),
  installed: installations?.may("check"),
  triggerWords,
  externalUsers,
  ...accepting(),
  ...tokens,
  ...workspace,
});

// Answers slash commands.
api.route("POST /commands", () => require("#functions/commands") as typeof import("#functions/commands"), {
  wordsTable: words.may(...queryTop),
  boardsTable: settings.publish ? boards.may(...queryBoards, read, update) : undefined,
  spoken: settings.publish ? { seenTable: seen.may(query(BY_SPEAKER)) } : undefined,
  layout,
  personalBoards,
  documents: documents && { filesTable: documents.files.may(queryTable) },
  dibs: dibs?.may("change", "ask", "manageTokens", "remember"),
  agent: agent.may("ask"),
  ...serving(),
});

// Handles the buttons below messages and in the Home, and opens modals.
api.route("POST /interactions", () => require("#functions/interactions") as typeof import("#functions/interactions"), {
  dibs: dibs?.may("change", "remember"),
  agent: agent.may("press"),
  topicArn: messages.may(publish),
  ...serving(),
});

// Lets CI/CD take turns. A request may wait for its turn for as long as API Gateway waits for an answer.
api.route("ANY /api/{proxy+}", () => require("#functions/api") as typeof import("#functions/api"), {
  name: "dibs-api",
  timeoutSeconds: 30,
  teamId: workspace.teamId,
  chosen: installations?.may("read"),
  dibs: dibs?.may("change", "ask", "follow", "useTokens"),
});

// Publishes messages that a door accepted but failed to publish, ends turns that are over, deletes forgotten boards, and looks after the agent.
new Relay("relay", { ...shared, ...counts, seen, remembering, messages, agent, dibs });

// Joins the public channels that the app is not in, since Slack sends events of channels to members only.
if (settings.joinChannels) new Joiner("joiner", { ...shared, ...slack });

// Erases the data of workspaces that have removed the app, a while later. The operator's commands find the same data.
const ofFeatures = { ...documents?.tables, ...onboarding?.tables, ...dibs?.tables, ...notifier.tables, ...agent.tables };
const tables = { words, boards, seen, ...ofFeatures };
installations?.eraseData({ ...shared, tables, archive: documents?.archive });

// Subscribers react to each message independently. Those that count also react to edits and deletions.
if (multiplier > 0) {
  messages.subscribe("multiplier", () => require("#subscribers/multiplier") as typeof import("#subscribers/multiplier"), {
    filter: { type: messageVersions },
    wordsTable: words.may(update, readMany),
    ...counted(),
  });
}

messages.subscribe("leaderboard", () => require("#subscribers/leaderboard") as typeof import("#subscribers/leaderboard"), {
  filter: { type: messageVersions },
  boardsTable: boards.may(read, readMany, update),
  wordsTable: multiplier > 0 ? undefined : words.may(readMany, update),
  personalBoards,
  ...counted(),
});

// Publishes somebody's Home: turns, words, and the person's own tasks.
messages.subscribe("home", () => require("#subscribers/home") as typeof import("#subscribers/home"), {
  filter: { type: ["slack.app_home_opened"] },
  environment: slackEnvironment,
  boardsTable: boards.may(...queryBoards),
  layout,
  dibs: dibs && { dibsTable: dibs.table.may(queryTable) },
  agent: agent.may("list"),
  externalUsers,
  ...installations?.may("compare"),
});

messages.subscribe("logger", () => require("#subscribers/logger") as typeof import("#subscribers/logger"), { logText: settings.logText });

// Keeps published messages, so that old ones can be replayed, too. With many workspaces, the messages of each are encrypted under its own key, which is
// erased with its other data.
const archive =
  messages.topic &&
  groups.archive &&
  new MessageArchive("message-archive", { ...shared, ...groups.archive, topic: messages.topic, workspaces: installations });

// Posts the most frequent words of each week, if a channel is set for that.
if (groups.digest) new Digest("digest", { ...shared, ...groups.digest, boards, layout });

// What the stack does, on one page of CloudWatch.
const dashboard = new Dashboard("dashboard", { ...shared, api, messages, tables: { words, seen, boards } });

// Sends an e-mail if a month is expected to cost more than `monthlyBudget`.
if (groups.budget) new Budget("budget", groups.budget);

// More outputs: names for tools and scripts, and the manifest for creating the Slack app. Each part adds its own.
const more = {
  redrivables: shared.redrivables,
  apiUrl: dibs && pulumi.interpolate`${api.url}/api`,
  teamId: workspace.teamId,
  logPrefix: `/aws/lambda/${buildPhysicalName("")}`,
  keptHours: remembering.dedupHours,
  keyLayout: layout,
  slackManifest: api.url.apply(url => buildSlackManifest({ url, ...offers })),
};
const storage = [seen, words, boards, successes, errors, messages];
const features = [documents, payroll, onboarding, dibs, agent, installations, archive];
Object.assign(exports, collectOutputs([api, dashboard, ...storage, ...features], more));
