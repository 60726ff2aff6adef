/** A small program that knows nothing of the laptop cloud: a greeting over HTTP, and jobs in a queue. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

const role = new aws.iam.Role("functions", { assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" }) });
new aws.iam.RolePolicyAttachment("logs", { role: role.name, policyArn: aws.iam.ManagedPolicy.AWSLambdaBasicExecutionRole });

const createFunction = (name: string, variables: Record<string, string> = {}) =>
  new aws.lambda.Function(name, {
    role: role.arn,
    runtime: aws.lambda.Runtime.NodeJS22dX,
    handler: `index.${name}`,
    // Relative to the program's own folder.
    code: new pulumi.asset.FileArchive("./functions"),
    environment: { variables },
  });

const failed = new aws.sqs.Queue("failed");
const jobs = new aws.sqs.Queue("jobs", {
  redrivePolicy: pulumi.jsonStringify({ deadLetterTargetArn: failed.arn, maxReceiveCount: 1 }),
});
new aws.iam.RolePolicy("jobs", {
  role: role.id,
  policy: pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], Resource: jobs.arn }],
  }),
});
const work = createFunction("work");
new aws.lambda.EventSourceMapping("jobs", { eventSourceArn: jobs.arn, functionName: work.arn });

const greet = createFunction("greet", { WHOM: "whoever you are" });
const api = new aws.apigatewayv2.Api("public", { protocolType: "HTTP" });
const integration = new aws.apigatewayv2.Integration("greet", {
  apiId: api.id,
  integrationType: "AWS_PROXY",
  integrationUri: greet.invokeArn,
  payloadFormatVersion: "2.0",
});
new aws.apigatewayv2.Route("greet", { apiId: api.id, routeKey: "GET /hello", target: pulumi.interpolate`integrations/${integration.id}` });
new aws.apigatewayv2.Stage("default", { apiId: api.id, name: "$default", autoDeploy: true });
new aws.lambda.Permission("greet", {
  action: "lambda:InvokeFunction",
  function: greet.name,
  principal: "apigateway.amazonaws.com",
  sourceArn: pulumi.interpolate`${api.executionArn}/*/*`,
});

// What a test adds, to see that it is refused.
if (process.env["WITH_FILE_SYSTEM"] === "1") new aws.efs.FileSystem("shared");

export const url = api.apiEndpoint;
export const jobsUrl = jobs.url;
export const password = pulumi.secret("correct horse battery staple");
