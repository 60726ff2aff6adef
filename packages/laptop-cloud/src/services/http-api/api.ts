import type { Inventory, Resource } from "../../kernel/inventory";
import type { Place } from "../../kernel/service";
import { type Dialect, httpDialect } from "./dialect";
import type { HttpAnswer } from "./function-response";
import { MAX_INTEGRATION_MS } from "./resources/http-api";
import { functionArnOf } from "./resources/shared";
import { parseRoute, type Route } from "./routing";
import { readServiceIntegration, type ServiceIntegration } from "./service-integration";
import { TokenBucket } from "./token-bucket";

/** An HTTP API or a REST API of the program, ready to serve. */
interface Api {
  id: string;
  executionArn: string;
  /** "/api-gateway" */
  mount: string;
  dialect: Dialect;
  stages: Stage[];
  routes: Route<Integration>[];
}

interface Stage {
  name: string;
  variables?: Record<string, string>;
  deploymentId?: string;
  /** Whether a request to this route passes the stage's throttles. */
  admit(routeKey: string): boolean;
}

type Integration = (FunctionIntegration | MockIntegration | ServiceIntegration) & {
  /** Only a method of a REST API has these two. */
  resourceId?: string;
  operationName?: string;
};

interface FunctionIntegration {
  kind: "function";
  functionArn: string;
  /** Pulumi name of the function, where the program declares it. */
  functionName: string;
  timeoutMs: number;
}

interface MockIntegration {
  kind: "mock";
  /** Throws `MalformedResponse`. */
  answer(): HttpAnswer;
}

interface Throttle {
  throttlingRateLimit?: number;
  throttlingBurstLimit?: number;
}

/** Reads the HTTP APIs of the program. Throws `Error` for a route whose integration is not declared. */
const readHttpApis = (inventory: Inventory, place: Place): Api[] => {
  const belongingTo = (type: string, api: Resource) => inventory.ofType(type).filter(({ inputs }) => inputs["apiId"] === api.id);
  const integrationOf = (route: Resource): Integration => {
    const id = String(route.inputs["target"]).slice("integrations/".length);
    const declared = inventory.ofType("aws:apigatewayv2/integration:Integration").find(integration => integration.id === id);
    if (declared === undefined)
      throw new Error(`"${route.name}" (${route.type}) has the target ${route.inputs["target"]}, which the program does not declare.`);
    if (declared.inputs["integrationSubtype"] !== undefined) return readServiceIntegration(declared.inputs);
    return functionIntegration(inventory, declared.inputs["integrationUri"], declared.inputs["timeoutMilliseconds"] ?? MAX_INTEGRATION_MS);
  };
  return inventory.ofType("aws:apigatewayv2/api:Api").map(api => ({
    id: api.id,
    executionArn: api.outputs["executionArn"],
    mount: String(api.outputs["apiEndpoint"]).slice(place.pageUrl.length),
    dialect: httpDialect,
    stages: belongingTo("aws:apigatewayv2/stage:Stage", api).map(readStage),
    routes: belongingTo("aws:apigatewayv2/route:Route", api).map(route => parseRoute(route.inputs["routeKey"], integrationOf(route))),
  }));
};

/** The resources' checks have accepted the URI. */
const functionIntegration = (inventory: Inventory, uri: unknown, timeoutMs: number): FunctionIntegration => {
  const functionArn = functionArnOf(uri)!;
  return { kind: "function", functionArn, functionName: inventory.byArn(functionArn)?.name ?? functionArn.split(":").at(-1)!, timeoutMs };
};

const readStage = ({ inputs, outputs }: Resource): Stage => {
  const own = new Map<string, Throttle>(
    (inputs["routeSettings"] ?? []).map((settings: { routeKey: string }) => [settings.routeKey, settings]),
  );
  const shared = bucketOf(inputs["defaultRouteSettings"] ?? {});
  const buckets = new Map([...own].map(([routeKey, throttle]) => [routeKey, bucketOf(throttle)]));
  return {
    name: outputs["name"],
    variables: inputs["stageVariables"],
    admit: routeKey => (buckets.has(routeKey) ? buckets.get(routeKey) : shared)?.take() ?? true,
  };
};

/** The account's limits, for a stage that sets only one of the two (API Gateway quotas). */
const ACCOUNT_RATE_PER_SECOND = 10_000;
const ACCOUNT_BURST = 5000;

/** No bucket without a declared limit: a laptop does not reach the account's limits. */
const bucketOf = ({ throttlingRateLimit, throttlingBurstLimit }: Throttle): TokenBucket | undefined => {
  if (throttlingRateLimit === undefined && throttlingBurstLimit === undefined) return undefined;
  return new TokenBucket(throttlingRateLimit ?? ACCOUNT_RATE_PER_SECOND, throttlingBurstLimit ?? ACCOUNT_BURST);
};

export type { Api, FunctionIntegration, Integration, Stage };
export { functionIntegration, readHttpApis };
