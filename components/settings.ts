import * as pulumi from "@pulumi/pulumi";

// The one list of tools: a setting names some of them.
const { APPROVABLE_TOOL_NAMES } = require("#core/agent/tools") as typeof import("#core/agent/tools");

// A setting is read as the time in `/dibs on X for ...` is.
const { parseTurnLength } = require("#core/dibs/duration") as typeof import("#core/dibs/duration");

/**
 * The stack's configuration, checked. Secrets stay outputs; what is missing is undefined. `Pulumi.dev.yaml` says what each key is for,
 * `readers` what it may be, and `defaults` what it is where nothing is said. The two addresses are for pretend services.
 */
interface Settings {
  slackSigningSecret?: pulumi.Output<string>;
  slackVerificationToken?: pulumi.Output<string>;
  slackBotToken?: pulumi.Output<string>;
  slackTeamId?: string;
  slackAppId?: string;
  slackApiUrl: string;
  split: "words" | "annotations";
  ignoreWords: string[];
  triggerWords: string[];
  multiplier: number;
  dedupHours: number;
  archiveDays: number;
  successEmails: string[];
  errorEmails: string[];
  notifyChannel?: string;
  mimeTypes: string[];
  payroll: PayrollSettings;
  /** Whether people of other companies (Slack Connect) may use slash commands, buttons, agents and turns. */
  externalUsers: "refuse" | "allow";
  /** How many seconds a turn lasts that is claimed without a time; null for an open turn. */
  dibsDefault: number | null;
  agent: "off" | "fargate" | "agentcore";
  agentBrain: "scripted" | "bedrock";
  /** Of Amazon Bedrock: a model's id, or an inference profile's. There is one where the brain is bedrock. */
  agentModel?: string;
  agentToken?: pulumi.Output<string>;
  agentChannels: string[];
  agentApprovals: string[];
  /** Who may approve a call: anyone who sees the message, or anyone but the person who asked for the task. */
  agentApprovers: "anyone" | "others";
  agentTasksPerUser: number;
  agentPostsPerTask: number;
  agentPostsPerDay: number;
  agentVpc: "default" | "own";
  agentWorkers: number;
  agentGatewayRoles: string[];
  trelloKey?: pulumi.Output<string>;
  trelloToken?: pulumi.Output<string>;
  trelloList?: string;
  trelloApiUrl: string;
  logText: boolean;
  logRetentionDays: number;
  debug: boolean;
  error: boolean;
  nodeEnv: string;
  requestsPerSecond: number;
  burst: number;
  production: boolean;
}

interface PayrollSettings {
  /** On paystubs, where it is said. */
  employer: string;
  /** ISO 4217. */
  currency: string;
  /** Ranges of paystubs that are made at once. */
  atOnce: number;
}

/** How one key's value is read: gives the value or says what is wanted. */
interface Reader<T> {
  want: string;
  /** An example for the command that sets it. */
  example: string;
  read(text: string): T | undefined;
}

/** What CloudWatch Logs accepts as retention, up to a year. */
const retentionDays = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365];

/**
 * The least that keeps a message's effects from happening twice: SNS retries for 23 days, Lambda for 6 hours, and a dead-letter
 * queue keeps for 14 days; a marker must outlive them all.
 */
const leastArchiveDays = 38;

/** Slack's delayed retries come for 24 hours. */
const leastDedupHours = 25;

/** Below the 10 functions at once that a new account may run: the doors need some of them while payroll runs. */
const payrollAtOnce = 4;

/** Step Functions runs at most as many iterations of an inline Map at once. */
const mostPayrollAtOnce = 40;

/** What holds where nothing is said; lists not named here are empty, and switches off. */
const defaults = {
  slackApiUrl: "https://slack.com/api/",
  split: "words",
  triggerWords: ["awsadvent"],
  multiplier: 10,
  // A day more than Slack's delayed retries last.
  dedupHours: 48,
  archiveDays: 90,
  mimeTypes: ["image/png", "image/jpeg", "image/bmp", "image/gif", "image/webp", "application/pdf", "text/csv", "text/plain"],
  payroll: { employer: "", currency: "USD", atOnce: payrollAtOnce },
  externalUsers: "refuse",
  dibsDefault: null,
  agent: "off",
  agentBrain: "scripted",
  agentApprovers: "anyone",
  agentTasksPerUser: 3,
  agentPostsPerTask: 20,
  agentPostsPerDay: 200,
  agentVpc: "default",
  agentWorkers: 2,
  trelloApiUrl: "https://api.trello.com/1/",
  logRetentionDays: 30,
  nodeEnv: "production",
  requestsPerSecond: 500,
  burst: 1000,
} satisfies Partial<Settings>;

const readers = {
  slackSigningSecret: secret(),
  slackVerificationToken: secret(),
  slackBotToken: secret(),
  slackTeamId: pattern(/^[TE][A-Z0-9]+$/, "a workspace's id such as T0001", "T0001"),
  slackAppId: pattern(/^A[A-Z0-9]+$/, "an app's id such as A0001", "A0001"),
  slackApiUrl: address(defaults.slackApiUrl),
  split: oneOf("words", "annotations"),
  ignoreWords: listOf(/^\S+$/, "words without spaces", '["the","a"]'),
  triggerWords: listOf(/^\S+$/, "words without spaces", '["awsadvent"]'),
  multiplier: wholeNumber(0, 1_000_000, defaults.multiplier),
  dedupHours: wholeNumber(leastDedupHours, 24 * 30, defaults.dedupHours),
  archiveDays: wholeNumber(leastArchiveDays, 3650, defaults.archiveDays),
  successEmails: listOf(/^[^\s@]+@[^\s@]+$/, "e-mail addresses", '["team@example.com"]'),
  errorEmails: listOf(/^[^\s@]+@[^\s@]+$/, "e-mail addresses", '["oncall@example.com"]'),
  notifyChannel: pattern(/^[CDG][A-Z0-9]+$/, "a channel's id such as C0001", "C0001"),
  mimeTypes: listOf(/^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*$/, "media types in lower case", '["image/png"]'),
  payroll: payroll(),
  externalUsers: oneOf("refuse", "allow"),
  dibsDefault: {
    want: 'open, or how long a turn lasts, such as "45 minutes" or "2h" (1 second to 30 days)',
    example: "open",
    read: text => {
      const length = parseTurnLength(text);
      return typeof length === "object" && length !== null ? undefined : length;
    },
  } satisfies Reader<number | null>,
  agent: oneOf("off", "fargate", "agentcore"),
  agentBrain: oneOf("scripted", "bedrock"),
  agentModel: pattern(
    /^[a-z0-9][a-z0-9.:-]{0,127}$/,
    "the id of a Bedrock model or of an inference profile",
    "anthropic.claude-sonnet-4-20250514-v1:0",
  ),
  agentToken: secret(),
  agentChannels: listOf(/^[CDG][A-Z0-9]+$/, "channels' ids", '["C0001"]'),
  agentApprovals: listOf(new RegExp(`^(${APPROVABLE_TOOL_NAMES.join("|")})$`), APPROVABLE_TOOL_NAMES.join(", "), '["create_trello_card"]'),
  agentApprovers: oneOf("anyone", "others"),
  agentTasksPerUser: wholeNumber(1, 20, defaults.agentTasksPerUser),
  agentPostsPerTask: wholeNumber(1, 1000, defaults.agentPostsPerTask),
  agentPostsPerDay: wholeNumber(1, 100_000, defaults.agentPostsPerDay),
  agentVpc: oneOf("default", "own"),
  agentWorkers: wholeNumber(1, 100, defaults.agentWorkers),
  agentGatewayRoles: listOf(/^[\w+=,.@-]{1,64}$/, "names of IAM roles", '["my-agent"]'),
  trelloKey: secret(),
  trelloToken: secret(),
  trelloList: pattern(/^[A-Za-z0-9]{1,64}$/, "a list's id", "5abbe4b7ddc1b351ef961414"),
  trelloApiUrl: address(defaults.trelloApiUrl),
  logText: flag(),
  logRetentionDays: {
    want: `one of ${retentionDays.join(", ")} days`,
    example: String(defaults.logRetentionDays),
    read: text => retentionDays.find(days => String(days) === text),
  } satisfies Reader<number>,
  debug: flag(),
  error: flag(),
  nodeEnv: oneOf("production", "test"),
  requestsPerSecond: wholeNumber(1, 10_000, defaults.requestsPerSecond),
  burst: wholeNumber(1, 5000, defaults.burst),
  production: flag(),
} satisfies Record<string, Reader<unknown>>;

type Key = keyof typeof readers;

/**
 * Reads and checks the whole configuration.
 *
 * Throws `pulumi.RunError` with a sentence that names the key, quotes the value (never a secret's) and shows the command that sets
 * it; a key that is not known is refused likewise. A missing secret only warns: Slack gives it out once the app exists, and until
 * then the doors refuse every request.
 */
const readSettings = (): Settings => {
  const config = new pulumi.Config();
  refuseUnknownKeys(config.name);
  const value = <K extends Key>(key: K) => readValue(config, key);
  const settings: Settings = {
    slackSigningSecret: secretOf(config, "slackSigningSecret"),
    slackVerificationToken: secretOf(config, "slackVerificationToken"),
    slackBotToken: secretOf(config, "slackBotToken"),
    slackTeamId: value("slackTeamId"),
    slackAppId: value("slackAppId"),
    slackApiUrl: value("slackApiUrl") ?? defaults.slackApiUrl,
    split: value("split") ?? defaults.split,
    ignoreWords: value("ignoreWords") ?? [],
    triggerWords: value("triggerWords") ?? defaults.triggerWords,
    multiplier: value("multiplier") ?? defaults.multiplier,
    dedupHours: value("dedupHours") ?? defaults.dedupHours,
    archiveDays: value("archiveDays") ?? defaults.archiveDays,
    successEmails: value("successEmails") ?? [],
    errorEmails: value("errorEmails") ?? [],
    notifyChannel: value("notifyChannel"),
    mimeTypes: value("mimeTypes") ?? defaults.mimeTypes,
    payroll: value("payroll") ?? defaults.payroll,
    externalUsers: value("externalUsers") ?? defaults.externalUsers,
    dibsDefault: value("dibsDefault") ?? defaults.dibsDefault,
    ...readAgent(config),
    logText: value("logText") ?? false,
    logRetentionDays: value("logRetentionDays") ?? defaults.logRetentionDays,
    debug: value("debug") ?? false,
    error: value("error") ?? false,
    nodeEnv: value("nodeEnv") ?? defaults.nodeEnv,
    requestsPerSecond: value("requestsPerSecond") ?? defaults.requestsPerSecond,
    burst: value("burst") ?? defaults.burst,
    production: value("production") ?? false,
  };
  if (settings.errorEmails.length === 0 && settings.notifyChannel === undefined) warnOfSilence(config.name);
  return settings;
};

function readAgent(config: pulumi.Config) {
  const value = <K extends Key>(key: K) => readValue(config, key);
  const agent = value("agent") ?? defaults.agent;
  const agentBrain = value("agentBrain") ?? defaults.agentBrain;
  const agentModel = value("agentModel");
  if (agent !== "off" && agentBrain === "bedrock" && agentModel === undefined) {
    throw new pulumi.RunError(
      `${config.name}:agentModel is not set, and ${config.name}:agentBrain is "bedrock". Set it with: pulumi config set ${config.name}:agentModel '${readers.agentModel.example}'`,
    );
  }
  return {
    agent,
    agentBrain,
    agentModel,
    // Without an agent nobody misses it.
    agentToken: agent === "off" ? undefined : secretOf(config, "agentToken"),
    agentChannels: value("agentChannels") ?? [],
    agentApprovals: value("agentApprovals") ?? [],
    agentApprovers: value("agentApprovers") ?? defaults.agentApprovers,
    agentTasksPerUser: value("agentTasksPerUser") ?? defaults.agentTasksPerUser,
    agentPostsPerTask: value("agentPostsPerTask") ?? defaults.agentPostsPerTask,
    agentPostsPerDay: value("agentPostsPerDay") ?? defaults.agentPostsPerDay,
    agentVpc: value("agentVpc") ?? defaults.agentVpc,
    agentWorkers: value("agentWorkers") ?? defaults.agentWorkers,
    agentGatewayRoles: value("agentGatewayRoles") ?? [],
    // Not every team has a Trello board: without these there is no tool for it.
    trelloKey: config.getSecret("trelloKey"),
    trelloToken: config.getSecret("trelloToken"),
    trelloList: value("trelloList"),
    trelloApiUrl: value("trelloApiUrl") ?? defaults.trelloApiUrl,
  } satisfies Partial<Settings>;
}

function readValue<K extends Key>(config: pulumi.Config, key: K): ReturnType<(typeof readers)[K]["read"]> | undefined {
  const text = config.get(key);
  if (text === undefined) return undefined;
  const reader: Reader<unknown> = readers[key];
  const value = reader.read(text);
  if (value === undefined) {
    throw new pulumi.RunError(
      `${config.name}:${key} is ${JSON.stringify(text)}: want ${reader.want}. Set it with: pulumi config set ${config.name}:${key} '${reader.example}'`,
    );
  }
  return value as ReturnType<(typeof readers)[K]["read"]>;
}

function secretOf(config: pulumi.Config, key: Key): pulumi.Output<string> | undefined {
  const value = config.getSecret(key);
  if (value !== undefined && config.get(key) !== "") return value;
  void pulumi.log.warn(
    `${config.name}:${key} is not set, so what needs it is refused. Set it with: pulumi config set --secret ${config.name}:${key} VALUE`,
  );
  return undefined;
}

/** Dead letters and failed pipelines raise alarms all the same: where nobody is told, nobody knows. */
function warnOfSilence(project: string) {
  void pulumi.log.warn(
    `${project}:errorEmails is empty and ${project}:notifyChannel is not set, so nobody is told of background failures. Set one with: pulumi config set ${project}:errorEmails '${readers.errorEmails.example}'`,
  );
}

function refuseUnknownKeys(project: string) {
  const prefix = `${project}:`;
  const keys = Object.keys(pulumi.runtime.allConfig() ?? {}).filter(key => key.startsWith(prefix));
  for (const key of keys.map(key => key.slice(prefix.length))) {
    if (Object.hasOwn(readers, key)) continue;
    throw new pulumi.RunError(
      `${prefix}${key} is not a key of this program. It knows ${Object.keys(readers).join(", ")}. Remove it with: pulumi config rm ${prefix}${key}`,
    );
  }
}

function secret(): Reader<string> {
  return { want: "a secret", example: "VALUE", read: text => text };
}

function flag(): Reader<boolean> {
  return { want: "true or false", example: "true", read: text => [true, false].find(value => String(value) === text) };
}

function wholeNumber(least: number, most: number, example: number): Reader<number> {
  return {
    want: `a whole number from ${least} to ${most}`,
    example: String(example),
    read: text => (/^\d{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most ? Number(text) : undefined),
  };
}

function oneOf<T extends string>(...choices: [T, ...T[]]): Reader<T> {
  return { want: choices.join(" or "), example: choices[0], read: text => choices.find(choice => choice === text) };
}

function pattern(shape: RegExp, want: string, example: string): Reader<string> {
  return { want, example, read: text => (shape.test(text) ? text : undefined) };
}

/** What methods' names are put behind: without a slash at its end, the last part of its path would be lost. */
function address(example: string): Reader<string> {
  return {
    want: "an http(s) address",
    example,
    read: text => (/^https?:\/\/[^\s/?#@]+(\/[^\s?#]*)?$/.test(text) ? text.replace(/\/?$/, "/") : undefined),
  };
}

function listOf(shape: RegExp, items: string, example: string): Reader<string[]> {
  return {
    want: `a JSON list of ${items}`,
    example,
    read: text => {
      const list = parseJson(text);
      const isRead = Array.isArray(list) && list.every((item): item is string => typeof item === "string" && shape.test(item));
      // Said twice it means no more: two resources of one name would fail the preview without naming the key.
      return isRead ? [...new Set(list)] : undefined;
    },
  };
}

/** Amounts are whole hundredths, so the currency must have them: USD and EUR do, JPY and KWD don't. */
function payroll(): Reader<PayrollSettings> {
  return {
    want: 'a JSON object with "employer" (text), "currency" (ISO 4217, one with hundredths) and "atOnce" (a whole number from 1 to 40)',
    example: '{"employer": "Example Ltd", "currency": "USD", "atOnce": 4}',
    read: text => {
      const value = parseJson(text);
      if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
      const { employer, currency, atOnce, ...unknown }: Record<string, unknown> = { ...defaults.payroll, ...value };
      const isKnown = Object.keys(unknown).length === 0 && typeof employer === "string" && employer.length <= 100;
      if (!isKnown || typeof currency !== "string" || !hasHundredths(currency)) return undefined;
      return isWhole(atOnce, 1, mostPayrollAtOnce) ? { employer, currency, atOnce } : undefined;
    },
  };
}

function isWhole(value: unknown, least: number, most: number): value is number {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

function hasHundredths(currency: string): boolean {
  if (!Intl.supportedValuesOf("currency").includes(currency)) return false;
  return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits === 2;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export type { Settings };
export { readSettings };
