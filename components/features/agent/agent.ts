import { readFileSync } from "node:fs";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { ACTIVE, AGENT_GATEWAY, AGENT_TASKS, BY_ASKER } from "#core/agent/tables";
import type { Needed, ToolName } from "#core/agent/tools";
import { isForModels, listTools } from "#core/agent/tools";
import type { KeyLayout } from "#core/message/count-keys";
import type { AskSettings } from "#functions/commands/ask";
import type { AgentButtonsSettings } from "#functions/interactions/agent-buttons";
import type { RelaySettings } from "#functions/outbox-relay";
import type { HomeSettings } from "#subscribers/home";
import type { FeatureArgs } from "../../resources/feature";
import type { Door, HttpApi } from "../../resources/http-api";
import { deletions } from "../../resources/message-filter";
import type { Queue } from "../../resources/queue";
import { Table } from "../../resources/table";
import type { Topic } from "../../resources/topic";
import type { Settings } from "../../settings/settings";
import {
  applyGuardrail,
  checkItems,
  deleteItems,
  invokeModel,
  measure,
  publish,
  put,
  query,
  queryBoards,
  queryTable,
  queryTop,
  read,
  readWrite,
  send,
  update,
  work,
} from "../../wiring/grants";
import { buildPhysicalName } from "../../wiring/physical-name";
import { Edge, type Wiring, withoutGrant } from "../../wiring/wire";
import type { Dibs } from "../dibs";
import type { Documents } from "../documents";
import type { Workspaces } from "../workspaces";
import { AgentcoreCaller, callerSeconds } from "./agentcore-caller";
import { AgentcoreGateway } from "./agentcore-gateway";
import { AgentcoreRuntime, type AgentcoreRuntimeArgs, dispatcherSeconds } from "./agentcore-runtime";
import { ContainerService } from "./container-service";
import { WorkerImage } from "./worker-image";

interface AgentArgs extends FeatureArgs {
  settings: Settings;
  /** Mentions of the bot become tasks, and `stop` in a thread ends them. */
  messages: Topic;
  /** The API that gets the gateway's route. */
  api: HttpApi;
  /** Tables of the tool `read_words`. */
  words: Table;
  boards: Table;
  /** How the keys of counters are laid out. */
  layout: KeyLayout;
  /** Queues that agents take turns in. */
  dibs: Dibs | undefined;
  /** The archive that agents find files in. */
  documents?: Pick<Documents, "files"> | undefined;
  /** `ACCESS_TOKEN` and `SLACK_URL`, for the gateway alone. */
  slackEnvironment: Record<string, pulumi.Input<string>>;
  /** The installations, where the stack serves many workspaces. */
  workspaces?: Workspaces | undefined;
}

/** What functions do with the agent, each with its settings. */
interface AgentUses {
  /** Send a task to the queue, find a person's tasks and stop them. */
  ask: AskSettings;
  /** Stop a task, and decide about a tool call. */
  press: AgentButtonsSettings;
  /** List a person's unfinished tasks. */
  list: NonNullable<HomeSettings["agent"]>;
  /** Show the sessions that are not up to date. */
  repair: NonNullable<RelaySettings["agentSessions"]>;
  /** Start the first container. */
  wake: NonNullable<RelaySettings["agentService"]>;
}

/** The part of the worker that is the same on both hosts. */
type Worker = Pick<
  AgentcoreRuntimeArgs,
  "image" | "repositoryArn" | "environment" | "tokenParameter" | "allow" | "queue" | "logRetentionDays"
>;

/** Where tasks run: in containers on Fargate, in AgentCore Runtime, or in an AgentCore Runtime of your own. */
type Host = "fargate" | "agentcore" | "own";

/** What every host needs. */
interface Workplace {
  tasks: Table;
  queue: Queue;
  mcpUrl: pulumi.Output<string>;
}

/** Slack's own stop button of an agent session. */
const SESSION_STOPPED = "slack.agent_session_stopped";

/** Slack sends two events for a mention, and only the second if the app is not in the channel. Earlier releases published without a type. */
const MENTION_TYPES = ["slack.message", "slack.app_mention", { exists: false }];

/**
 * Visibility timeout of tasks. A worker extends it while it works, but Lambda requires that it be no less than the function's timeout. For
 * the dispatcher, which extends nothing, it is six times as much.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 */
const VISIBILITY_SECONDS: Record<Host, number> = { fargate: 120, agentcore: 6 * dispatcherSeconds, own: callerSeconds };

/** A task that fails is tried three times. */
const RECEIVES = 3;

/** A tool call may look for an earlier post, post, and wait for Slack's rate limit. API Gateway waits no longer than this. */
const GATEWAY_SECONDS = 30;

/** A turn runs for at most eight hours. Before that, it may wait while other turns of its thread or its person run. */
const OLDEST_SECONDS = 24 * 60 * 60;

/**
 * Agents: a queue of tasks, a worker that may take hours for each, and the gateway through which it reaches Slack.
 *
 * When off, it creates no resources, names or grants.
 */
class Agent extends pulumi.ComponentResource {
  /** Outputs of the stack; empty when off. */
  readonly outputs: Record<string, pulumi.Output<string>> = {};
  /** The token of the gateway, for functions that call it; empty when off. */
  readonly gatewayEnvironment: Record<string, pulumi.Input<string>> = {};
  /** All tables, by their names in the program; empty when off. */
  readonly tables: { "agent-tasks"?: Table; "agent-gateway"?: Table } = {};
  readonly #edges: { [Use in keyof AgentUses]?: () => Wiring<AgentUses[Use]> } = {};

  constructor(name: string, args: AgentArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:agent:Agent", name, {}, opts);
    const { agent, agentRuntimeArn } = args.settings;
    if (agent !== "off") this.#create(name, args, agentRuntimeArn === undefined ? agent : "own");
    this.registerOutputs({});
  }

  /** The agent's resources for a function, and what the function may do with them; undefined when off. */
  may<Use extends keyof AgentUses>(use: Use): Wiring<AgentUses[Use]> | undefined {
    return this.#edges[use]?.();
  }

  #create(name: string, args: AgentArgs, host: Host) {
    const child = { parent: this };
    const { settings, messages, production } = args;

    const tasks = new Table(`${name}-tasks`, { ...AGENT_TASKS, production }, child);
    const ledger = new Table(`${name}-gateway`, { ...AGENT_GATEWAY, production }, child);
    Object.assign(this.tables, { "agent-tasks": tasks, "agent-gateway": ledger });

    // Each mention of the bot is a task, except for a word that stops one.
    const { queue } = messages.subscribeQueue(`${name}-tasks`, name, {
      filter: { type: MENTION_TYPES, mentionsBot: ["true"], intent: [{ exists: false }] },
      visibilitySeconds: VISIBILITY_SECONDS[host],
      receives: RECEIVES,
      oldestSeconds: OLDEST_SECONDS,
    });
    messages.subscribe("stopper", () => require("#subscribers/stopper") as typeof import("#subscribers/stopper"), {
      filter: { type: [...MENTION_TYPES, SESSION_STOPPED], intent: ["stop"] },
      tasksTable: tasks.may(query(ACTIVE), update, queryTable, put),
    });

    const { lambda: gateway, url: mcpUrl } = this.#createGateway(args, tasks, ledger);
    Object.assign(this.gatewayEnvironment, { MCP_TOKEN: settings.agentToken ?? "" });

    // Direct messages and replies in the agent's threads are turns, too. Every turn is shown at once, before any worker has started.
    messages.subscribe("opener", () => require("#subscribers/opener") as typeof import("#subscribers/opener"), {
      filter: {
        type: [...MENTION_TYPES, "slack.ask", ...deletions],
        $or: [{ mentionsBot: ["true"] }, { channelType: ["im"] }, { threaded: ["true"] }],
      },
      environment: { ...args.slackEnvironment, ...this.gatewayEnvironment },
      tasksTable: tasks.may(readWrite, deleteItems),
      queueUrl: queue.may(send),
      gatewayUrl: withoutGrant(mcpUrl),
      follow: settings.agentFollow,
      busy: settings.agentBusy,
      triggerWords: settings.triggerWords,
      tokens: args.workspaces?.may("act"),
      chosen: args.workspaces?.may("read"),
    });
    Object.assign(this.outputs, { mcpUrl, agentQueueUrl: queue.url, tasksTable: tasks.name });
    this.#edges.ask = () => ({
      queueUrl: queue.may(send),
      topicArn: messages.may(publish)!,
      tasksTable: tasks.may(put, query(ACTIVE), update),
    });
    this.#edges.repair = () => ({ tasksTable: tasks.may(queryTable, deleteItems), gatewayUrl: withoutGrant(mcpUrl) });
    this.#edges.press = () => ({
      tasksTable: tasks.may(update, checkItems, read),
      gatewayTable: ledger.may(update, read),
      approvers: settings.agentApprovers,
    });

    this.#edges.list = () => ({ tasksTable: tasks.may(query(BY_ASKER)) });

    const place = { tasks, queue, mcpUrl };
    if (host === "fargate") this.#runOnFargate(name, args, this.#describeWorker(name, args, place));
    else if (host === "agentcore") this.#runOnAgentcore(name, args, { ...this.#describeWorker(name, args, place), ...place });
    else this.#callOwnAgent(name, args, place);
    if (host !== "fargate") this.#offerTools(name, args, gateway);
  }

  /** Creates the one function that holds the credentials of Slack and Trello. It enforces the rules for the agent's tools. */
  #createGateway(args: AgentArgs, tasks: Table, ledger: Table): Door {
    const { settings, api, words, boards, layout, dibs, documents, slackEnvironment, workspaces } = args;
    return api.route("ANY /mcp", () => require("#functions/gateway") as typeof import("#functions/gateway"), {
      name: "gateway",
      timeoutSeconds: GATEWAY_SECONDS,
      tasksTable: tasks.may(readWrite, deleteItems, queryTable),
      gatewayTable: ledger.may(readWrite),
      wordsTable: words.may(...queryTop),
      boardsTable: boards.may(...queryBoards),
      layout,
      teamId: settings.slackTeamId,
      channels: settings.agentChannels,
      approvals: settings.agentApprovals,
      postsPerTask: settings.agentPostsPerTask,
      postsPerDay: settings.agentPostsPerDay,
      trelloList: settings.trelloList ?? "",
      trelloUrl: settings.trelloApiUrl,
      dibs: dibs?.may("change"),
      documents: documents && { filesTable: documents.files.may(queryTable) },
      tokens: workspaces?.may("act"),
      chosen: workspaces?.may("read"),
      environment: {
        ...slackEnvironment,
        MCP_TOKEN: settings.agentToken ?? "",
        TRELLO_KEY: settings.trelloKey ?? "",
        TRELLO_TOKEN: settings.trelloToken ?? "",
      },
    });
  }

  /** Builds the image, and describes what is the same on both hosts. */
  #describeWorker(name: string, args: AgentArgs, { tasks, queue, mcpUrl }: Workplace): Worker {
    const { settings, environment, logRetentionDays } = args;
    const child = { parent: this };
    const { uri: image, repositoryArn } = new WorkerImage(name, { folder: "agent" }, child);
    const tokenParameter =
      settings.agentToken && new aws.ssm.Parameter(`${name}-mcp-token`, { type: "SecureString", value: settings.agentToken }, child);
    return {
      image,
      repositoryArn,
      environment: {
        ...environment,
        ...brainOf(settings),
        SERVICE: buildPhysicalName(name),
        QUEUE_URL: queue.url,
        TASKS_TABLE: tasks.name,
        MCP_URL: mcpUrl,
        TASKS_PER_USER: String(settings.agentTasksPerUser),
        ...(settings.workspaces === "many" && { TASKS_PER_TEAM: String(settings.agentTasksPerTeam) }),
        AGENT_BUSY: settings.agentBusy,
      },
      queue,
      logRetentionDays,
      tokenParameter,
      allow: [
        readWrite(tasks),
        queryTable(tasks),
        deleteItems(tasks),
        checkItems(tasks),
        ...(settings.agentBrain === "bedrock" ? [invokeModel(settings.agentModel!, queue)] : []),
        ...(settings.agentBrain === "bedrock" && settings.agentGuardrail ? [applyGuardrail(settings.agentGuardrail, queue)] : []),
      ],
    };
  }

  #runOnFargate(name: string, { settings }: AgentArgs, { tokenParameter, ...worker }: Worker) {
    const { queue } = worker;
    const service = new ContainerService(
      name,
      {
        ...worker,
        command: ["node", "worker.js"],
        environment: { ...worker.environment, AGENT_MODE: "queue" },
        secrets: tokenParameter === undefined ? {} : { MCP_TOKEN: tokenParameter },
        allow: [work(queue), ...worker.allow],
        most: settings.agentWorkers,
        network: settings.agentVpc,
      },
      { parent: this },
    );
    this.#edges.wake = () => ({
      cluster: new Edge(service.cluster, service.scale),
      service: service.service,
      queueUrl: queue.may(measure),
    });
  }

  /** Runs the worker on AgentCore, where a dispatcher hands it each task. */
  #runOnAgentcore(name: string, { settings, environment, errors, tracing }: AgentArgs, { mcpUrl, ...worker }: Worker & Workplace) {
    new AgentcoreRuntime(
      name,
      {
        ...worker,
        errors,
        tracing,
        gatewayUrl: mcpUrl,
        dispatcherEnvironment: { ...environment, ...this.gatewayEnvironment },
        tasksPerUser: settings.agentTasksPerUser,
        tasksPerTeam: tasksPerTeamOf(settings),
        // It hands tasks back to the queue, but receives none.
        allow: [send(worker.queue), ...worker.allow],
      },
      { parent: this },
    );
  }

  /** Hands each task to an agent of your own. */
  #callOwnAgent(name: string, { settings, environment, logRetentionDays, tracing }: AgentArgs, { tasks, queue, mcpUrl }: Workplace) {
    new AgentcoreCaller(
      name,
      {
        runtimeArn: settings.agentRuntimeArn!,
        queue,
        tasks,
        gatewayUrl: mcpUrl,
        busy: settings.agentBusy,
        tasksPerUser: settings.agentTasksPerUser,
        tasksPerTeam: tasksPerTeamOf(settings),
        workers: settings.agentWorkers,
        environment: { ...environment, ...this.gatewayEnvironment },
        logRetentionDays,
        tracing,
      },
      { parent: this },
    );
  }

  /** Offers the tools behind an AgentCore Gateway, to agents of your own. */
  #offerTools(name: string, { settings, dibs, documents }: AgentArgs, gateway: aws.lambda.Function) {
    const { url } = new AgentcoreGateway(
      `${name}-gateway`,
      {
        gateway,
        tools: offeredTools(settings, { dibs: dibs !== undefined, documents: documents !== undefined }),
        callers: settings.agentGatewayRoles,
      },
      { parent: this },
    );
    Object.assign(this.outputs, { gatewayUrl: url });
  }
}

/** Undefined where the stack serves one workspace. */
const tasksPerTeamOf = ({ workspaces, agentTasksPerTeam }: Settings) => (workspaces === "many" ? agentTasksPerTeam : undefined);

/** The tools that are configured in this stack and meant for models. */
const offeredTools = ({ trelloKey, trelloToken, trelloList }: Settings, has: Omit<Needed, "trello">): ToolName[] => {
  const trello = trelloKey !== undefined && trelloToken !== undefined && trelloList !== undefined;
  return listTools({ ...has, trello }).filter(isForModels);
};

const brainOf = (settings: Settings): Record<string, string> => {
  const { agentBrain, agentModel = "" } = settings;
  const brain = { BRAIN: agentBrain, MODEL_ID: agentModel };
  if (agentBrain !== "bedrock") return brain;
  return {
    ...brain,
    AGENT_PROMPT: settings.agentPrompt === undefined ? "" : readFileSync(settings.agentPrompt, "utf8"),
    TEMPERATURE: settings.agentTemperature ?? "",
    MAX_TOKENS: String(settings.agentMaxTokens),
    GUARDRAIL: settings.agentGuardrail ?? "",
    TOKENS_PER_TASK: String(settings.agentTokensPerTask),
    TOKENS_PER_DAY: String(settings.agentTokensPerDay),
  };
};

export { Agent };
