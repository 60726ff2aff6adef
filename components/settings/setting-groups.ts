import type { KeyLayout } from "#core/message/count-keys";
import { buildPhysicalName } from "../wiring/physical-name";
import type { Settings } from "./settings";

/** Groups the settings by the functions and components that use them. */
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
  // Environment variables. Only functions that need a secret get it.
  const verificationToken = { VERIFICATION_TOKEN: settings.slackVerificationToken ?? "" };
  const signingSecret = { SIGNING_SECRET: settings.slackSigningSecret ?? "" };
  // With many workspaces, each workspace has its own token, which is not a setting.
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
    /** What the app offers. The manifest asks Slack for the scopes and events that this takes. */
    offers: {
      hasDocuments: has("documents"),
      hasDibs: has("dibs"),
      hasAgent: settings.agent !== "off",
      hasHome: publishes,
      joinsChannels: settings.joinChannels,
      isShared,
      rotatesTokens: isShared && settings.tokenRotation,
    },
    /** The API's domain and rate limits. */
    exposure: { requestsPerSecond, burst, domain: ownName },
    /** How long messages are remembered. */
    remembering,
    /** How the keys of counters are laid out. */
    layout,
    /** For doors that accept messages. */
    accepting: { triggerWords: settings.triggerWords, layout, ...remembering, ...tokens, ...workspace },
    /** For doors that answer people's commands and clicks. */
    serving: { environment: { ...signingSecret, ...slackEnvironment }, externalUsers: settings.externalUsers, ...workspace },
    /** For subscribers that count. */
    counting: { multiplier, layout, ...remembering, ...tokens },
    /** How functions run and log, and whether data is protected. Every function gets the environment variables. */
    operation: {
      environment: { NODE_ENV: settings.nodeEnv, DEBUG: String(settings.debug), ERROR: String(settings.error) },
      logRetentionDays,
      tracing: settings.tracing === "xray",
      production,
    },
    /** Which files are archived, what happens to them when their message is deleted, and how long a deletion is remembered. */
    documents: { mimeTypes, archiveDays, deletedMessages },
    /** How long published messages are archived. Undefined if they are not. */
    archive: publishes && messageArchiveDays > 0 ? { days: messageArchiveDays, withPrivate: archivePrivate, eraseAfterDays } : undefined,
    /** Where the weekly digest is posted. Undefined if there is none. */
    digest: digestChannel && slackTeamId ? { channel: digestChannel, team: slackTeamId } : undefined,
    /** What a month may cost. Undefined without a limit. */
    budget: monthlyBudget > 0 ? { dollars: monthlyBudget, emails: errorEmails } : undefined,
    /** Stack outputs that tools and scripts read. */
    outputs: { teamId: slackTeamId, logPrefix: `/aws/lambda/${buildPhysicalName("")}`, keptHours: dedupHours, keyLayout: layout },
    verificationToken,
    signingSecret,
    slackEnvironment,
  };
};

export { groupSettings };
