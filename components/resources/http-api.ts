import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { buildPhysicalName } from "../wiring/physical-name";
import { ScopedFunction } from "../wiring/scoped-function";
import { type Module, type Wiring, type WiringWith, wire } from "../wiring/wire";
import { ApiDomain, type ApiDomainArgs } from "./api-domain";
import { createFailureAlarm } from "./failure-alarm";
import type { FeatureArgs } from "./feature";
import { ownMetric } from "./own-metric";

interface HttpApiArgs extends Pick<FeatureArgs, "errors" | "environment" | "logRetentionDays" | "tracing"> {
  /** Sustained requests per second over all routes. More get 429. */
  requestsPerSecond: number;
  /** Requests that may arrive at once. */
  burst: number;
  /** A custom domain. Default: the name that AWS gives the API. */
  domain?: Pick<ApiDomainArgs, "domain" | "zoneId" | "certificateArn"> | undefined;
}

interface RouteOptions {
  /** Environment variables of the function, such as its secrets, in addition to those that all routes share. */
  environment?: Record<string, pulumi.Input<string>>;
  /** Name of the function and its resources. Default: the route's path, "webhook" for "POST /webhook". */
  name?: string;
  /** More routes that the same function answers. */
  also?: Route[];
  /**
   * Seconds an invocation may take. Default 10, for doors that answer Slack: they stop by themselves after 2.5 s, but a cold start may come
   * first, and slow answers raise an alarm. A route with its own timeout may use all of it. API Gateway waits at most 30.
   */
  timeoutSeconds?: number;
}

/** A route's function, and the address that it answers. */
interface Door {
  lambda: aws.lambda.Function;
  url: pulumi.Output<string>;
}

/** The parts of API Gateway's payload format 2.0 that doors read. */
interface HttpEvent {
  /** The route that was matched, "POST /webhook". */
  routeKey: string;
  rawPath: string;
  rawQueryString?: string;
  headers: Record<string, string | undefined>;
  cookies?: string[];
  body?: string;
  isBase64Encoded?: boolean;
  requestContext: { http: { method: string } };
}

/** A method and a path, "POST /webhook". */
type Route = `${string} /${string}`;

interface HttpResult {
  statusCode: number;
  headers?: Record<string, string>;
  body?: string;
}

const DEFAULT_TIMEOUT_SECONDS = 10;

/** Slack waits 3 s. The last second is for a cold start, which is not part of the duration that Lambda reports. */
const SLOW_MS = 2000;
/** A single slow call to AWS raises no alarm. */
const SLOW_MINUTES = { above: 2, of: 5 };

/**
 * Slack may switch an app's events off when fewer than 5 % of an hour's requests get a 200. A quarter of an hour above half leaves time.
 * Source: https://docs.slack.dev/reference/events/app_rate_limited/
 */
const FAILING_SHARE = 0.5;
const FAILING_MINUTES = { above: 10, of: 15 };

/**
 * Fields of the access log, which also covers requests that API Gateway throttles or refuses itself. Without paths and queries, since they
 * contain leases. Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
 */
const ACCESS_LOG_FIELDS = [
  "requestId",
  "requestTime",
  "httpMethod",
  "routeKey",
  "status",
  "responseLatency",
  "error.responseType",
  // The id of the function's invocation, for npm run trace.
  "integration.requestId",
];

/** A public HTTP API whose routes are functions, each with its own role. Unknown routes and methods get 404 from the gateway. */
class HttpApi extends pulumi.ComponentResource {
  readonly url: pulumi.Output<string>;
  /** The API's address, and the address of each door that answers Slack: `url`, `webhookUrl`. */
  readonly outputs: Record<string, pulumi.Output<string>>;
  /** The names of the doors' functions, by the names of their resources. */
  readonly doors: Record<string, pulumi.Output<string>> = {};
  readonly #api: aws.apigatewayv2.Api;
  readonly #args: HttpApiArgs;

  constructor(name: string, args: HttpApiArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:apigateway:HttpApi", name, {}, opts);
    const child = { parent: this };
    this.#args = args;
    this.#api = new aws.apigatewayv2.Api(name, { protocolType: "HTTP" }, child);
    const logGroup = new aws.cloudwatch.LogGroup(
      name,
      // Log groups with this prefix need no entry in the account's resource policy for log delivery, whose length is limited.
      { name: `/aws/vendedlogs/${buildPhysicalName(name)}`, retentionInDays: args.logRetentionDays },
      child,
    );
    const stage = new aws.apigatewayv2.Stage(
      name,
      {
        apiId: this.#api.id,
        name: "$default",
        autoDeploy: true,
        defaultRouteSettings: { throttlingRateLimit: args.requestsPerSecond, throttlingBurstLimit: args.burst },
        accessLogSettings: {
          destinationArn: logGroup.arn,
          format: JSON.stringify(Object.fromEntries(ACCESS_LOG_FIELDS.map(field => [field, `$context.${field}`]))),
        },
      },
      child,
    );
    createFailureAlarm(
      `${name}-5xx`,
      {
        runbook: "5xx",
        alarmDescription: pulumi.interpolate`Requests to ${this.#api.name} were answered with 5xx. Slack repeats its events, but not commands and buttons. Look for errors in the doors' logs.`,
        namespace: "AWS/ApiGateway",
        metricName: "5xx",
        dimensions: { ApiId: this.#api.id },
        statistic: "Sum",
        alarmTopic: args.errors,
      },
      child,
    );
    const own = args.domain && new ApiDomain(`${name}-domain`, { ...args.domain, api: this.#api, stage }, child);
    this.url = own?.url ?? this.#api.apiEndpoint;
    this.outputs = { url: this.url, ...(own && { domainTarget: own.target }) };
    this.registerOutputs(this.outputs);
  }

  get id(): pulumi.Output<string> {
    return this.#api.id;
  }

  /** Answers `route` ("POST /webhook") with a function. */
  route<Settings extends object>(
    route: Route,
    load: () => Module<Settings, HttpEvent, HttpResult>,
    { environment, name = pathOf(route), also = [], timeoutSeconds, ...wiring }: WiringWith<RouteOptions, NoInfer<Settings>>,
  ): Door {
    const child = { parent: this };
    const answersSlack = timeoutSeconds === undefined;
    const { lambda } = new ScopedFunction(
      name,
      {
        ...wire(load, wiring as unknown as Wiring<NoInfer<Settings>>),
        environment: { ...this.#args.environment, ...environment },
        timeoutSeconds: timeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS,
        logRetentionDays: this.#args.logRetentionDays,
        tracing: this.#args.tracing,
      },
      child,
    );
    this.#watch(name, lambda, answersSlack);
    this.doors[name] = lambda.name;
    const integration = new aws.apigatewayv2.Integration(
      name,
      { apiId: this.#api.id, integrationType: "AWS_PROXY", integrationUri: lambda.invokeArn, payloadFormatVersion: "2.0" },
      child,
    );
    for (const each of [route, ...also]) {
      const routeName = each === route ? name : pathOf(each).replaceAll("/", "-");
      new aws.apigatewayv2.Route(
        routeName,
        { apiId: this.#api.id, routeKey: each, target: pulumi.interpolate`integrations/${integration.id}` },
        child,
      );
      new aws.lambda.Permission(
        routeName,
        {
          function: lambda.name,
          action: "lambda:InvokeFunction",
          principal: "apigateway.amazonaws.com",
          // Any stage, but only this method and path. For a route with ANY, API Gateway inserts the method of the request.
          sourceArn: pulumi.interpolate`${this.#api.executionArn}/*/${each.replace("ANY ", "* ").replace(" ", "")}`,
        },
        child,
      );
    }
    const url = pulumi.interpolate`${this.url}/${pathOf(route).replace("/{proxy+}", "")}`;
    if (answersSlack) this.outputs[nameOutput(name)] = url;
    return { lambda, url };
  }

  /** Raises an alarm when a door is throttled and, if it answers Slack, when it is slow. */
  #watch(name: string, lambda: aws.lambda.Function, answersSlack: boolean) {
    const metric = { namespace: "AWS/Lambda", dimensions: { FunctionName: lambda.name }, alarmTopic: this.#args.errors };
    const child = { parent: this };
    createFailureAlarm(
      `${name}-throttles`,
      {
        ...metric,
        runbook: "throttles",
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
        runbook: "slow-acks",
        alarmDescription: pulumi.interpolate`${lambda.name} took more than ${SLOW_MS / 1000} s to answer, and Slack waits 3 s. Look for throttled tables, and for slow calls in its log with debug on.`,
        metricName: "Duration",
        statistic: "Maximum",
        threshold: SLOW_MS,
        minutes: SLOW_MINUTES,
      },
      child,
    );
    createFailureAlarm(
      `${name}-failing`,
      {
        runbook: "failing-acks",
        alarmDescription: pulumi.interpolate`${lambda.name} refused or failed most requests for ${FAILING_MINUTES.of} minutes. Slack may switch the app's events off when 95 % fail within an hour. Look for "refused" in its log.`,
        ...ownMetric("FailedAcks", lambda.name),
        statistic: "Average",
        threshold: FAILING_SHARE,
        minutes: FAILING_MINUTES,
        alarmTopic: this.#args.errors,
      },
      child,
    );
  }
}

const pathOf = (route: Route): string => route.slice(route.indexOf("/") + 1);

/** "webhookUrl" for the door "webhook". */
const nameOutput = (door: string): string => `${door.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())}Url`;

export type { Door };
export { HttpApi };
