import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** Allows only these topics to send to a queue. This needs a queue policy, because SNS assumes no role to deliver. */
const createTopicsPolicy = (name: string, queue: aws.sqs.Queue, topics: aws.sns.Topic[], opts: pulumi.CustomResourceOptions) =>
  new aws.sqs.QueuePolicy(
    name,
    {
      queueUrl: queue.url,
      policy: pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: "sns.amazonaws.com" },
            Action: "sqs:SendMessage",
            Resource: queue.arn,
            Condition: { ArnEquals: { "aws:SourceArn": topics.map(topic => topic.arn) } },
          },
        ],
      }),
    },
    opts,
  );

export { createTopicsPolicy };
