import type { KeyLayout } from "#core/message/count-keys";
import { buildPhysicalName } from "../wiring/physical-name";
import type { Settings } from "./settings";

/** The settings in the groups in which functions and components take them. */
const groupSettings = (settings: Settings) => {
  const { slackTeamId, slackAppId, split, ignoreWords, archiveDays, dedupHours, domain, domainZone, domainCertificate } = settings;
  const { logRetentionDays, production, mimeTypes, deletedMessages, messageArchiveDays, archivePrivate, eraseAfterDays } = settings;
  const { digestChannel, monthlyBudget, errorEmails, publish: publishes } = settings;
  const { requestsPerSecond, burst, multiplier, boardShards, formerBoardShards, hotWords, formerHotWords } = settings;
  const isShared = settings.workspaces === "many";
  const workspace = { teamId: slackTeamId, appId: slackAppId };
  const tokens = { split, ignoreWords };
  const remembering = { archiveDays, dedupHours };
  const layout: KeyLayout = { byTeam: isShared, boardShards, formerBoardShards, hotWords, formerHotWords };
  const ownName = domain === undefined ? undefined : { domain, zoneId: domainZone, certificateArn: domainCertificate };
  // Environment variables. A secret goes to the functions that need it.
  const verificationToken = { VERIFICATION_TOKEN: settings.slackVerificationToken ?? "" };
  const signingSecret = { SIGNING_SECRET: settings.slackSigningSecret ?? "" };
  // With many workspaces, each has a token of its own.
  const slackEnvironment = { ...(!isShared && { ACCESS_TOKEN: settings.slackBotToken ?? "" }), SLACK_URL: settings.slackApiUrl };
  const has = (feature: (typeof settings.features)[number]) => settings.features.includes(feature);
  return {
    /** Whether Slack's outgoing webhook delivers messages that begin with a trigger word. */
    byWebhook: settings.triggersFrom === "webhook",
    /** Whether accepted messages are published. Otherwise the stack only counts. */
    publishes,
    /** Whether many workspaces install the app. */
    isShared,
    /** Whether a feature is on. */
    has,
    /** What the app offers, which decides what it asks Slack for. */
    offers: {
      hasDocuments: has("documents"),
      hasDibs: has("dibs"),
      hasAgent: settings.agent !== "off",
      hasHome: publishes,
      joinsChannels: settings.joinChannels,
      isShared,
      rotatesTokens: isShared && settings.tokenRotation,
    },
    /** How the API can be reached, and how often. */
    exposure: { requestsPerSecond, burst, domain: ownName },
    /** How long messages are remembered. */
    remembering,
    /** How the keys of counters are laid out. */
    layout,
    /** What the doors need that accept messages. */
    accepting: { triggerWords: settings.triggerWords, layout, ...remembering, ...tokens, ...workspace },
    /** What the doors need that serve people. */
    serving: { environment: { ...signingSecret, ...slackEnvironment }, externalUsers: settings.externalUsers, ...workspace },
    /** What the subscribers that count need. */
    counting: { multiplier, layout, ...remembering, ...tokens },
    /** How functions run, log and keep data. The switches are environment variables of every function. */
    operation: {
      environment: { NODE_ENV: settings.nodeEnv, DEBUG: String(settings.debug), ERROR: String(settings.error) },
      logRetentionDays,
      tracing: settings.tracing === "xray",
      production,
    },
    /** Which files are archived, and how long what was deleted is remembered. */
    documents: { mimeTypes, archiveDays, deletedMessages },
    /** How long published messages are kept, if they are. */
    archive: publishes && messageArchiveDays > 0 ? { days: messageArchiveDays, withPrivate: archivePrivate, eraseAfterDays } : undefined,
    /** Where the digest of each week goes, if anywhere. */
    digest: digestChannel && slackTeamId ? { channel: digestChannel, team: slackTeamId } : undefined,
    /** What a month may cost, if there is a limit. */
    budget: monthlyBudget > 0 ? { dollars: monthlyBudget, emails: errorEmails } : undefined,
    /** What tools and scripts read. */
    outputs: { teamId: slackTeamId, logPrefix: `/aws/lambda/${buildPhysicalName("")}`, keptHours: dedupHours, keyLayout: layout },
    verificationToken,
    signingSecret,
    slackEnvironment,
  };
};

export { groupSettings };
