import { AwsError } from "../../../kernel/aws-error";
import type { Call, Cloud, OperationOf, Resource } from "../../../kernel/service";
import type { Tool, ToolProperty } from "../resources";

/** A request of MCP, or a notification, which has no id. */
interface McpMessage {
  id?: string | number;
  method: string;
  params?: { name?: string; arguments?: object; protocolVersion?: string };
}

/** A tool of a target. */
interface OfferedTool extends Tool {
  /** `TARGET___TOOL`, as callers know it. */
  fullName: string;
  lambdaArn: string;
  targetId: string;
}

/** Source: https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/gateway-add-target-lambda.html */
const SEPARATOR = "___";

/** JSON-RPC 2.0, "Error object". */
const METHOD_NOT_FOUND = -32601;
const INVALID_PARAMS = -32602;

class McpError extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

/** Answers one message of MCP. Behaves as a gateway of the type MCP; differs: no sessions, streams or search of tools. */
const invokeGateway: OperationOf<Cloud> = async (cloud, { gatewayId, body }: { gatewayId: string; body: string }, call) => {
  const gateway = cloud.inventory.ofType("aws:bedrock/agentcoreGateway:AgentcoreGateway").find(({ id }) => id === gatewayId);
  if (gateway === undefined) throw new AwsError("ResourceNotFoundException", `There is no gateway ${gatewayId}.`, 404);
  call.authorize("bedrock-agentcore:InvokeGateway", gateway.outputs["gatewayArn"]);
  const { id, method, params = {} } = parseMessage(body);
  if (id === undefined) return {};
  try {
    return { message: { jsonrpc: "2.0", id, result: await answer(cloud, gateway, { id, method, params }, call) } };
  } catch (error) {
    if (!(error instanceof McpError)) throw error;
    return { message: { jsonrpc: "2.0", id, error: { code: error.code, message: error.message } } };
  }
};

/** Throws `AwsError` ValidationException. */
const parseMessage = (body: string): McpMessage => {
  try {
    const message = JSON.parse(body);
    if (typeof message?.method === "string") return message;
  } catch {
    // Refused below.
  }
  throw new AwsError("ValidationException", "The body is not a message of MCP.");
};

const answer = async (cloud: Cloud, gateway: Resource, message: Required<McpMessage>, call: Call): Promise<object> => {
  const { method, params } = message;
  switch (method) {
    case "initialize":
      return {
        protocolVersion: params.protocolVersion,
        capabilities: { tools: {} },
        serverInfo: { name: gateway.outputs["name"], version: "1.0.0" },
      };
    case "ping":
      return {};
    case "tools/list":
      return {
        tools: listTools(cloud, gateway).map(({ fullName, description, inputSchema }) => ({
          name: fullName,
          description,
          inputSchema: buildSchema(inputSchema),
        })),
      };
    case "tools/call":
      return callTool(cloud, gateway, message, call);
    default:
      throw new McpError(METHOD_NOT_FOUND, `The laptop cloud does not imitate ${method} of a gateway.`);
  }
};

const listTools = ({ inventory }: Cloud, gateway: Resource): OfferedTool[] =>
  inventory
    .ofType("aws:bedrock/agentcoreGatewayTarget:AgentcoreGatewayTarget")
    .filter(({ inputs }) => inputs["gatewayIdentifier"] === gateway.id)
    .flatMap(({ inputs, outputs }) => {
      const { lambdaArn, toolSchema } = inputs["targetConfiguration"].mcp.lambda;
      return (toolSchema.inlinePayloads as Tool[]).map(tool => ({
        ...tool,
        fullName: `${outputs["name"]}${SEPARATOR}${tool.name}`,
        lambdaArn,
        targetId: outputs["targetId"],
      }));
    });

/** Builds JSON Schema from the properties of a declaration. */
const buildSchema = ({ type, description, properties, items }: ToolProperty): object => ({
  type,
  ...(description === undefined ? {} : { description }),
  ...(items === undefined ? {} : { items: buildSchema(items) }),
  ...(properties === undefined
    ? {}
    : {
        properties: Object.fromEntries(properties.map(property => [property.name, buildSchema(property)])),
        required: properties.filter(({ required }) => required).map(({ name }) => name),
      }),
});

/** Invokes the function of a tool with the gateway's role. The function learns the tool's name from the client context. */
const callTool = async (cloud: Cloud, gateway: Resource, { id, params }: Required<McpMessage>, call: Call): Promise<object> => {
  const tool = listTools(cloud, gateway).find(({ fullName }) => fullName === params.name);
  if (tool === undefined) throw new McpError(INVALID_PARAMS, `There is no tool ${JSON.stringify(params.name)}.`);
  const custom = {
    bedrockAgentCoreToolName: tool.fullName,
    bedrockAgentCoreGatewayId: gateway.id,
    bedrockAgentCoreTargetId: tool.targetId,
    bedrockAgentCoreMcpMessageId: String(id),
    bedrockAgentCoreMessageVersion: "1.0",
  };
  const { FunctionError, Payload } = await cloud.call(
    "lambda",
    "Invoke",
    {
      FunctionName: tool.lambdaArn,
      Payload: JSON.stringify(params.arguments ?? {}),
      ClientContext: Buffer.from(JSON.stringify({ custom })).toString("base64"),
    },
    {
      kind: "role",
      roleArn: gateway.inputs["roleArn"],
      principal: "bedrock-agentcore.amazonaws.com",
      sourceArn: gateway.outputs["gatewayArn"],
      trace: call.caller.trace,
    },
  );
  return { isError: FunctionError !== undefined, content: [{ type: "text", text: Buffer.from(Payload ?? []).toString("utf8") }] };
};

export { invokeGateway };
