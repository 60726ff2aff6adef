import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { createFailureAlarm } from "./failure-alarm";
import { ScopedFunction, type ScopedFunctionArgs } from "./scoped-function";

interface HttpApiArgs {
  /** Requests per second that pass in the long run, over all routes; more get 429. */
  requestsPerSecond: number;
  /** Requests that may come at once. */
  burst: number;
  logRetentionDays: number;
  /** Topic for the alarms about requests that failed, were throttled, or took too long for Slack. */
  alarmTopic: aws.sns.Topic;
}

interface RouteArgs extends Omit<ScopedFunctionArgs<HttpEvent, HttpResult>, "timeoutSeconds" | "logRetentionDays"> {
  /**
   * Default 10, for a door that answers Slack: it has 2.5 s by its own clock, a cold start may come before it, and slow answers raise an alarm.
   * A route that says its own timeout may use all of it. API Gateway waits 30 at most.
   */
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

/** Slack waits 3 s. Lambda does not count a cold start as part of the duration; the last second is for it. */
const slowMs = 2000;
/** A single slow call to AWS is no reason to wake anybody. */
const slowMinutes = { above: 2, of: 5 };

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
    createFailureAlarm(
      `${name}-5xx`,
      {
        alarmDescription: pulumi.interpolate`Requests to ${this.#api.name} were answered with 5xx. Slack repeats its events, but not commands and buttons. Look for errors in the doors' logs.`,
        namespace: "AWS/ApiGateway",
        metricName: "5xx",
        dimensions: { ApiId: this.#api.id },
        statistic: "Sum",
        alarmTopic: args.alarmTopic,
      },
      child,
    );
    this.url = this.#api.apiEndpoint;
    this.registerOutputs({ url: this.url });
  }

  /** Answers `route` ("POST /webhook") with a function. Returns the function. */
  route(route: `${string} /${string}`, name: string, args: RouteArgs) {
    const child = { parent: this };
    const { logRetentionDays } = this.#args;
    const { lambda } = new ScopedFunction(name, { timeoutSeconds: defaultTimeoutSeconds, ...args, logRetentionDays }, child);
    this.#watch(name, lambda, args.timeoutSeconds === undefined);
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

  /** Raises alarms when a door is throttled and, where it answers Slack, when it is slow. */
  #watch(name: string, lambda: aws.lambda.Function, answersSlack: boolean) {
    const metric = { namespace: "AWS/Lambda", dimensions: { FunctionName: lambda.name }, alarmTopic: this.#args.alarmTopic };
    const child = { parent: this };
    createFailureAlarm(
      `${name}-throttles`,
      {
        ...metric,
        alarmDescription: pulumi.interpolate`Lambda refused to run ${lambda.name}: the account's concurrency is used up. Ask AWS for more under Service Quotas, or find out which function takes it.`,
        metricName: "Throttles",
        statistic: "Sum",
      },
      child,
    );
    if (!answersSlack) return;
    createFailureAlarm(
      `${name}-slow`,
      {
        ...metric,
        alarmDescription: pulumi.interpolate`${lambda.name} took more than ${slowMs / 1000} s to answer, and Slack waits 3 s. Look for throttled tables, and for slow calls in its log with debug on.`,
        metricName: "Duration",
        statistic: "Maximum",
        threshold: slowMs,
        minutes: slowMinutes,
      },
      child,
    );
  }
}

export type { HttpApiArgs, HttpEvent, HttpResult, RouteArgs };
export { HttpApi };
