/** The stack's configuration: every key is defined once, here. `npm run settings` writes the definitions into Pulumi.yaml. */

import { existsSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import * as z from "zod";
import { TASKS_PER_WORKER } from "#core/agent/task";
import { APPROVABLE_TOOL_NAMES } from "#core/agent/tools";
import { parseTurnLength } from "#core/dibs/duration";
import { splitText } from "#core/message/tokens";

/** A value as Pulumi.yaml and Pulumi.STACK.yaml write it. */
type YamlValue = string | number | boolean | string[] | number[] | Record<string, string | number>;

/** What values a key takes. Pulumi keeps every value as text, lists and objects as JSON. */
interface Kind<T> {
  schema: z.ZodType<T, string>;
  /** Ends the sentence that refuses a value: "KEY is VALUE, but must be ...". */
  mustBe: string;
  /** A value for the command that sets the key; the default if left out. */
  example?: string;
  /**
   * The type in Pulumi.yaml, which the Pulumi CLI checks. Lists and objects have none: with a type, the CLI would refuse the JSON text that
   * `pulumi config set KEY '["a"]'` stores. Secrets have none: with a type, the CLI would refuse a stack that does not set them (ADR 22).
   */
  type?: "string" | "integer" | "boolean";
}

interface Definition extends Omit<Kind<unknown>, "schema"> {
  example: string;
  /** What the key is for, in a sentence. */
  description: string;
  /** The value in a stack that does not set the key. A key without a default may stay unset. */
  default?: YamlValue;
  isSecret: boolean;
}

/** CloudWatch Logs accepts just these periods, up to a year. */
const RETENTION_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365];

/**
 * The minimum that keeps a message's effects from happening twice: SNS retries for 23 days, Lambda for 6 hours, and a dead-letter
 * queue keeps messages for 14 days; a marker must outlive them all.
 */
const MIN_ARCHIVE_DAYS = 38;

/** Each shard of a board is a query of its own, for every day of `/words month`. */
const MAX_BOARD_SHARDS = 64;

/** Each hot word is 16 counters, which every list of words reads. */
const MAX_HOT_WORDS = 20;

/** Slack's delayed retries come for 24 hours. */
const MIN_DEDUP_HOURS = 25;

/** A new account runs at most 10 functions at once, and the doors need some of them while payroll runs. */
const PAYROLL_AT_ONCE = 4;

/** Step Functions runs at most this many iterations of an inline Map at once. */
const MAX_PAYROLL_AT_ONCE = 40;

const definitions = z.registry<Definition>();

const schema = z.strictObject({
  workspaces: setting(
    oneOf("one", "many"),
    "one",
    "How many workspaces the stack serves: one, or many (every workspace that installs the app with Add to Slack). Set it before the first " +
      "message: a later change hides the earlier counts.",
  ),
  slackClientId: optional(
    pattern(/^\d+\.\d+$/, "an app's client id such as 1000000001.1000000002", "1000000001.1000000002"),
    "Client id of the Slack app. Only with workspaces: many.",
  ),
  slackClientSecret: secret("Client secret of the Slack app. Only with workspaces: many."),
  tokenRotation: setting(
    flag(),
    false,
    "Whether Slack's tokens expire after 12 hours and are refreshed. Slack can't turn it off again. Only with workspaces: many.",
  ),
  eraseAfterDays: setting(
    wholeNumber(0, 3650),
    30,
    "How long the data of a workspace is kept after it has removed the app or Slack has refused its token, days. Only with workspaces: many.",
  ),
  slackSigningSecret: secret("Verifies events, slash commands and buttons. During rotation: two, separated by a comma."),
  slackVerificationToken: secret("Verifies outgoing webhooks, which carry no signature. During rotation: two, separated by a comma."),
  slackBotToken: secret("Bot token of the Slack app, which fetches files and posts messages."),
  slackTeamId: optional(
    pattern(/^[TE][A-Z0-9]+$/, "a workspace's id such as T0001", "T0001"),
    "If set, the program accepts requests of this workspace only.",
  ),
  slackAppId: optional(
    pattern(/^A[A-Z0-9]+$/, "an app's id such as A0001", "A0001"),
    "If set, the program accepts requests of this Slack app only.",
  ),
  slackApiUrl: setting(address(), "https://slack.com/api/", "Address of Slack's Web API."),
  features: setting(
    choicesOf("documents", "payroll", "dibs", "onboarding"),
    ["documents", "payroll", "dibs"],
    "Features of this stack: documents (the file archive), payroll, dibs (turn queues) and onboarding (an example of accounts for new people). A " +
      "feature that is left out creates no resources, and its commands say that it is off. Leaving it out of a deployed stack deletes its data.",
  ),
  publish: setting(
    flag(),
    true,
    "Whether messages are published to the topic messages. With false the doors only count and answer, and what reacts to messages is off: " +
      "subscribers (multiplier, leaderboard, logger), agents, the digest, and the features documents and onboarding. Changing it to false in a " +
      "deployed stack deletes their data. Needs triggersFrom: webhook.",
  ),
  triggersFrom: optional(
    { ...oneOf("webhook", "events"), example: "events" },
    "Where messages that begin with a trigger word come from: webhook (Slack's outgoing webhook, in public channels only) or events (the app " +
      "itself, in every conversation that it is in). Default: webhook, but events with workspaces: many.",
  ),
  joinChannels: setting(flag(), false, "Whether the app joins every public channel, once an hour."),
  split: setting(
    oneOf("words", "annotations"),
    "words",
    "What counts in messages that begin with a trigger word: words, or annotations (hashtags) only.",
  ),
  ignoreWords: setting(listOf(/^\S+$/, "words without spaces", '["the","a"]'), [], "Words that don't count."),
  triggerWords: setting(
    listOf(/^\S+$/, "words without spaces", '["awsadvent"]'),
    ["awsadvent"],
    "Messages that begin with one of these words are counted and answered. An outgoing webhook must have the same words in Slack.",
  ),
  multiplier: setting(wholeNumber(0, 1_000_000), 10, "What the multiplier adds each time a word is said. With 0 there is no multiplier."),
  personalBoards: setting(
    flag(),
    true,
    "Whether people have lists of their own words (/words mine). They make messages about a sixth more expensive.",
  ),
  dedupHours: setting(
    wholeNumber(MIN_DEDUP_HOURS, 24 * 30),
    48,
    "How long repeated deliveries are recognised, hours. Slack retries for up to 24 hours.",
  ),
  archiveDays: setting(wholeNumber(MIN_ARCHIVE_DAYS, 3650), 90, "How long subscribers remember which messages they have handled, days."),
  messageArchiveDays: setting(
    wholeNumber(0, 3650),
    0,
    "How long published messages are archived in a bucket, days; npm run replay can deliver them again. 0 means no archive. With workspaces: many, each " +
      "workspace's messages are encrypted under a key of its own, which is erased with its data.",
  ),
  archivePrivate: setting(flag(), false, "Whether the archive of messages also keeps those of private conversations."),
  successEmails: setting(
    listOf(/^[^\s@]+@[^\s@]+$/, "e-mail addresses", '["team@example.com"]'),
    [],
    "E-mail addresses that get notices of success, except personal ones. Each address must confirm its subscription.",
  ),
  errorEmails: setting(
    listOf(/^[^\s@]+@[^\s@]+$/, "e-mail addresses", '["oncall@example.com"]'),
    [],
    "E-mail addresses that get notices of failure. Each address must confirm its subscription.",
  ),
  monthlyBudget: setting(
    wholeNumber(0, 1_000_000),
    0,
    "What a month of this stack may cost, US dollars. AWS sends e-mails to errorEmails when the forecast is higher, or 80 % is spent. 0 sets no budget. " +
      "The budget counts what carries aws:defaultTags, so activate these tags as cost allocation tags in the billing console.",
  ),
  notifyChannel: optional(
    pattern(/^[CDG][A-Z0-9]+$/, "a channel's id such as C0001", "C0001"),
    "Id of the channel for notices that belong to no other channel. Without it, they go out by e-mail only.",
  ),
  digestChannel: optional(
    pattern(/^[CG][A-Z0-9]+$/, "a channel's id such as C0001", "C0001"),
    "Id of the channel that gets the most frequent public words of each week, on Mondays at 09:00 UTC. Without it there is no digest. Needs slackTeamId.",
  ),
  mimeTypes: setting(
    listOf(/^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*$/, "media types in lower case", '["image/png"]'),
    ["image/png", "image/jpeg", "image/bmp", "image/gif", "image/webp", "application/pdf", "text/csv", "text/plain"],
    "MIME types of the files to archive.",
  ),
  deletedMessages: setting(
    oneOf("keep", "remove"),
    "keep",
    "What becomes of archived files when their message is deleted in Slack: keep, or remove. A production bucket keeps removed files as old versions " +
      "for 30 days. It applies to files that are archived while remove is set.",
  ),
  payroll: setting(
    payroll(),
    { employer: "", currency: "USD", atOnce: PAYROLL_AT_ONCE },
    "What paystubs show in addition to the file's content: the employer, and the currency, which must have hundredths. atOnce: how many Lambda " +
      "functions make paystubs at once, 1 to 40. A new AWS account has a concurrency of 10, which the doors share.",
  ),
  externalUsers: setting(
    oneOf("refuse", "allow"),
    "refuse",
    "Whether people of other companies (Slack Connect) may use slash commands, buttons, agents and turns: refuse or allow. Their messages count either way.",
  ),
  dibsDefault: setting(
    turnLength(),
    "open",
    "How long a turn lasts when it is claimed without a time (/dibs on staging): open (until it is given up), or a length such as 45 minutes or 2h.",
  ),
  agent: setting(
    oneOf("off", "fargate", "agentcore"),
    "off",
    "Agents: off, fargate (a container that starts when there is work) or agentcore (Bedrock AgentCore Runtime). If on, agentToken must be set, " +
      "and pulumi up builds an image, which needs Docker, unless agentRuntimeArn is set.",
  ),
  agentRuntimeArn: optional(
    pattern(
      /^arn:aws[a-z-]*:bedrock-agentcore:[a-z0-9-]+:\d{12}:runtime\/[a-zA-Z]\w{0,99}-[a-zA-Z0-9]{10}$/,
      "the ARN of an AgentCore Runtime",
      "arn:aws:bedrock-agentcore:us-east-1:123456789012:runtime/my_agent-a1B2c3D4e5",
    ),
    "ARN of an AgentCore Runtime that runs an agent of your own, in any language. Only with agent: agentcore. The stack then has no runtime and no image of its " +
      "own, and agentBrain has no effect.",
  ),
  agentBrain: setting(
    oneOf("scripted", "bedrock"),
    "scripted",
    "The agents' brain: scripted follows simple commands, bedrock asks a model on Amazon Bedrock.",
  ),
  agentModel: optional(
    pattern(/^[a-z0-9][a-z0-9.:-]{0,127}$/, "the id of a Bedrock model or of an inference profile", "global.anthropic.claude-sonnet-4-6"),
    "A model or inference profile of Amazon Bedrock. Must be set if agentBrain is bedrock.",
  ),
  agentPrompt: optional(
    pattern(/^[\w./-]{1,200}$/, "the path of a text file", "prompts/agent.md"),
    "Path of a file with the system prompt: who the agent is, and how your team works. Relative to the project.",
  ),
  agentTemperature: optional(
    pattern(/^(0(\.[0-9]{1,3})?|1(\.0{1,3})?)$/, "a number from 0 to 1", "0.2"),
    "The model's temperature, 0 to 1. Default: the model's own.",
  ),
  agentMaxTokens: setting(wholeNumber(256, 64_000), 4096, "The most tokens in one answer of the model."),
  agentGuardrail: optional(
    pattern(/^[a-z0-9]{1,64}:(DRAFT|[1-9][0-9]{0,7})$/, "ID:VERSION of a guardrail of Bedrock", "abc123def456:1"),
    "A guardrail of Amazon Bedrock that checks the model's input and output, as ID:VERSION.",
  ),
  agentTokensPerTask: setting(wholeNumber(0, 100_000_000), 0, "How many tokens of a model a task may use; 0 for no limit."),
  agentTokensPerDay: setting(wholeNumber(0, 999_999_999), 0, "How many tokens all tasks may use per UTC day; 0 for no limit."),
  agentToken: secret("The worker's bearer token for the gateway: any long random text."),
  agentChannels: setting(
    listOf(/^[CDG][A-Z0-9]+$/, "channels' ids", '["C0001"]'),
    [],
    "Ids of channels where agents may post, in addition to the channel of their task.",
  ),
  agentApprovals: setting(
    listOf(new RegExp(`^(${APPROVABLE_TOOL_NAMES.join("|")})$`), APPROVABLE_TOOL_NAMES.join(", "), '["create_trello_card"]'),
    [],
    `Tools whose calls each need a person's approval: ${APPROVABLE_TOOL_NAMES.join(", ")}. post_to_slack includes update_message.`,
  ),
  agentApprovers: setting(
    oneOf("anyone", "others"),
    "anyone",
    "Who may approve a call: anyone, or others (anyone but the person who asked for the task).",
  ),
  agentFollow: setting(
    oneOf("asker", "everyone", "mentions"),
    "asker",
    "Whose replies in an agent's thread start a task: asker (the person who began the thread), everyone, or mentions (only replies that mention the bot).",
  ),
  agentBusy: setting(
    oneOf("queue", "steer", "interrupt"),
    "queue",
    "What happens to a request while a task runs in its thread: queue (it waits), steer (the running task takes it up at its next step) or interrupt " +
      "(the running task is stopped first).",
  ),
  agentTasksPerUser: setting(wholeNumber(1, 20), 3, "How many tasks of one person run at a time. Further tasks wait."),
  agentTasksPerTeam: setting(
    wholeNumber(1, 50),
    4,
    "How many tasks of one workspace run at a time. Further tasks wait, and those of other workspaces go first. Only with workspaces: many. " +
      "With agent: fargate or agentRuntimeArn, it must be less than four times agentWorkers.",
  ),
  agentPostsPerTask: setting(wholeNumber(1, 1000), 20, "How many posts an agent may make per task."),
  agentPostsPerDay: setting(
    wholeNumber(1, 100_000),
    200,
    "How many posts agents may make per UTC day, all together or, with workspaces: many, in each workspace.",
  ),
  agentVpc: setting(
    oneOf("default", "own"),
    "default",
    "Where workers run: default (the account's default VPC) or own (a VPC of their own).",
  ),
  agentWorkers: setting(
    wholeNumber(1, 100),
    2,
    "The most workers at a time. Each works on four tasks. With agent: agentcore, it has an effect only if agentRuntimeArn is set.",
  ),
  agentGatewayRoles: setting(
    listOf(/^[\w+=,.@-]{1,64}$/, "names of IAM roles", '["my-agent"]'),
    [],
    "Names of IAM roles that may call the AgentCore Gateway (with agent: agentcore), for your own agents.",
  ),
  trelloKey: secret("API key of Trello. Agents can make cards if trelloKey, trelloToken and trelloList are set."),
  trelloToken: secret("Token of Trello, for the board that the list is on."),
  trelloList: optional(
    pattern(/^[A-Za-z0-9]{1,64}$/, "a list's id", "5abbe4b7ddc1b351ef961414"),
    "Id of the Trello list on which agents may make cards. It has no effect with workspaces: many, because all workspaces would share the list.",
  ),
  trelloApiUrl: setting(address(), "https://api.trello.com/1/", "Address of Trello's API."),
  domain: optional(
    pattern(
      /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/,
      "a domain of your own such as slack.example.com",
      "slack.example.com",
    ),
    "A domain of your own for the doors, such as slack.example.com. Needs domainZone or domainCertificate. Paste the new slackManifest into Slack afterwards.",
  ),
  domainZone: optional(
    pattern(/^Z[A-Z0-9]{1,31}$/, "the id of a hosted zone", "Z0123456789ABCDEFGHIJ"),
    "Id of the Route 53 hosted zone that contains the domain. The stack creates its records there.",
  ),
  domainCertificate: optional(
    pattern(
      /^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[0-9a-f-]+$/,
      "the ARN of a certificate",
      "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012",
    ),
    "ARN of an ACM certificate for the domain, in the stack's region. Default: the stack creates one, and validates it in domainZone.",
  ),
  logText: setting(flag(), false, "Whether the logger writes the text of public messages. It never writes the text of private ones."),
  logRetentionDays: setting(retention(), 30, "How long logs are kept, days."),
  tracing: setting(
    oneOf("off", "xray"),
    "off",
    "Whether AWS X-Ray traces functions and pipelines: off or xray. X-Ray keeps traces for 30 days, and AWS bills each trace.",
  ),
  debug: setting(flag(), false, "Whether every function logs each step."),
  error: setting(flag(), false, "Whether every function logs the stack, cause and context of each error."),
  nodeEnv: setting(
    oneOf("production", "development", "test", "prod", "dev"),
    "production",
    "NODE_ENV of every function. With test, files are also fetched from the host of slackApiUrl, which is then a test server.",
  ),
  requestsPerSecond: setting(
    wholeNumber(1, 10_000),
    500,
    "The rate limit of all public routes together, requests per second. Requests above it get 429.",
  ),
  burst: setting(wholeNumber(1, 5000), 1000, "How many requests may come at once, above the rate limit."),
  boardShards: setting(
    wholeNumber(1, MAX_BOARD_SHARDS),
    1,
    "Over how many partition keys of DynamoDB each board and each ranking of words is spread, 1 to 64. Each allows some 50 messages of ten words a " +
      "second, and costs one more query to read a board. Before you change it, add its present value to formerBoardShards; afterwards run " +
      "npm run reindex.",
  ),
  formerBoardShards: setting(
    shardCounts(),
    [1],
    "Earlier values of boardShards, whose rows are also read. After npm run reindex, set it to []: reading is then cheaper.",
  ),
  hotWords: setting(
    words(),
    [],
    "Words and hashtags that are in almost every message, such as a trigger word. Each has 16 counters, which are added up when they are read. To take " +
      "a word out again, move it to formerHotWords.",
  ),
  formerHotWords: setting(words(), [], "Words that were in hotWords, whose counters are also read. After npm run reindex, set it to []."),
  production: setting(
    flag(),
    false,
    "true protects tables and buckets from deletion, keeps tables restorable, and keeps old versions of objects for 30 days.",
  ),
});

type Values = z.output<typeof schema>;
type Key = keyof Values;
type SecretKey =
  | "slackSigningSecret"
  | "slackVerificationToken"
  | "slackBotToken"
  | "slackClientSecret"
  | "agentToken"
  | "trelloKey"
  | "trelloToken";

/** The values, with defaults that depend on other keys. */
type Resolved = Omit<Values, "triggersFrom"> & { triggersFrom: "webhook" | "events" };

/** The checked configuration. Secrets stay outputs. */
type Settings = Omit<Resolved, SecretKey> & { [K in SecretKey]?: pulumi.Output<string> };

/** What belongs to one workspace, and so has no effect with many. */
const OF_ONE_WORKSPACE = ["slackTeamId", "slackBotToken", "notifyChannel", "trelloList"] as const;

/** The features that messages, or other events on their topic, start. */
const MESSAGE_FEATURES: Settings["features"] = ["documents", "onboarding"];

const KEYS = Object.keys(schema.shape) as Key[];

const definitionOf = (key: Key): Definition => definitions.get(schema.shape[key])!;

/**
 * Reads and checks the whole configuration.
 *
 * Throws `pulumi.RunError` with a sentence that names the key, quotes the value (never a secret's) and shows the command that sets
 * it; it refuses unknown keys the same way. A missing secret only warns: Slack gives it out once the app exists, and until then the
 * doors refuse every request.
 */
const readSettings = (): Settings => {
  const config = new pulumi.Config();
  refuseOtherNamespaces(config.name);
  const texts = textsOf(config.name);
  const parsed = schema.safeParse(texts);
  if (!parsed.success) throw explain(config.name, texts, parsed.error.issues);
  const chosen = parsed.data.workspaces === "many" ? forMany(config.name, parsed.data) : forOne(parsed.data);
  const values = chosen.publish ? chosen : withoutMessages(chosen);
  if (!values.publish && values.triggersFrom === "events") {
    throw new pulumi.RunError(
      `${config.name}:publish is "false", but must be "true" where ${config.name}:triggersFrom is "events": the app's answers travel by the topic. ` +
        setWith(config.name, "publish"),
    );
  }
  const hasAgent = values.agent !== "off";
  checkOwnAgent(config.name, values);
  if (hasAgent && values.agentBrain === "bedrock" && values.agentModel === undefined) {
    throw new pulumi.RunError(
      `${config.name}:agentModel is not set, and ${config.name}:agentBrain is "bedrock". ${setWith(config.name, "agentModel")}`,
    );
  }
  if (values.agentPrompt !== undefined && !existsSync(values.agentPrompt)) {
    throw new pulumi.RunError(
      `${config.name}:agentPrompt is "${values.agentPrompt}", but must be the path of a text file. ${setWith(config.name, "agentPrompt")}`,
    );
  }
  if (values.digestChannel !== undefined && values.slackTeamId === undefined) {
    throw new pulumi.RunError(
      `${config.name}:slackTeamId is not set, and ${config.name}:digestChannel is "${values.digestChannel}". ${setWith(config.name, "slackTeamId")}`,
    );
  }
  if (values.domain !== undefined && values.domainZone === undefined && values.domainCertificate === undefined) {
    throw new pulumi.RunError(
      `${config.name}:domain is "${values.domain}", but must come with ${config.name}:domainZone or ${config.name}:domainCertificate. ` +
        setWith(config.name, "domainZone"),
    );
  }
  if (values.monthlyBudget > 0 && values.errorEmails.length === 0) {
    throw new pulumi.RunError(
      `${config.name}:errorEmails is "[]", but must name somebody where ${config.name}:monthlyBudget is "${values.monthlyBudget}": AWS sends its warnings there. ` +
        setWith(config.name, "errorEmails"),
    );
  }
  const isMany = values.workspaces === "many";
  if (isMany && values.slackClientId === undefined) warnOfMissing(config.name, "slackClientId");
  const secretOf = (key: SecretKey) => (values[key] ? config.getSecret(key) : undefined);
  const neededSecretOf = (key: SecretKey) => secretOf(key) ?? warnOfMissing(config.name, key);
  if (values.errorEmails.length === 0 && values.notifyChannel === undefined) warnOfSilence(config.name);
  return {
    ...values,
    slackSigningSecret: neededSecretOf("slackSigningSecret"),
    // Events need it only if there is no signing secret.
    slackVerificationToken: (values.triggersFrom === "webhook" ? neededSecretOf : secretOf)("slackVerificationToken"),
    slackBotToken: isMany ? undefined : neededSecretOf("slackBotToken"),
    slackClientSecret: isMany ? neededSecretOf("slackClientSecret") : undefined,
    agentToken: hasAgent ? neededSecretOf("agentToken") : undefined,
    // Without these, agents have no tool for Trello.
    trelloKey: secretOf("trelloKey"),
    trelloToken: secretOf("trelloToken"),
  };
};

/** Checks what an agent of your own needs, and what it can't do. */
function checkOwnAgent(project: string, { agentRuntimeArn, agent, agentBusy }: Resolved) {
  if (agentRuntimeArn === undefined) return;
  if (agent === "fargate") {
    throw new pulumi.RunError(
      `${project}:agent is "fargate", but must be "agentcore" where ${project}:agentRuntimeArn is "${agentRuntimeArn}". ` +
        `Set it with: pulumi config set ${project}:agent agentcore`,
    );
  }
  if (agentBusy === "steer") {
    throw new pulumi.RunError(
      `${project}:agentBusy is "steer", but must be "queue" or "interrupt" where ${project}:agentRuntimeArn is "${agentRuntimeArn}": ` +
        `an agent of your own gets one request at a time. ${setWith(project, "agentBusy")}`,
    );
  }
}

function forOne(values: Values): Resolved {
  return { ...values, triggersFrom: values.triggersFrom ?? "webhook" };
}

/** Checks and completes the values for many workspaces. What belongs to one of them has no effect. */
function forMany(project: string, values: Values): Resolved {
  if (values.triggersFrom === "webhook") {
    throw new pulumi.RunError(
      `${project}:triggersFrom is "webhook", but must be "events" where ${project}:workspaces is "many": an outgoing webhook belongs to one workspace. ` +
        setWith(project, "triggersFrom"),
    );
  }
  if (values.digestChannel !== undefined) {
    throw new pulumi.RunError(
      `${project}:digestChannel is "${values.digestChannel}", but must not be set where ${project}:workspaces is "many": a channel belongs to one workspace. ` +
        `Remove it with: pulumi config rm ${project}:digestChannel`,
    );
  }
  const { agent, agentRuntimeArn, agentTasksPerTeam, agentWorkers } = values;
  const isLimited = agent === "fargate" || (agent === "agentcore" && agentRuntimeArn !== undefined);
  if (isLimited && agentTasksPerTeam >= agentWorkers * TASKS_PER_WORKER) {
    throw new pulumi.RunError(
      `${project}:agentTasksPerTeam is "${agentTasksPerTeam}", but must be less than ${agentWorkers * TASKS_PER_WORKER} where ${project}:workspaces is ` +
        `"many" and ${project}:agentWorkers is "${agentWorkers}": the tasks of one workspace must leave room for others. ` +
        setWith(project, "agentTasksPerTeam"),
    );
  }
  const ignored = OF_ONE_WORKSPACE.filter(key => values[key] !== undefined);
  if (ignored.length > 0) warnOfIgnored(project, ignored);
  return { ...values, triggersFrom: "events", slackTeamId: undefined, notifyChannel: undefined, trelloList: undefined };
}

/** Turns off what needs the topic `messages`, when nothing is published. The topic itself creates no subscribers then. */
function withoutMessages(values: Resolved): Resolved {
  const features = values.features.filter(feature => !MESSAGE_FEATURES.includes(feature));
  return { ...values, agent: "off", digestChannel: undefined, messageArchiveDays: 0, features };
}

/** What the stack sets, by key. Pulumi.yaml gives optional keys an empty default, which means "not set". */
function textsOf(project: string): Record<string, string> {
  const isUnset = (key: string, text: string) => text === "" && isKey(key) && definitionOf(key).default === undefined;
  const own = Object.entries(pulumi.runtime.allConfig() ?? {}).filter(([fullKey]) => fullKey.startsWith(`${project}:`));
  const texts = own.map(([fullKey, text]) => [fullKey.slice(project.length + 1), text] as const);
  return Object.fromEntries(texts.filter(([key, text]) => !isUnset(key, text)));
}

/**
 * Refuses settings under the name that the project had before it was renamed: nothing would read them. They are recognized by a namespace
 * that has only keys of this program, as no provider has.
 */
function refuseOtherNamespaces(project: string) {
  const fullKeys = Object.keys(pulumi.runtime.allConfig() ?? {});
  for (const namespace of new Set(fullKeys.map(namespaceOf))) {
    const left = fullKeys.filter(fullKey => namespaceOf(fullKey) === namespace);
    if (namespace === project || !left.every(fullKey => isKey(fullKey.slice(namespace.length + 1)))) continue;
    const more = left.length > 1 ? ` and ${left.length - 1} more` : "";
    const file = `Pulumi.${pulumi.getStack()}.yaml`;
    throw new pulumi.RunError(
      `Pulumi.yaml names the project ${project}, but ${file} still sets ${left[0]}${more}. Replace ${namespace}: by ${project}: in ${file}.`,
    );
  }
}

function namespaceOf(fullKey: string): string {
  return fullKey.slice(0, fullKey.indexOf(":"));
}

function isKey(key: string): key is Key {
  return Object.hasOwn(schema.shape, key);
}

function explain(project: string, texts: Record<string, string>, issues: z.core.$ZodIssue[]): pulumi.RunError {
  const unknown = issues.flatMap(issue => (issue.code === "unrecognized_keys" && issue.path.length === 0 ? issue.keys : []))[0];
  if (unknown !== undefined) {
    return new pulumi.RunError(
      `${project}:${unknown} is not a key of this program. It knows ${KEYS.join(", ")}. Remove it with: pulumi config rm ${project}:${unknown}`,
    );
  }
  const key = issues[0]!.path[0] as Key;
  return new pulumi.RunError(
    `${project}:${key} is ${JSON.stringify(texts[key])}, but must be ${definitionOf(key).mustBe}. ${setWith(project, key)}`,
  );
}

function setWith(project: string, key: Key): string {
  return `Set it with: pulumi config set ${project}:${key} '${definitionOf(key).example}'`;
}

function warnOfMissing(project: string, key: Key): undefined {
  const value = definitionOf(key).isSecret ? `--secret ${project}:${key} VALUE` : `${project}:${key} '${definitionOf(key).example}'`;
  void pulumi.log.warn(
    `${project}:${key} is not set, so the program refuses every request that needs it. Set it with: pulumi config set ${value}`,
  );
}

function warnOfIgnored(project: string, keys: readonly Key[]) {
  const names = keys.map(key => `${project}:${key}`).join(", ");
  void pulumi.log.warn(`${project}:workspaces is "many", so these settings of one workspace have no effect: ${names}.`);
}

/** Dead letters and failed pipelines still raise alarms, but nobody is notified. */
function warnOfSilence(project: string) {
  void pulumi.log.warn(
    `${project}:errorEmails is empty and ${project}:notifyChannel is not set, so nobody is notified of background failures. Set one with: pulumi config set ${project}:errorEmails '${definitionOf("errorEmails").example}'`,
  );
}

function setting<T>({ schema, ...kind }: Kind<T>, fallback: YamlValue, description: string) {
  const text = typeof fallback === "string" ? fallback : JSON.stringify(fallback);
  return schema.prefault(text).register(definitions, { example: text, ...kind, description, default: fallback, isSecret: false });
}

function optional<T>({ schema, ...kind }: Kind<T> & { example: string }, description: string) {
  return schema.optional().register(definitions, { ...kind, description, isSecret: false });
}

function secret(description: string) {
  return z.string().optional().register(definitions, { mustBe: "a secret", example: "VALUE", description, isSecret: true });
}

function flag(): Kind<boolean> {
  return {
    schema: z.enum(["true", "false"]).transform(text => text === "true"),
    mustBe: "true or false",
    example: "true",
    type: "boolean",
  };
}

function wholeNumber(min: number, max: number): Kind<number> {
  return {
    schema: z
      .string()
      .regex(/^\d{1,9}$/)
      .transform(Number)
      .pipe(z.int().min(min).max(max)),
    mustBe: `a whole number from ${min} to ${max}`,
    type: "integer",
  };
}

function retention(): Kind<number> {
  return {
    schema: z.enum(RETENTION_DAYS.map(String)).transform(Number),
    mustBe: `one of ${RETENTION_DAYS.join(", ")} days`,
    type: "integer",
  };
}

function oneOf<const T extends [string, ...string[]]>(...choices: T): Kind<T[number]> {
  return { schema: z.enum(choices), mustBe: choices.join(" or "), type: "string" };
}

function pattern(shape: RegExp, mustBe: string, example: string) {
  return { schema: z.string().regex(shape), mustBe, example, type: "string" as const };
}

/** Names of methods are appended to it: without a slash at its end, the last part of its path would be lost. */
function address(): Kind<string> {
  return {
    schema: z
      .string()
      .regex(/^https?:\/\/[^\s/?#@]+(\/[^\s?#]*)?$/)
      .transform(text => text.replace(/\/?$/, "/")),
    mustBe: "an http(s) address",
    type: "string",
  };
}

function turnLength(): Kind<number | null> {
  const read = (text: string) => {
    const length = parseTurnLength(text);
    return typeof length === "object" && length !== null ? undefined : length;
  };
  return {
    schema: z.string().transform(read).pipe(z.number().nullable()),
    mustBe: 'open, or how long a turn lasts, such as "45 minutes" or "2h" (1 second to 30 days)',
    type: "string",
  };
}

function choicesOf<const T extends [string, ...string[]]>(...choices: T): Kind<T[number][]> {
  return {
    schema: uniqueItems(z.enum(choices)),
    mustBe: `a JSON list of ${choices.join(", ")}`,
  };
}

function listOf(shape: RegExp, items: string, example: string): Kind<string[]> {
  return {
    schema: uniqueItems(z.string().regex(shape)),
    mustBe: `a JSON list of ${items}`,
    example,
  };
}

function shardCounts(): Kind<number[]> {
  return {
    schema: uniqueItems(z.coerce.number().pipe(z.int().min(1).max(MAX_BOARD_SHARDS))),
    mustBe: `a JSON list of whole numbers from 1 to ${MAX_BOARD_SHARDS}`,
    example: "[1]",
  };
}

function words(): Kind<string[]> {
  return {
    schema: json()
      .pipe(z.array(z.string()))
      .transform(list => list.map(text => splitText(text)))
      .pipe(z.array(z.array(z.string()).length(1)))
      .transform(list => [...new Set(list.flat())])
      .pipe(z.array(z.string()).max(MAX_HOT_WORDS)),
    mustBe: `a JSON list of at most ${MAX_HOT_WORDS} single words or hashtags`,
    example: '["awsadvent"]',
  };
}

function payroll() {
  return {
    schema: json().pipe(
      z.strictObject({
        employer: z.string().max(100).default(""),
        currency: z.string().refine(hasHundredths).default("USD"),
        atOnce: z.int().min(1).max(MAX_PAYROLL_AT_ONCE).default(PAYROLL_AT_ONCE),
      }),
    ),
    mustBe: 'a JSON object with "employer" (text), "currency" (ISO 4217, one with hundredths) and "atOnce" (a whole number from 1 to 40)',
    example: '{"employer": "Example Ltd", "currency": "USD", "atOnce": 4}',
  };
}

/** Amounts are whole hundredths, so the currency must have them: USD and EUR do, JPY and KWD don't. */
function hasHundredths(currency: string): boolean {
  if (!Intl.supportedValuesOf("currency").includes(currency)) return false;
  return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits === 2;
}

/** Repeated items are dropped: two resources of one name would fail the preview without naming the key. */
function uniqueItems<T>(item: z.ZodType<T>) {
  return json()
    .pipe(z.array(item))
    .transform(list => [...new Set(list)]);
}

/** A value as JSON text. */
function json() {
  return z.string().transform(parseJson);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export type { Definition, Key, Settings };
export { definitionOf, isKey, KEYS, readSettings };
