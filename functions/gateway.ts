/** The agents' gateway: takes tool calls over MCP or from an AgentCore Gateway. Only the gateway has the credentials of Slack and Trello. */

import { isForModels, isToolName } from "#core/agent/tools";
import { BadRequest, MethodNotAllowed, Unauthorized } from "#core/errors";
import { createLog, type Log } from "#core/log";
import { CountKeys } from "#core/message/count-keys";
import type { TableName } from "#core/named";
import { buildQuote } from "#core/quote";
import { parseSecrets, verifyToken } from "#core/slack/verification-token";
import { answer } from "#functions/api/problem";
import { createDibs, type DibsSettings, type TurnDefault } from "#functions/dibs/dibs";
import type { ArchiveSearchSettings } from "#functions/documents/archive-search";
import { type HttpRequest, type HttpResponse, readBody, readHeader } from "#functions/door";
import { AnswerTool } from "#functions/gateway/answer-tool";
import { Approvals } from "#functions/gateway/approvals";
import { ArchiveTool } from "#functions/gateway/archive-tool";
import { Cards } from "#functions/gateway/cards";
import { ConversationTool } from "#functions/gateway/conversation-tool";
import { DibsTools } from "#functions/gateway/dibs-tools";
import { FileTool } from "#functions/gateway/file-tool";
import { McpEndpoint } from "#functions/gateway/mcp";
import { Once } from "#functions/gateway/once";
import { SlackTools } from "#functions/gateway/slack-tools";
import { type TeamParts, Toolbox, type ToolboxSettings } from "#functions/gateway/toolbox";
import { TrelloTool } from "#functions/gateway/trello-tool";
import { WordsTool } from "#functions/gateway/words-tool";
import type { TopSettings } from "#functions/top";
import { Sessions } from "#stores/agent/sessions";
import { StreamLimits } from "#stores/agent/stream-limits";
import { TaskCards } from "#stores/agent/task-cards";
import { createTasksTable } from "#stores/agent/tasks-table";
import { ThreadsTable } from "#stores/agent/threads-table";
import { ToolApprovals } from "#stores/agent/tool-approvals";
import { ToolAudit } from "#stores/agent/tool-audit";
import { ToolReceipts } from "#stores/agent/tool-receipts";
import { createTrello } from "#stores/agent/trello";
import { createDynamoDB } from "#stores/aws-clients";
import { FilesTable } from "#stores/documents/files-table";
import { BoardsTable } from "#stores/message/boards-table";
import { WordsTable } from "#stores/message/words-table";
import { createSlackFiles } from "#stores/slack/files";
import { SlackNames } from "#stores/slack/names";
import { createTeamSettings, type TeamSettingsNames } from "#stores/slack/team-settings";
import type { TokensSettings } from "#stores/slack/tokens";
import { createSlacks } from "#stores/slack/web-api";

interface GatewaySettings extends ToolboxSettings, TopSettings {
  boardsTable: TableName;
  tasksTable: TableName;
  /** The team of calls without a task; empty if none is configured. */
  teamId?: string | undefined;
  /** The Trello list for cards; empty if none is configured. */
  trelloList: string;
  trelloUrl: string;
  /** The turn queues, if they are on. */
  dibs?: (DibsSettings & TurnDefault) | undefined;
  /** The archive of shared files, if it is on. */
  documents?: ArchiveSearchSettings | undefined;
  /** The tokens of many workspaces. Undefined where the stack serves one workspace. */
  tokens?: TokensSettings | undefined;
  /** What workspaces have chosen. Undefined where the stack serves one workspace. */
  chosen?: TeamSettingsNames | undefined;
}

/** An HTTP API request (payload format 2.0), or a tool's arguments from an AgentCore Gateway. */
type GatewayEvent = (HttpRequest & { requestContext: { http: { method: string }; timeEpoch?: number } }) | Record<string, unknown>;

/** The Lambda function. It answers an HTTP request with a response, and an AgentCore Gateway's call with the tool's result. */
interface GatewayFunction {
  (request: Extract<GatewayEvent, HttpRequest>, context: GatewayContext): Promise<HttpResponse>;
  (args: Record<string, unknown>, context: GatewayContext): Promise<unknown>;
}

/** The part of the invocation's context that the gateway reads. */
interface GatewayContext {
  clientContext?: { custom?: { bedrockAgentCoreToolName?: unknown } } | undefined;
}

/** Separates the target's name from the tool's. Source: https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-add-target-lambda.html */
const TARGET_SEPARATOR = "___";

class Gateway {
  constructor(
    private readonly endpoint: Pick<McpEndpoint, "answer">,
    private readonly toolbox: Pick<Toolbox, "call">,
    private readonly tokens: readonly string[],
    private readonly log: Log,
  ) {}

  /** Answers an HTTP request, or returns the result of the tool that AgentCore named. */
  async handle(event: GatewayEvent, context: GatewayContext): Promise<unknown> {
    // Only a caller that may invoke the function can set this; an HTTP request can't.
    const target = context.clientContext?.custom?.bedrockAgentCoreToolName;
    if (typeof target === "string") return this.callTool(target, event);
    if (!isHttp(event)) throw new BadRequest("The event is neither a request nor a tool call.");
    return answer(this.log, () => this.handleHttp(event));
  }

  /** Throws `MethodNotAllowed`, `TooLarge`, `UnsupportedMediaType`, `Unauthorized`, and what a tool failed with. */
  async handleHttp(request: Extract<GatewayEvent, HttpRequest>): Promise<HttpResponse> {
    // Checked before the token. GET and DELETE would listen to a session or end it, and there are no sessions.
    if (request.requestContext.http.method !== "POST")
      throw new MethodNotAllowed("This endpoint accepts only POST; it has no sessions.", { allowed: ["POST"] });
    const rawBody = readBody(request, "application/json");
    this.authenticate(request);
    return this.endpoint.answer(request, rawBody, request.requestContext.timeEpoch);
  }

  /** Throws `Unauthorized` without a reason, even if no token is configured. */
  authenticate(request: HttpRequest): void {
    const [, token] = /^bearer +(\S+)$/i.exec(readHeader(request, "authorization") ?? "") ?? [];
    if (token === undefined) throw new Unauthorized("there is no bearer token");
    verifyToken(token, this.tokens);
  }

  /** Calls a tool for an AgentCore Gateway, which shows the result to the agent. A refusal is `{error}`. */
  async callTool(target: string, args: unknown): Promise<unknown> {
    const name = target.slice(target.indexOf(TARGET_SEPARATOR) === -1 ? 0 : target.indexOf(TARGET_SEPARATOR) + TARGET_SEPARATOR.length);
    // Callers through AgentCore are models; the worker calls over HTTP.
    if (!isToolName(name) || !isForModels(name)) throw new BadRequest(`There is no tool ${buildQuote(target)}.`);
    const called = await this.toolbox.call(name, args);
    return "refusal" in called ? { error: called.refusal } : called.result;
  }
}

const isHttp = (event: GatewayEvent): event is Extract<GatewayEvent, HttpRequest> => "requestContext" in event && "headers" in event;

const createToolbox = (settings: GatewaySettings, log: Log): Toolbox => {
  const { tasksTable, gatewayTable, channels } = settings;
  const client = createDynamoDB("background");
  const slacks = createSlacks(settings.tokens);
  const receipts = new ToolReceipts(client, gatewayTable);
  const tasks = createTasksTable(tasksTable);
  const once = new Once(receipts);
  const keys = new CountKeys(settings.layout);
  const threads = new ThreadsTable(client, tasksTable);
  const limits = new StreamLimits(client, gatewayTable);
  const files = createSlackFiles(slacks);
  const createTeamParts = (team: string): TeamParts => {
    const slack = slacks.of(team);
    const names = new SlackNames(slack);
    const sessions = new Sessions({ slack, threads, names });
    const cards = new Cards({ slack, once, turns: new TaskCards(client, tasksTable), tasks, names });
    const approvals = new Approvals({ approvals: new ToolApprovals(client, gatewayTable, tasksTable), once, cards, slack, channels });
    const conversation = new ConversationTool({ threads, names, slack, log });
    const answer = new AnswerTool({ slack, once, limits, sessions, tasks, names, settings });
    const slackTools = new SlackTools(slack, receipts);
    return { approvals, cards, sessions, names, slack: slackTools, conversation, files: new FileTool(files, conversation), answer };
  };
  const teams = new Map<string, TeamParts>();
  return new Toolbox(
    {
      tasks,
      audit: new ToolAudit(client, gatewayTable),
      once,
      of: team => {
        const parts = teams.get(team) ?? createTeamParts(team);
        teams.set(team, parts);
        return parts;
      },
      trello: new TrelloTool(createTrello(settings.trelloUrl), settings.trelloList),
      words: new WordsTool(
        new WordsTable(client, settings.wordsTable, keys),
        new BoardsTable(client, settings.boardsTable, keys),
        settings.teamId ?? "",
      ),
      archive: settings.documents && new ArchiveTool(new FilesTable(client, settings.documents.filesTable), settings.teamId ?? ""),
      dibs:
        settings.dibs &&
        new DibsTools(createDibs(settings.dibs, log, "background"), {
          teamId: settings.teamId ?? "",
          dibsDefault: settings.dibs.dibsDefault,
          chosen: createTeamSettings(settings.chosen),
        }),
    },
    { ...settings, needsTask: settings.tokens !== undefined },
  );
};

/** Creates the door; its secrets are `MCP_TOKEN`, `ACCESS_TOKEN` where the stack serves one workspace, `TRELLO_KEY` and `TRELLO_TOKEN`. Give its function 30 s. */
const create = (settings: GatewaySettings): GatewayFunction => {
  const log = createLog("gateway");
  const toolbox = createToolbox(settings, log);
  const gateway = new Gateway(new McpEndpoint(toolbox), toolbox, parseSecrets(process.env["MCP_TOKEN"]), log);
  return ((event, context) => gateway.handle(event, context)) as GatewayFunction;
};

export type { GatewayContext, GatewayEvent, GatewaySettings };
export { create, Gateway };
