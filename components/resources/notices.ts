import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { TopicArn } from "#core/named";
import type { Verbs } from "../wiring/grants";
import { type Edge, edgeTo } from "../wiring/wire";

interface NoticesTopicArgs {
  /** Addresses that get the notices as e-mail; each confirms its subscription first. */
  emails: string[];
  /**
   * Leaves notices for one person out of e-mail: that person gets them in Slack. Not for a topic of alarms: they have no attributes, and
   * a subscription with a filter gets none of them. Default false.
   */
  skipsPersonalNotices?: boolean;
}

/** A topic for the outcomes of background work. Not encrypted with `alias/aws/sns`, because CloudWatch alarms can't publish to such a topic. */
class NoticesTopic extends aws.sns.Topic {
  readonly outputs: Record<string, pulumi.Output<string>>;

  constructor(name: string, { emails, skipsPersonalNotices = false }: NoticesTopicArgs, opts?: pulumi.ResourceOptions) {
    super(name, {}, opts);
    this.outputs = { [`${name}TopicArn`]: this.arn };
    const filter = skipsPersonalNotices ? { filterPolicy: JSON.stringify({ user: [{ exists: false }] }) } : {};
    for (const email of emails)
      new aws.sns.TopicSubscription(
        `${name}-${email}`,
        { topic: this.arn, protocol: "email", endpoint: email, ...filter },
        { ...opts, parent: this },
      );
  }

  may(...verbs: Verbs<aws.sns.Topic>): Edge<TopicArn> {
    return edgeTo(this, this.arn, verbs);
  }
}

export { NoticesTopic };
