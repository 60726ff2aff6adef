import type { RestReply, RestRoute } from "../../../kernel/service";
import { SESSION_HEADER } from "./runtimes";

const path = "/runtimes/{agentRuntimeArn}";

/** AgentCore Data Plane API reference. A gateway's own address is the laptop's. */
const routes: RestRoute[] = [
  {
    method: "POST",
    path: `${path}/invocations`,
    operation: "InvokeAgentRuntime",
    read: ({ parameters, query, headers, body }) => ({
      ...parameters,
      qualifier: query.get("qualifier") ?? undefined,
      runtimeSessionId: headers[SESSION_HEADER],
      contentType: headers["content-type"],
      accept: headers["accept"],
      traceId: headers["x-amzn-trace-id"],
      payload: body,
    }),
    write: ({ contentType, runtimeSessionId, response }): RestReply => ({
      status: 200,
      headers: { "content-type": contentType, [SESSION_HEADER]: runtimeSessionId },
      body: response,
    }),
  },
  {
    method: "POST",
    path: `${path}/stopruntimesession`,
    operation: "StopRuntimeSession",
    read: ({ parameters, query, headers }) => ({
      ...parameters,
      qualifier: query.get("qualifier") ?? undefined,
      runtimeSessionId: headers[SESSION_HEADER],
    }),
    write: ({ runtimeSessionId }): RestReply => ({ status: 200, headers: { [SESSION_HEADER]: runtimeSessionId }, body: "{}" }),
  },
  {
    method: "POST",
    path: "/gateways/{gatewayId}/mcp",
    operation: "InvokeGateway",
    read: ({ parameters, body }) => ({ ...parameters, body: body.toString("utf8") }),
    // A notification has no answer.
    write: ({ message }): RestReply =>
      message === undefined
        ? { status: 202 }
        : { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(message) },
  },
];

export { routes };
