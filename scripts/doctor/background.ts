/** `npm run doctor` looks at what nobody sees unless it fails: subscriptions, dead letters, alarms, quotas and grants. */
import { type CloudWatchClient, paginateDescribeAlarms } from "@aws-sdk/client-cloudwatch";
import { GetAccountSettingsCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { paginateListSubscriptionsByTopic, type SNSClient } from "@aws-sdk/client-sns";
import { GetQueueAttributesCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { StackOutputs } from "../stack-outputs";
import type { Finding, Look } from "./finding";

interface BackgroundParts {
  outputs: StackOutputs;
  config: Record<string, string>;
  sns: SNSClient;
  sqs: SQSClient;
  cloudwatch: CloudWatchClient;
  lambda: LambdaClient;
  /** The laptop's page; undefined for a deployed stack. */
  page: string | undefined;
}

/** New accounts run 10 functions at once, others 1,000. A busy stack needs some 50. Source: Lambda's quotas. */
const FEW_EXECUTIONS = 50;

class Background {
  constructor(private readonly parts: BackgroundParts) {}

  looks(): Look[] {
    return [
      { about: "e-mail", look: () => this.lookAtMail() },
      { about: "dead letters", look: () => this.lookAtDeadLetters() },
      { about: "alarms", look: () => this.lookAtAlarms() },
      { about: "quotas", look: () => this.lookAtQuotas() },
      { about: "permissions", look: () => this.lookAtPermissions() },
    ];
  }

  /** AWS forgets a subscription that nobody confirms for two days. On a fresh laptop, nobody has confirmed the example addresses yet. */
  async lookAtMail(): Promise<Finding[]> {
    const { outputs, config, page } = this.parts;
    const about = "e-mail";
    const pending = page === undefined ? "problem" : "warning";
    const where = page === undefined ? "If there is none, look in the spam folder." : `It is under Mail on ${page}.`;
    const findings: Finding[] = [];
    let confirmed = 0;
    for (const [key, topicArn] of Object.entries({ successEmails: outputs.successesTopicArn, errorEmails: outputs.errorsTopicArn })) {
      const subscribed = await this.listMail(topicArn);
      for (const address of JSON.parse(config[key] ?? "[]") as string[]) {
        const state = subscribed.get(address);
        if (state === "confirmed" && key === "errorEmails") confirmed += 1;
        if (state === "pending") {
          const todo = `Follow the link in AWS's e-mail. ${where}`;
          findings.push({ about, state: pending, seen: `${address} (${key}) has not confirmed its subscription.`, todo });
        }
        if (state === undefined) {
          const todo = "Run pulumi up --refresh, then follow the link in AWS's e-mail within two days.";
          findings.push({ about, state: "problem", seen: `${address} (${key}) is not subscribed.`, todo });
        }
      }
    }
    // With many workspaces, notices of failures go to nobody's channel.
    const isMany = outputs.installationsTable !== undefined;
    if (confirmed === 0 && (isMany || config["notifyChannel"] === undefined)) {
      const isSet = JSON.parse(config["errorEmails"] ?? "[]").length > 0;
      const todo = isSet
        ? "Confirm an address of errorEmails."
        : `Set ${isMany ? "errorEmails" : "errorEmails or notifyChannel"}, run pulumi up, and confirm the address.`;
      findings.push({ about, state: isSet ? pending : "problem", seen: "Nobody would be told of failures.", todo });
    }
    return findings.length > 0 ? findings : [{ about, state: "ok", seen: "Every address has confirmed its subscription." }];
  }

  private async listMail(topicArn: string): Promise<Map<string, "confirmed" | "pending">> {
    const found = new Map<string, "confirmed" | "pending">();
    for await (const { Subscriptions = [] } of paginateListSubscriptionsByTopic({ client: this.parts.sns }, { TopicArn: topicArn }))
      for (const { Protocol, Endpoint = "", SubscriptionArn } of Subscriptions)
        if (Protocol === "email") found.set(Endpoint, SubscriptionArn === "PendingConfirmation" ? "pending" : "confirmed");
    return found;
  }

  async lookAtDeadLetters(): Promise<Finding[]> {
    const about = "dead letters";
    const findings: Finding[] = [];
    for (const [name, { deadLettersUrl: QueueUrl }] of Object.entries(this.parts.outputs.redrivables)) {
      const attribute = "ApproximateNumberOfMessages";
      const { Attributes } = await this.parts.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [attribute] }));
      const count = Number(Attributes?.[attribute]);
      const todo = `Fix the cause, then run: npm run redrive -- ${name}`;
      if (count > 0)
        findings.push({ about, state: "problem", seen: `${name} failed on ${count} ${count === 1 ? "event" : "events"}.`, todo });
    }
    return findings.length > 0 ? findings : [{ about, state: "ok", seen: "There are none." }];
  }

  /** The stack's alarms are those that go to its topic. */
  async lookAtAlarms(): Promise<Finding[]> {
    const about = "alarms";
    const findings: Finding[] = [];
    let count = 0;
    for await (const { MetricAlarms = [] } of paginateDescribeAlarms({ client: this.parts.cloudwatch }, {}))
      for (const { AlarmName, AlarmActions = [], AlarmDescription, StateValue } of MetricAlarms) {
        if (!AlarmActions.includes(this.parts.outputs.errorsTopicArn)) continue;
        count += 1;
        if (StateValue === "ALARM")
          findings.push({ about, state: "problem", seen: `${AlarmName} is in ALARM.`, todo: AlarmDescription ?? "Look at its metric." });
      }
    if (count === 0)
      return [{ about, state: "problem", seen: "The stack has no alarms in this region.", todo: "Check the region, then run pulumi up." }];
    return findings.length > 0 ? findings : [{ about, state: "ok", seen: `None of ${count} is in ALARM.` }];
  }

  async lookAtQuotas(): Promise<Finding> {
    const about = "quotas";
    const { AccountLimit } = await this.parts.lambda.send(new GetAccountSettingsCommand({}));
    const free = AccountLimit?.UnreservedConcurrentExecutions ?? 0;
    const seen = `This account runs at most ${free} Lambda functions at once.`;
    if (free >= FEW_EXECUTIONS) return { about, state: "ok", seen };
    const todo =
      "Ask for 1,000 under Service Quotas, AWS Lambda, Concurrent executions. Until then doors may be throttled while background work runs.";
    return { about, state: "warning", seen, todo };
  }

  /** AWS does not tell it as exactly; IAM's Access Advisor shows it by service. */
  async lookAtPermissions(): Promise<Finding> {
    const about = "permissions";
    const { page } = this.parts;
    if (page === undefined) return { about, state: "off", seen: "Only the laptop cloud counts how often each grant is used." };
    const { grants } = (await (await fetch(`${page}/control/permissions`)).json()) as { grants: { used: number }[] };
    const unused = grants.filter(({ used }) => used === 0).length;
    const seen = `${unused} of ${grants.length} grants have not been used since the start.`;
    if (unused === 0) return { about, state: "ok", seen };
    return { about, state: "warning", seen, todo: "Use all features, then look at /control/permissions. Remove what is still unused." };
  }
}

export { Background };
