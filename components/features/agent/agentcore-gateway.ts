import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { ToolName } from "#core/agent/tools";
import { buildInputSchema, TOOLS } from "#core/agent/tools";
import { createRole, invoke, invokeGateway, policyOf } from "../../wiring/grants";

interface AgentcoreGatewayArgs {
  /** The function behind `POST /mcp`, which also serves this gateway. */
  gateway: aws.lambda.Function;
  /** The tools that it offers: those that are configured and meant for models. */
  tools: readonly ToolName[];
  /** Names of the IAM roles that may call it. */
  callers: readonly string[];
}

/** The parts of JSON Schema that our tools use. */
interface Schema {
  type?: string;
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
}

/** The agent's tools behind an AgentCore Gateway, for other agents on AWS. IAM decides who may call them. */
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
        // Named by Pulumi: the name of a stack may contain characters that a gateway's name may not.
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

/** Builds a tool's description for AgentCore, which accepts types and descriptions only. The function checks the rest of the schema. */
const buildToolSchema = (name: ToolName) => {
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

export { AgentcoreGateway };
