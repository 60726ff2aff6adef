import type { Place, PolicyDocument } from "../../kernel/service";
import { invalidParameter } from "./errors";

/** A topic as it is stored. */
interface Topic {
  name: string;
  arn: string;
  /** In the API's format: strings by name. */
  attributes: Record<string, string>;
  tags: Record<string, string>;
  /** Whether the program declares it. If so, it is deleted when the program no longer does. */
  declared: boolean;
}

/** SNS API reference, CreateTopic. */
const isTopicName = (name: unknown): name is string => typeof name === "string" && /^[A-Za-z0-9_-]{1,256}$/.test(name);

const topicArn = (name: string, { region, account }: Place) => `arn:aws:sns:${region}:${account}:${name}`;

/** Attributes without effect, because the laptop cloud has no HTTP endpoints, delivery logs, encryption and X-Ray. */
const inertAttributes = [
  "DeliveryPolicy",
  "KmsMasterKeyId",
  "SignatureVersion",
  "TracingConfig",
  ...["HTTP", "Firehose", "Lambda", "Application", "SQS"].flatMap(endpoint =>
    ["SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate", "FailureFeedbackRoleArn"].map(attribute => `${endpoint}${attribute}`),
  ),
];

/** Throws `AwsError` InvalidParameter. */
const parseTopicAttribute = (name: string, value: string): string => {
  if (name === "Policy") return parsePolicy(value);
  if (name === "DisplayName" && value.length > 100) throw invalidParameter("DisplayName");
  if (name === "FifoTopic" && value === "false") return value;
  if (name !== "DisplayName" && !inertAttributes.includes(name))
    throw invalidParameter(`AttributeName: the laptop cloud does not imitate ${name}`);
  return value;
};

const parsePolicy = (text: string): string => {
  try {
    const policy = JSON.parse(text) as Partial<PolicyDocument> | null;
    if (policy?.Statement !== undefined) return text;
  } catch {
    // Refused below, like a policy without statements.
  }
  throw invalidParameter(`Policy: ${text.slice(0, 200)}`);
};

/** AWS's policy for a new topic: services of the same account may publish, roles need a grant. */
const defaultPolicy = (arn: string, account: string): PolicyDocument => ({
  Version: "2008-10-17",
  Statement: [
    {
      Sid: "__default_statement_ID",
      Effect: "Allow",
      Principal: { AWS: "*" },
      Action: [
        "SNS:GetTopicAttributes",
        "SNS:SetTopicAttributes",
        "SNS:AddPermission",
        "SNS:RemovePermission",
        "SNS:DeleteTopic",
        "SNS:Subscribe",
        "SNS:ListSubscriptionsByTopic",
        "SNS:Publish",
      ],
      Resource: arn,
      Condition: { StringEquals: { "AWS:SourceOwner": account } },
    },
  ],
});

const policyOf = ({ arn, attributes }: Topic, account: string): PolicyDocument => {
  const text = attributes["Policy"];
  return text === undefined ? defaultPolicy(arn, account) : (JSON.parse(text) as PolicyDocument);
};

export type { Topic };
export { isTopicName, parseTopicAttribute, policyOf, topicArn };
