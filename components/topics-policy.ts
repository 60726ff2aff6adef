import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** Lets topics put messages into a queue, and nobody else: SNS hands over in its own name, so no role can say so. */
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
