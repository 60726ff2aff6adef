import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

/** What is meant for one person goes to that person's Slack only: turns in queues, by a team's e-mail, are nobody's. */
const NOBODYS_OWN = { user: [{ exists: false }] };

/**
 * A topic for the outcomes of background work, with its e-mail subscribers; each address confirms its subscription first.
 * `emailFilter` is what e-mail takes; alarms carry no attributes, so a topic that they are published to has none.
 *
 * Not encrypted with AWS's own key for SNS: CloudWatch alarms could not publish to it.
 */
const createNoticesTopic = (name: string, emails: string[], emailFilter?: object, opts?: pulumi.ResourceOptions): aws.sns.Topic => {
  const topic = new aws.sns.Topic(name, {}, opts);
  for (const email of emails) {
    new aws.sns.TopicSubscription(
      `${name}-${email}`,
      { topic: topic.arn, protocol: "email", endpoint: email, ...(emailFilter && { filterPolicy: JSON.stringify(emailFilter) }) },
      { ...opts, parent: topic },
    );
  }
  return topic;
};

export { createNoticesTopic, NOBODYS_OWN };
