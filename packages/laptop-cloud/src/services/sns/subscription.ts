import { createHash } from "node:crypto";
import { isObjectText } from "../../kernel/json";
import { invalidParameter } from "./errors";
import { type FilterPolicyScope, parseFilterPolicy } from "./filter-policy";
import { attributeTree, type PublishedMessage } from "./message";

type Protocol = "lambda" | "sqs" | "firehose" | "email" | "email-json";

/** A subscription as it is stored. */
interface SubscriptionRecord {
  arn: string;
  topicArn: string;
  protocol: Protocol;
  endpoint: string;
  /** In the API's format: strings by name. */
  attributes: Record<string, string>;
  /** E-mail addresses must confirm; functions and queues of the same account need not. */
  isConfirmed: boolean;
  /** Anyone who has it can confirm. It stays valid, while AWS's expires after two days. */
  token: string;
  /** Whether the confirmation mail was sent. */
  isInvited: boolean;
  /** Whether the program declares it. If so, it is deleted when the program no longer does. */
  declared: boolean;
}

/** A subscription with its compiled filter. */
class Subscription {
  #record: SubscriptionRecord;
  #lets: (message: PublishedMessage) => boolean;

  constructor(record: SubscriptionRecord) {
    this.#record = record;
    this.#lets = createFilter(record.attributes);
  }

  get record(): Readonly<SubscriptionRecord> {
    return this.#record;
  }

  get isRaw() {
    return this.#record.attributes["RawMessageDelivery"] === "true";
  }

  /** The role that SNS assumes to deliver to Firehose. */
  get roleArn(): string | undefined {
    return this.#record.attributes["SubscriptionRoleArn"];
  }

  get deadLetterTargetArn(): string | undefined {
    const text = this.#record.attributes["RedrivePolicy"];
    return text === undefined ? undefined : (JSON.parse(text) as { deadLetterTargetArn: string }).deadLetterTargetArn;
  }

  change(changes: Partial<SubscriptionRecord>) {
    this.#record = { ...this.#record, ...changes };
    this.#lets = createFilter(this.#record.attributes);
  }

  matches(message: PublishedMessage): boolean {
    return this.#record.isConfirmed && this.#lets(message);
  }
}

const createFilter = ({ FilterPolicy, FilterPolicyScope }: Record<string, string>): ((message: PublishedMessage) => boolean) => {
  if (FilterPolicy === undefined) return () => true;
  if (FilterPolicyScope === "MessageBody") {
    const lets = parseFilterPolicy(FilterPolicy, "MessageBody");
    return ({ text }) => isObjectText(text) && lets(JSON.parse(text));
  }
  const lets = parseFilterPolicy(FilterPolicy, "MessageAttributes");
  return ({ attributes }) => lets(attributeTree(attributes));
};

/** Derived from topic, protocol and endpoint, so that a declared subscription is recognized after a restart. */
const subscriptionArn = (topicArn: string, protocol: string, endpoint: string): string => {
  const digest = createHash("sha256").update([topicArn, protocol, endpoint].join("\n")).digest("hex");
  const [id] = digest.match(/^.{32}/)!;
  return `${topicArn}:${id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")}`;
};

const endpointPatterns: Record<Protocol, { pattern: RegExp; what: string }> = {
  lambda: { pattern: /^arn:aws:lambda:[a-z0-9-]+:\d{12}:function:[^:]+(:[^:]+)?$/, what: "Lambda endpoint ARN" },
  sqs: { pattern: /^arn:aws:sqs:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]+$/, what: "SQS endpoint ARN" },
  firehose: { pattern: /^arn:aws:firehose:[a-z0-9-]+:\d{12}:deliverystream\/[A-Za-z0-9_.-]+$/, what: "Firehose endpoint ARN" },
  email: { pattern: /^[^@\s]+@[^@\s]+$/, what: "Email address" },
  "email-json": { pattern: /^[^@\s]+@[^@\s]+$/, what: "Email address" },
};

const isMail = (protocol: Protocol) => protocol === "email" || protocol === "email-json";

/** Throws `AwsError` InvalidParameter for a protocol that is not imitated, or an endpoint that does not fit it. */
const parseEndpoint = (protocol: unknown, endpoint: unknown): { protocol: Protocol; endpoint: string } => {
  if (typeof protocol !== "string" || !Object.hasOwn(endpointPatterns, protocol))
    throw invalidParameter(
      `Protocol: ${String(protocol)} is not imitated; the laptop cloud has ${Object.keys(endpointPatterns).join(", ")}`,
    );
  const { pattern, what } = endpointPatterns[protocol as Protocol];
  if (typeof endpoint !== "string" || !pattern.test(endpoint)) throw invalidParameter(what);
  return { protocol: protocol as Protocol, endpoint };
};

/** Has an effect on HTTP endpoints only. */
const inertAttributes = ["DeliveryPolicy"];

const scopes: FilterPolicyScope[] = ["MessageAttributes", "MessageBody"];

/**
 * Checks subscription attributes and merges them into `before`; an empty value removes one.
 *
 * Throws `AwsError` InvalidParameter.
 */
const parseSubscriptionAttributes = (
  requested: Record<string, unknown>,
  protocol: Protocol,
  before: Record<string, string> = {},
): Record<string, string> => {
  const after = { ...before };
  for (const [name, value] of Object.entries(requested)) {
    const text = String(value ?? "");
    checkAttribute(name, text, protocol);
    if (text === "" || (name === "FilterPolicy" && isEmptyObject(text))) delete after[name];
    else after[name] = text;
  }
  if (protocol === "firehose" && after["SubscriptionRoleArn"] === undefined)
    throw invalidParameter("SubscriptionRoleArn is not set, but must be the ARN of a role for the protocol firehose");
  // Scope and policy are checked together, because a policy may be valid in one scope only.
  createFilter(after);
  return after;
};

const isEmptyObject = (text: string) => /^\s*\{\s*\}\s*$/.test(text);

const checkAttribute = (name: string, value: string, protocol: Protocol) => {
  switch (name) {
    case "FilterPolicy":
      return;
    case "FilterPolicyScope":
      if (!scopes.some(scope => scope === value))
        throw invalidParameter(`FilterPolicyScope: Invalid value [${value}]. Please use either ${scopes.join(" or ")}`);
      return;
    case "RawMessageDelivery":
      if (value !== "true" && value !== "false")
        throw invalidParameter(`RawMessageDelivery: Invalid value [${value}]. Must be true or false.`);
      if (value === "true" && protocol !== "sqs" && protocol !== "firehose")
        throw invalidParameter(`Delivery protocol [${protocol}] does not support raw message delivery.`);
      return;
    case "RedrivePolicy":
      checkRedrivePolicy(value);
      return;
    case "SubscriptionRoleArn":
      if (protocol !== "firehose") throw invalidParameter(`SubscriptionRoleArn: Delivery protocol [${protocol}] takes no role`);
      if (!/^arn:aws:iam::\d{12}:role\/.+$/.test(value)) throw invalidParameter(`SubscriptionRoleArn: Invalid value [${value}]`);
      return;
    default:
      if (!inertAttributes.includes(name)) throw invalidParameter(`AttributeName: the laptop cloud does not imitate ${name}`);
  }
};

const checkRedrivePolicy = (value: string) => {
  if (value === "") return;
  try {
    const policy = JSON.parse(value) as { deadLetterTargetArn?: unknown } | null;
    if (endpointPatterns.sqs.pattern.test(String(policy?.deadLetterTargetArn))) return;
  } catch {
    // Refused below, like JSON without a queue.
  }
  throw invalidParameter(`RedrivePolicy is ${value.slice(0, 200)}, but must be {"deadLetterTargetArn": the ARN of a queue}`);
};

export type { Protocol, SubscriptionRecord };
export { isMail, parseEndpoint, parseSubscriptionAttributes, Subscription, subscriptionArn };
