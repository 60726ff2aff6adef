import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

/**
 * A topic for the outcomes of background work, with its e-mail subscribers; each address confirms its subscription first.
 *
 * Not encrypted with AWS's own key for SNS: CloudWatch alarms could not publish to it.
 */
const createNoticesTopic = (name: string, emails: string[], opts?: pulumi.ResourceOptions): aws.sns.Topic => {
  const topic = new aws.sns.Topic(name, {}, opts);
  for (const email of emails) {
    new aws.sns.TopicSubscription(`${name}-${email}`, { topic: topic.arn, protocol: "email", endpoint: email }, { ...opts, parent: topic });
  }
  return topic;
};

export { createNoticesTopic };
