import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { ToolName } from "#core/agent/tools";
import { AgentcoreGateway } from "./agentcore-gateway";
import { AgentcoreRuntime, dispatcherSeconds } from "./agentcore-runtime";
import { ContainerService } from "./container-service";
import type { Dibs } from "./dibs";
import {
  checkItems,
  deleteItems,
  type Grant,
  invokeModel,
  measure,
  put,
  query,
  queryTable,
  read,
  readWrite,
  send,
  update,
  work,
} from "./grants";
import type { HttpApi, HttpEvent, HttpResult } from "./http-api";
import type { Settings } from "./settings";
import { createTable } from "./table";
import type { Topic } from "./topic";
import { WorkerImage } from "./worker-image";

// Only where they are asked for: schemas take a while to load.
const agentTools = () => require("#core/agent/tools") as typeof import("#core/agent/tools");
const gateway = () => require("#functions/gateway") as typeof import("#functions/gateway");
const stopper = () => require("#subscribers/stopper") as typeof import("#subscribers/stopper");

interface AgentArgs {
  settings: Settings;
  /** Mentions of the bot become tasks, and `stop` in a thread ends them. */
  messages: Topic;
  /** Where the gateway is. */
  api: HttpApi;
  /** Told of tasks that nobody could work off. */
  errors: aws.sns.Topic;
  /** What the tool that reads words reads. */
  words: aws.dynamodb.Table;
  boards: aws.dynamodb.Table;
  /** The index of both that orders them by count. */
  rankingIndex: string;
  /** Queues that agents take turns in. */
  dibs: Dibs;
  /** Switches of all functions, and of the worker. */
  environment: Record<string, pulumi.Input<string>>;
  /** `ACCESS_TOKEN` and `SLACK_URL`, for the gateway alone. */
  slackEnvironment: Record<string, pulumi.Input<string>>;
}

/** Names of what the agent is made of, for the doors. */
interface AgentNames {
  queueUrl: string;
  tasksTable: string;
  activeIndex: string;
  gatewayTable: string;
  approvers: Settings["agentApprovers"];
}

/** The container service and the queue that it works off. */
interface AgentServiceNames {
  cluster: string;
  service: string;
  queueUrl: string;
}

const activeIndex = "active";

/** Slack sends two events for a mention, and only the second where the app is not in the channel. */
const mentionTypes = ["slack.message", "slack.app_mention"];

/**
 * How long a message is hidden from others: from other workers, while the one that has it says again and again that it works on it; from
 * the dispatcher six times its timeout. Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 */
const visibilitySeconds = { fargate: 120, agentcore: 6 * dispatcherSeconds };

/** A brain that fails is asked three times. */
const receives = 3;

/** A call of a tool may post, look for what was posted before, and wait where Slack asks for patience. API Gateway waits as long. */
const gatewaySeconds = 30;

/**
 * Agents: a queue of tasks, a worker that takes hours for them where it must, and the gateway through which alone it reaches Slack.
 *
 * Turned off there is nothing of it: no resources, no names, no grants.
 */
class Agent extends pulumi.ComponentResource {
  /** What doors need to know; undefined without an agent. */
  readonly names: pulumi.Output<AgentNames | undefined>;
  /** What the commands door does: put a task into the queue and note it, find somebody's tasks and stop them. */
  readonly ask: Grant[] = [];
  /** What the buttons do: stop a task, decide about a call. */
  readonly press: Grant[] = [];
  /** Grants for the relay, which starts the first container; empty without a container service. */
  readonly wake: Grant[] = [];
  /** The container service, for the relay; undefined without one. */
  readonly service: pulumi.Output<AgentServiceNames | undefined>;
  readonly mcpUrl: pulumi.Output<string> | undefined;
  /** Where the tools are behind an AgentCore Gateway; undefined where agents do not run on AgentCore. */
  readonly gatewayUrl: pulumi.Output<string> | undefined;
  readonly queueUrl: pulumi.Output<string> | undefined;
  readonly tasksTable: pulumi.Output<string> | undefined;

  constructor(name: string, args: AgentArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:agent:Agent", name, {}, opts);
    this.names = pulumi.output(undefined);
    this.service = pulumi.output(undefined);
    const { settings, messages, api, errors, environment } = args;
    if (settings.agent === "off") {
      this.registerOutputs({});
      return;
    }
    const child = { parent: this };
    const { logRetentionDays, production } = settings;

    // Tasks, what came of their steps, and who works in which thread. The worker writes it.
    const tasks = createTable(
      `${name}-tasks`,
      {
        partitionKey: "task:S",
        sortKey: "item:S",
        indexes: { [activeIndex]: { partitionKey: "active:S", sortKey: "created_at:N", projection: "ALL" } },
        expiresAt: "expires_at",
        production,
      },
      child,
    );

    // What was posted, approved and refused, and how much. Only the gateway and the approving door write it: a worker can't approve its own calls.
    const ledger = createTable(
      `${name}-gateway`,
      { partitionKey: "task:S", sortKey: "item:S", expiresAt: "expires_at", production },
      child,
    );

    // Who mentions the bot asks for something; a word that stops it is no task.
    const { queue } = messages.subscribeQueue(`${name}-tasks`, name, {
      filter: { type: [...mentionTypes, { exists: false }], mentionsBot: ["true"], intent: [{ exists: false }] },
      visibilitySeconds: visibilitySeconds[settings.agent],
      receives,
    });

    messages.subscribe("stopper", {
      filter: { type: [...mentionTypes, { exists: false }], intent: ["stop"] },
      allow: [query(tasks, activeIndex), update(tasks)],
      environment,
      callbackFactory: () => stopper().create({ tasksTable: tasks.name.get(), activeIndex }),
    });

    this.ask = [send(queue), put(tasks), query(tasks, activeIndex), update(tasks)];
    this.press = [update(tasks), checkItems(tasks), read(tasks), update(ledger), read(ledger)];
    const lambda = this.createGateway(args, tasks, ledger);
    const mcpUrl = pulumi.interpolate`${api.url}/mcp`;
    const mcpToken = settings.agentToken ?? "";

    const { uri: image, repositoryArn } = new WorkerImage(name, { folder: "agent" }, child);
    const tokenParameter =
      settings.agentToken && new aws.ssm.Parameter(`${name}-mcp-token`, { type: "SecureString", value: settings.agentToken }, child);
    const worker = {
      image,
      repositoryArn,
      environment: {
        ...environment,
        ...brainOf(settings),
        QUEUE_URL: queue.url,
        TASKS_TABLE: tasks.name,
        ACTIVE_INDEX: activeIndex,
        MCP_URL: mcpUrl,
        TASKS_PER_USER: String(settings.agentTasksPerUser),
      },
      queue,
      logRetentionDays,
    };
    const allow = [
      readWrite(tasks),
      queryTable(tasks),
      deleteItems(tasks),
      checkItems(tasks),
      ...(settings.agentBrain === "bedrock" ? [invokeModel(settings.agentModel!, queue)] : []),
    ];
    if (settings.agent === "fargate") {
      const service = new ContainerService(
        name,
        {
          ...worker,
          command: ["node", "worker.js"],
          environment: { ...worker.environment, AGENT_MODE: "queue" },
          secrets: tokenParameter === undefined ? {} : { MCP_TOKEN: tokenParameter },
          allow: [work(queue), ...allow],
          most: settings.agentWorkers,
          network: settings.agentVpc,
        },
        child,
      );
      this.wake = [measure(queue), ...service.scale];
      this.service = pulumi.output({ cluster: service.cluster, service: service.service, queueUrl: queue.url });
    } else {
      // It hands tasks back, and takes none by itself.
      const switches = { ...environment, MCP_TOKEN: mcpToken };
      const handed = { tasks, activeIndex, errors, gatewayUrl: mcpUrl, switches, tokenParameter, tasksPerUser: settings.agentTasksPerUser };
      new AgentcoreRuntime(name, { ...worker, ...handed, allow: [send(queue), ...allow] }, child);
      const { url } = new AgentcoreGateway(
        `${name}-gateway`,
        { gateway: lambda, tools: offeredTools(settings), callers: settings.agentGatewayRoles },
        child,
      );
      this.gatewayUrl = url;
    }

    this.names = pulumi.output({
      queueUrl: queue.url,
      tasksTable: tasks.name,
      activeIndex,
      gatewayTable: ledger.name,
      approvers: settings.agentApprovers,
    });
    this.mcpUrl = mcpUrl;
    this.queueUrl = queue.url;
    this.tasksTable = tasks.name;
    this.registerOutputs({});
  }

  /** Makes the one function that holds the credentials of Slack and Trello: agents call tools there, and it minds the rules. */
  private createGateway(args: AgentArgs, tasks: aws.dynamodb.Table, ledger: aws.dynamodb.Table) {
    const { settings, api, words, boards, rankingIndex, dibs, environment, slackEnvironment } = args;
    const { slackTeamId: teamId, trelloList = "", trelloApiUrl: trelloUrl } = settings;
    const { agentChannels: channels, agentApprovals: approvals, agentPostsPerTask: postsPerTask, agentPostsPerDay: postsPerDay } = settings;
    return api.route("ANY /mcp", "gateway", {
      allow: [read(tasks), update(tasks), readWrite(ledger), query(words, rankingIndex), query(boards, rankingIndex), ...dibs.change],
      environment: {
        ...environment,
        ...slackEnvironment,
        MCP_TOKEN: settings.agentToken ?? "",
        TRELLO_KEY: settings.trelloKey ?? "",
        TRELLO_TOKEN: settings.trelloToken ?? "",
      },
      timeoutSeconds: gatewaySeconds,
      callbackFactory: () => {
        const handle = gateway().create({
          tasksTable: tasks.name.get(),
          activeIndex,
          gatewayTable: ledger.name.get(),
          wordsTable: words.name.get(),
          leaderboardTable: boards.name.get(),
          rankingIndex,
          ...dibs.names.get(),
          teamId,
          channels,
          approvals,
          postsPerTask,
          postsPerDay,
          trelloList,
          trelloUrl,
        });
        // A request by HTTP is answered with a response.
        return (event: HttpEvent, context: aws.lambda.Context) => handle(event, context) as Promise<HttpResult>;
      },
    });
  }
}

/** The tools that work in this stack and are meant for models. */
const offeredTools = ({ trelloKey, trelloToken, trelloList }: Settings): ToolName[] => {
  const hasTrello = trelloKey !== undefined && trelloToken !== undefined && trelloList !== undefined;
  return agentTools().TOOL_NAMES.filter(name => agentTools().isForModels(name) && (hasTrello || name !== "create_trello_card"));
};

const brainOf = ({ agentBrain, agentModel = "" }: Settings) => ({ BRAIN: agentBrain, MODEL_ID: agentModel });

export type { AgentArgs, AgentNames };
export { Agent };
