import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { ScopedFunction, type ScopedFunctionArgs } from "./scoped-function";

interface HttpApiArgs {
  /** Requests per second that pass in the long run, over all routes; more get 429. */
  requestsPerSecond: number;
  /** Requests that may come at once. */
  burst: number;
  logRetentionDays: number;
}

interface RouteArgs extends Omit<ScopedFunctionArgs<HttpEvent, HttpResult>, "timeoutSeconds" | "logRetentionDays"> {
  /** Default 10: a door answers in 2.5 s by its own clock, and a cold start may come before it. API Gateway waits 30 at most. */
  timeoutSeconds?: number;
}

/** API Gateway's payload format 2.0, as far as doors read it. */
interface HttpEvent {
  rawPath: string;
  rawQueryString?: string;
  headers: Record<string, string | undefined>;
  body?: string;
  isBase64Encoded?: boolean;
  requestContext: { http: { method: string } };
}

interface HttpResult {
  statusCode: number;
  headers?: Record<string, string>;
  body?: string;
}

const defaultTimeoutSeconds = 10;

/**
 * What the gateway logs of each request: of what it refuses itself, throttled and unknown, no door knows. Paths and queries stay out, since
 * they hold leases. Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
 */
const accessLogFields = ["requestId", "requestTime", "httpMethod", "routeKey", "status", "responseLatency", "error.responseType"];

/** A public HTTP API whose routes are functions, each with its own role. Unknown routes and methods get 404 from the gateway. */
class HttpApi extends pulumi.ComponentResource {
  readonly url: pulumi.Output<string>;
  readonly #api: aws.apigatewayv2.Api;
  readonly #args: HttpApiArgs;

  constructor(name: string, args: HttpApiArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:apigateway:HttpApi", name, {}, opts);
    const child = { parent: this };
    this.#args = args;
    this.#api = new aws.apigatewayv2.Api(name, { protocolType: "HTTP" }, child);
    const logGroup = new aws.cloudwatch.LogGroup(
      name,
      // A name that begins so spares the account's policy for log delivery, whose length is limited.
      { name: `/aws/vendedlogs/${pulumi.getProject()}-${pulumi.getStack()}-${name}`, retentionInDays: args.logRetentionDays },
      child,
    );
    new aws.apigatewayv2.Stage(
      name,
      {
        apiId: this.#api.id,
        name: "$default",
        autoDeploy: true,
        defaultRouteSettings: { throttlingRateLimit: args.requestsPerSecond, throttlingBurstLimit: args.burst },
        accessLogSettings: {
          destinationArn: logGroup.arn,
          format: JSON.stringify(Object.fromEntries(accessLogFields.map(field => [field, `$context.${field}`]))),
        },
      },
      child,
    );
    this.url = this.#api.apiEndpoint;
    this.registerOutputs({ url: this.url });
  }

  /** Answers `route` ("POST /webhook") with a function. Returns the function. */
  route(route: `${string} /${string}`, name: string, { timeoutSeconds = defaultTimeoutSeconds, ...args }: RouteArgs) {
    const child = { parent: this };
    const { lambda } = new ScopedFunction(name, { ...args, timeoutSeconds, logRetentionDays: this.#args.logRetentionDays }, child);
    const integration = new aws.apigatewayv2.Integration(
      name,
      { apiId: this.#api.id, integrationType: "AWS_PROXY", integrationUri: lambda.invokeArn, payloadFormatVersion: "2.0" },
      child,
    );
    new aws.apigatewayv2.Route(
      name,
      { apiId: this.#api.id, routeKey: route, target: pulumi.interpolate`integrations/${integration.id}` },
      child,
    );
    new aws.lambda.Permission(
      name,
      {
        function: lambda.name,
        action: "lambda:InvokeFunction",
        principal: "apigateway.amazonaws.com",
        // Any stage, this method and path only. A route for any method is called with the request's own.
        sourceArn: pulumi.interpolate`${this.#api.executionArn}/*/${route.replace("ANY ", "* ").replace(" ", "")}`,
      },
      child,
    );
    return lambda;
  }
}

export type { HttpApiArgs, HttpEvent, HttpResult, RouteArgs };
export { HttpApi };
