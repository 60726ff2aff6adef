const aws = require("@pulumi/aws");
const pulumi = require("@pulumi/pulumi");

const greeting = new pulumi.Config().require("greeting");
const role = new aws.iam.Role("greeter", { assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" }) });
const greeter = new aws.lambda.Function("greeter", {
  role: role.arn,
  runtime: "nodejs22.x",
  handler: "index.handler",
  code: new pulumi.asset.AssetArchive({ "index.js": new pulumi.asset.StringAsset(`exports.handler = async () => "${greeting}"`) }),
});
new aws.lambda.Permission("greeter", { action: "lambda:InvokeFunction", principal: "apigateway.amazonaws.com", function: greeter.name });
const api = new aws.apigatewayv2.Api("api", { protocolType: "HTTP", routeKey: "GET /", target: greeter.arn });

exports.url = api.apiEndpoint;
