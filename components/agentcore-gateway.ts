import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { ToolName } from "#core/agent/tools";
import { createRole, invoke, invokeGateway, policyOf } from "./grants";

// Only where there is such a gateway: schemas take a while to load.
const agentTools = () => require("#core/agent/tools") as typeof import("#core/agent/tools");

interface AgentcoreGatewayArgs {
  /** The function behind `POST /mcp`, which answers here too. */
  gateway: aws.lambda.Function;
  /** What it offers: the tools that are configured and meant for models. */
  tools: readonly ToolName[];
  /** Names of the IAM roles that may call it. */
  callers: readonly string[];
}

/** A property of a JSON Schema, as far as our tools have them. */
interface Schema {
  type?: string;
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
}

/** The agent's tools behind an AgentCore Gateway, for agents of AWS's own kind: who may call them is decided by IAM. */
class AgentcoreGateway extends pulumi.ComponentResource {
  readonly url: pulumi.Output<string>;

  constructor(name: string, { gateway, tools, callers }: AgentcoreGatewayArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:bedrock:AgentcoreGateway", name, {}, opts);
    const child = { parent: this };
    const { role, policy } = createRole(
      name,
      { service: "bedrock-agentcore.amazonaws.com", inAccountOf: gateway },
      [invoke(gateway)],
      child,
    );
    const front = new aws.bedrock.AgentcoreGateway(
      name,
      {
        // Pulumi names it, as most things: what a stack may be called is no name for a gateway.
        protocolType: "MCP",
        authorizerType: "AWS_IAM",
        roleArn: role.arn,
      },
      { ...child, dependsOn: [policy] },
    );
    new aws.bedrock.AgentcoreGatewayTarget(
      name,
      {
        name: "tools",
        gatewayIdentifier: front.gatewayId,
        credentialProviderConfiguration: { gatewayIamRole: {} },
        targetConfiguration: { mcp: { lambda: { lambdaArn: gateway.arn, toolSchema: { inlinePayloads: tools.map(buildToolSchema) } } } },
      },
      child,
    );
    for (const role of callers) {
      new aws.iam.RolePolicy(`${name}-${role}`, { role, policy: policyOf([invokeGateway(front.gatewayArn)]) }, child);
    }
    this.url = front.gatewayUrl;
    this.registerOutputs({});
  }
}

/** Builds what AgentCore is told of a tool. It takes types and descriptions; the rest of each schema the function checks itself. */
const buildToolSchema = (name: ToolName) => {
  const { buildInputSchema, TOOLS } = agentTools();
  const schema: Schema = buildInputSchema(name);
  return { name, description: TOOLS[name].description, inputSchema: { type: "object", properties: propertiesOf(schema) } };
};

const propertiesOf = ({ properties = {}, required = [] }: Schema) =>
  Object.entries(properties).map(([name, property]) => ({
    name,
    type: property.type ?? "string",
    description: property.description,
    required: required.includes(name),
    ...(property.items === undefined ? {} : { items: itemsOf(property.items) }),
  }));

const itemsOf = (items: Schema) => ({
  type: items.type ?? "string",
  ...(items.properties === undefined
    ? {}
    : {
        properties: Object.entries(items.properties).map(([name, { type = "string" }]) => ({
          name,
          type,
          required: items.required?.includes(name) ?? false,
        })),
      }),
});

export type { AgentcoreGatewayArgs };
export { AgentcoreGateway };
