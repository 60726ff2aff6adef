/** A small program that knows nothing of the laptop cloud: a REST API, a schedule, and the events of a bucket. */
import * as aws from "@pulumi/aws";
import * as awsx from "@pulumi/awsx/classic";
import * as pulumi from "@pulumi/pulumi";

const role = new aws.iam.Role("functions", { assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" }) });
new aws.iam.RolePolicyAttachment("logs", { role: role.name, policyArn: aws.iam.ManagedPolicy.AWSLambdaBasicExecutionRole });

const createFunction = (name: string) =>
  new aws.lambda.Function(name, {
    role: role.arn,
    runtime: aws.lambda.Runtime.NodeJS22dX,
    handler: `index.${name}`,
    code: new pulumi.asset.FileArchive("./functions"),
  });

const api = new awsx.apigateway.API("shop", { routes: [{ path: "/pets/{id}", method: "GET", eventHandler: createFunction("pet") }] });

const tick = createFunction("tick");
aws.cloudwatch.onSchedule("hourly", "rate(1 hour)", tick);

const keys = new aws.sqs.Queue("keys");
const uploads = new aws.s3.Bucket("uploads");
new aws.s3.BucketNotification("uploads", { bucket: uploads.id, eventbridge: true });
const created = new aws.cloudwatch.EventRule("created", {
  eventPattern: pulumi.jsonStringify({ source: ["aws.s3"], detail: { bucket: { name: [uploads.bucket] } } }),
});
new aws.cloudwatch.EventTarget("created", {
  rule: created.name,
  arn: keys.arn,
  inputTransformer: { inputPaths: { key: "$.detail.object.key" }, inputTemplate: '"<key> is here"' },
});
new aws.sqs.QueuePolicy("keys", {
  queueUrl: keys.url,
  policy: pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "events.amazonaws.com" },
        Action: "sqs:SendMessage",
        Resource: keys.arn,
        Condition: { ArnEquals: { "aws:SourceArn": created.arn } },
      },
    ],
  }),
});

export const url = api.url;
export const bucket = uploads.bucket;
export const queueUrl = keys.url;
export const scheduled = tick.name;
