import { createHash } from "node:crypto";
import { acts, inert, physicalName } from "../../kernel/declared";
import type { ResourceKind } from "../../kernel/service";

/** The form of a tool's arguments as a target declares it: a list of properties instead of an object. */
interface ToolProperty {
  name?: string;
  type: string;
  description?: string;
  required?: boolean;
  properties?: ToolProperty[];
  items?: ToolProperty;
}

interface Tool {
  name: string;
  description: string;
  inputSchema: ToolProperty;
}

const gateway: ResourceKind = {
  properties: {
    ...acts("authorizerType", "name", "protocolType", "roleArn"),
    ...inert("for people", "description"),
    ...inert("no condition asks for them", "tags"),
  },
  check: ({ inputs: { authorizerType, protocolType } }) => {
    if (authorizerType !== "AWS_IAM")
      return `authorizerType is ${JSON.stringify(authorizerType)}: the laptop cloud imitates "AWS_IAM" only.`;
    return protocolType === "MCP" ? undefined : `protocolType is ${JSON.stringify(protocolType)}, but must be "MCP".`;
  },
  outputs: (declared, { region, account, awsUrl }) => {
    const name = physicalName(declared);
    const id = `${name.toLowerCase()}-${createHash("sha256").update(name).digest("hex").slice(0, 10)}`;
    return {
      id,
      name,
      gatewayId: id,
      gatewayArn: `arn:aws:bedrock-agentcore:${region}:${account}:gateway/${id}`,
      gatewayUrl: `${awsUrl}/gateways/${id}/mcp`,
    };
  },
};

const target: ResourceKind = {
  properties: {
    ...acts("credentialProviderConfiguration", "gatewayIdentifier", "name", "targetConfiguration"),
    ...inert("for people", "description"),
  },
  check: ({ inputs: { credentialProviderConfiguration, targetConfiguration } }) => {
    if (credentialProviderConfiguration?.gatewayIamRole === undefined)
      return "credentialProviderConfiguration has no gatewayIamRole: the laptop cloud imitates no other credentials of gateways.";
    return targetConfiguration?.mcp?.lambda?.toolSchema?.inlinePayloads === undefined
      ? "targetConfiguration has no mcp.lambda.toolSchema.inlinePayloads: the laptop cloud imitates no other targets of gateways."
      : undefined;
  },
  outputs: declared => {
    const name = physicalName(declared);
    const targetId = createHash("sha256").update(name).digest("hex").slice(0, 10).toUpperCase();
    return { id: targetId, targetId, name };
  },
};

/** The resource types of `aws.bedrock` that the laptop cloud imitates. */
const resources: Record<string, ResourceKind> = {
  "aws:bedrock/agentcoreGateway:AgentcoreGateway": gateway,
  "aws:bedrock/agentcoreGatewayTarget:AgentcoreGatewayTarget": target,
};

export type { Tool, ToolProperty };
export { resources };
