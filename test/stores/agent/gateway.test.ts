import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { SlackBusy, ToolBusy, ToolRefused } from "#core/errors";
import type { HttpResponse } from "#functions/door";
import { AgentGateway } from "#stores/agent/gateway";
import { type GatewayWorld, TOKEN, useGatewayWorld } from "../../functions/gateway/world";

const URL_OF_IT = "https://gateway.invalid/mcp";

describe("agent-gateway", () => {
  let world: GatewayWorld;
  useGatewayWorld(made => {
    world = made;
  });
  beforeEach(() => {
    sinon.stub(console, "log");
    sinon.stub(console, "error");
  });
  afterEach(() => sinon.restore());

  /** The real gateway, called with the HTTP requests that API Gateway would pass on. */
  const fetchGateway = async (_: string | URL | Request, { headers, body, method = "GET" }: RequestInit = {}): Promise<Response> => {
    const event = {
      requestContext: { http: { method } },
      headers: Object.fromEntries(new Headers(headers)),
      body: String(body),
      isBase64Encoded: false,
    };
    const answered = (await world.createGateway().handle(event, {})) as HttpResponse;
    return new Response(answered.body, { status: answered.statusCode, headers: answered.headers });
  };
  const create = (token = TOKEN) => new AgentGateway(URL_OF_IT, token, fetchGateway);

  const FAILED = { state: "failed" as const, steps: [{ label: "Think (1)", state: "done" as const }], note: "Lost." };

  it("shows the state of a task", async () => {
    const { id } = await world.createTask("gateway-card");
    await create().report(id, FAILED);

    const card = JSON.stringify(world.slack.messages.map(({ blocks }) => blocks));
    expect(card).to.contain("*Failed*").and.contain("Think (1)").and.contain("Lost.").and.not.contain("agent_stop");
  });

  it("throws ToolBusy if Slack asks to wait", async () => {
    const { id } = await world.createTask("gateway-busy");
    world.slack.problems.push(new SlackBusy("wait", { retryAfterSeconds: 7 }));

    expect(await rejectionOf(create().report(id, FAILED)))
      .to.be.instanceOf(ToolBusy)
      .with.property("retryAfterMs", 7000);
  });

  for (const [what, answer] of [
    ["is not there", () => Promise.reject(new TypeError("fetch failed"))],
    ["is out", async () => new Response("", { status: 503 })],
  ] as const) {
    it(`throws ToolBusy if the gateway ${what}`, async () => {
      expect(await rejectionOf(new AgentGateway(URL_OF_IT, TOKEN, answer).report("t", FAILED))).to.be.instanceOf(ToolBusy);
    });
  }

  it("throws ToolRefused for a wrong token and for an unknown task", async () => {
    expect(await rejectionOf(create("other").report("t", FAILED)))
      .to.be.instanceOf(ToolRefused)
      .with.property("rule", "gateway");
    expect(await rejectionOf(create().report("nobody's", FAILED)))
      .to.be.instanceOf(ToolRefused)
      .with.property("message")
      .that.contains("there is no such task");
  });
});
