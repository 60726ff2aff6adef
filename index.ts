/**
 * slack-fanout: accepts each Slack message once, counts its words and hashtags, and publishes it to a topic. Subscribers react to it independently.
 *
 * This page is the whole stack: settings, storage, topics, features, doors, subscribers, operations, outputs. One statement wires each function:
 * it names the module that does the work, and passes the module's settings. `words.may(update)` passes a table's name and grants its use.
 */
import { BOARDS, BY_SPEAKER, SEEN, WORDS } from "#core/message/tables";
import { bundleCallbacks } from "./components/bundling/bundle";
import { Agent, Dibs, Digest, Documents, MessageArchive, Notifier, Onboarding, Payroll, Workspaces } from "./components/features";
import { buildSlackManifest } from "./components/features/slack-manifest";
import { Budget, collectOutputs, Dashboard, Joiner, Relay } from "./components/operations";
import { HttpApi, messageVersions, NoticesTopic, Table, Topic } from "./components/resources";
import { groupSettings } from "./components/settings/setting-groups";
import { readSettings } from "./components/settings/settings";
import { publish, put, query, queryBoards, queryTable, queryTop, read, readMany, readWrite, update } from "./components/wiring/grants";

// Each function's archive contains its wiring and one bundled module.
bundleCallbacks();

// What differs between stacks. A bad value fails the preview.
const settings = readSettings();
const { multiplier, personalBoards, externalUsers, production } = settings;
const groups = groupSettings(settings);
const { byWebhook, publishes, isShared, has, offers, layout, remembering, verificationToken, signingSecret, slackEnvironment } = groups;

// `seen` has accepted messages and their effects, `words` the count of each word and hashtag, `boards` the counts by day, conversation and person.
const seen = new Table("seen", { ...SEEN, production });
const words = new Table("words", { ...WORDS, production });
const boards = new Table("boards", { ...BOARDS, production });

// The outcomes of background work, for people to read by e-mail and in Slack. Alarms go to `errors`.
const successes = new NoticesTopic("successes", { emails: settings.successEmails, skipsPersonalNotices: true });
const errors = new NoticesTopic("errors", { emails: settings.errorEmails });

// What every part needs. Each dead-letter queue adds itself to `redrivables`, so that `npm run redrive` finds it.
const shared = { successes, errors, redrivables: {}, ...groups.operation };

// Every accepted message is published here once, unless the stack only counts.
const messages = new Topic("messages", { ...shared, publish: publishes, fairQueues: isShared });

// The HTTP API. Each route is a door: a function that verifies a request and answers it. Doors that Slack calls answer within its three seconds.
const api = new HttpApi("api", { ...shared, ...groups.exposure });

// With many workspaces, each workspace installs the app and has its own token. With one, the token is a setting.
const workspaces = isShared ? new Workspaces("workspaces", { ...shared, settings, offers, api, seen }) : undefined;
const slack = { slackEnvironment, workspaces };

// Features: pipelines for files and for new members, turn queues, notices in Slack (without an outgoing webhook also answers), and agents.
const documents = has("documents") ? new Documents("documents", { ...shared, ...slack, ...groups.documents, messages }) : undefined;
const payroll = has("payroll") ? new Payroll("payroll", { ...shared, ...settings.payroll }) : undefined;
const onboarding = has("onboarding") ? new Onboarding("onboarding", { ...shared, messages }) : undefined;
const dibs = has("dibs") ? new Dibs("dibs", { ...shared, dibsDefault: settings.dibsDefault }) : undefined;
const answers = byWebhook ? undefined : { messages, seen };
const notifier = new Notifier("notifier", { ...shared, ...slack, notifyChannel: settings.notifyChannel, answers });
const agent = new Agent("agent", { ...shared, ...slack, settings, words, boards, layout, messages, api, dibs, documents });

// Settings and grants that several functions share: for accepting messages, listing frequent words, serving people, and counting published messages.
const accepting = () => ({ seenTable: seen.may(readWrite, readMany), topicArn: messages.may(publish), ...groups.accepting });
const ranked = () => ({ wordsTable: words.may(...queryTop), boardsTable: publishes ? boards.may(...queryBoards) : undefined, layout });
const serving = () => ({ installed: workspaces?.may("check"), tokens: workspaces?.may("act"), ...groups.serving });
const counting = () => ({ seenTable: seen.may(put, read, readMany), chosen: workspaces?.may("read"), ...groups.counting });

// Counts a message that begins with a trigger word, and answers with its counts.
if (byWebhook)
  api.route("POST /webhook", () => require("#functions/webhook") as typeof import("#functions/webhook"), {
    environment: verificationToken,
    wordsTable: words.may(update, readMany),
    top: ranked(),
    ...accepting(),
  });

// Counts the hashtags of every message, and receives mentions and shared files. Without an outgoing webhook, it also does the webhook's work.
api.route("POST /events", () => require("#functions/events") as typeof import("#functions/events"), {
  environment: { ...signingSecret, ...verificationToken },
  wordsTable: byWebhook && publishes ? words.may(update) : words.may(update, readMany),
  top: byWebhook ? undefined : ranked(),
  installed: workspaces?.may("check"),
  externalUsers,
  ...accepting(),
});

// Answers slash commands.
api.route("POST /commands", () => require("#functions/commands") as typeof import("#functions/commands"), {
  wordsTable: words.may(...queryTop),
  boardsTable: publishes ? boards.may(...queryBoards, read, update) : undefined,
  spoken: publishes ? { seenTable: seen.may(query(BY_SPEAKER)) } : undefined,
  layout,
  personalBoards,
  documents: documents && { filesTable: documents.files.may(queryTable) },
  dibs: dibs?.may("change", "ask", "manageTokens", "remember"),
  agent: agent.may("ask"),
  ...serving(),
});

// Handles the buttons of messages and of the app's Home, and opens modals.
api.route("POST /interactions", () => require("#functions/interactions") as typeof import("#functions/interactions"), {
  dibs: dibs?.may("change", "remember"),
  agent: agent.may("press"),
  topicArn: messages.may(publish),
  ...serving(),
});

// Lets CI/CD take turns. A request may wait up to 25 s for its turn, because API Gateway times out after 30.
const dibsApi = api.route("ANY /api/{proxy+}", () => require("#functions/api") as typeof import("#functions/api"), {
  name: "dibs-api",
  timeoutSeconds: 30,
  teamId: settings.slackTeamId,
  chosen: workspaces?.may("read"),
  dibs: dibs?.may("change", "ask", "follow", "useTokens"),
});

// Subscribers react to each message independently. Those that count also react to edits and deletions.
if (multiplier > 0)
  messages.subscribe("multiplier", () => require("#subscribers/multiplier") as typeof import("#subscribers/multiplier"), {
    filter: { type: messageVersions },
    wordsTable: words.may(update, readMany),
    ...counting(),
  });

messages.subscribe("leaderboard", () => require("#subscribers/leaderboard") as typeof import("#subscribers/leaderboard"), {
  filter: { type: messageVersions },
  boardsTable: boards.may(read, readMany, update),
  wordsTable: multiplier > 0 ? undefined : words.may(readMany, update),
  personalBoards,
  ...counting(),
});

// Publishes the app's Home when a person opens it: turns, words, and the person's own tasks.
messages.subscribe("home", () => require("#subscribers/home") as typeof import("#subscribers/home"), {
  filter: { type: ["slack.app_home_opened"] },
  environment: slackEnvironment,
  boardsTable: boards.may(...queryBoards),
  layout,
  dibs: dibs && { dibsTable: dibs.table.may(queryTable) },
  agent: agent.may("list"),
  externalUsers,
  ...workspaces?.may("compare"),
});

messages.subscribe("logger", () => require("#subscribers/logger") as typeof import("#subscribers/logger"), { logText: settings.logText });

// Operations. The relay publishes messages that a door accepted but failed to publish, ends turns that are over, deletes the boards of people who asked
// for that, starts the agent when tasks wait, and repairs its status in Slack.
new Relay("relay", { ...shared, seen, words, boards, layout, remembering, messages, agent, dibs });

// Optional: the app joins all public channels, posts each week's most frequent words, and sends an e-mail if a month is expected to cost too much.
if (settings.joinChannels) new Joiner("joiner", { ...shared, ...slack });
if (groups.digest) new Digest("digest", { ...shared, ...groups.digest, boards, layout });
if (groups.budget) new Budget("budget", groups.budget);

// Archives published messages, so that old ones can be replayed. With many workspaces, each has its own encryption key, erased with its data.
const archive = groups.archive && new MessageArchive("message-archive", { ...shared, ...groups.archive, messages, workspaces });

// Erases a workspace's data `eraseAfterDays` after it removed the app. `npm run team` exports and erases the same data.
const holders = [{ tables: { words, boards, seen } }, documents, onboarding, dibs, notifier, agent];
workspaces?.eraseData({ ...shared, holders, archive: documents?.archive });

// A CloudWatch dashboard of the whole stack.
const dashboard = new Dashboard("dashboard", { ...shared, api, messages, tables: { words, seen, boards } });

// Outputs: names and settings for tools and scripts, and the manifest of the Slack app. Each component adds its own outputs.
const slackManifest = api.url.apply(url => buildSlackManifest({ url, ...offers }));
const backbone = [api, seen, words, boards, successes, errors, messages, archive, dashboard];
const features = [documents, payroll, onboarding, dibs, agent, workspaces];
const more = { ...groups.outputs, redrivables: shared.redrivables, apiUrl: dibs && dibsApi.url, slackManifest };
Object.assign(exports, collectOutputs([...backbone, ...features], more));
