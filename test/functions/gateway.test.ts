import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import type { Gateway } from "#functions/gateway";
import { type Sent, sendTo } from "./gateway/calls";
import { type GatewayWorld, TOKEN, useGatewayWorld } from "./gateway/world";

describe("gateway", () => {
  let world: GatewayWorld;
  let gateway: Gateway;
  useGatewayWorld(made => {
    world = made;
  });
  beforeEach(() => {
    sinon.stub(console, "log");
    sinon.stub(console, "error");
    gateway = world.createGateway();
  });
  afterEach(() => sinon.restore());

  const send = ({ door = gateway, ...sent }: Sent & { door?: Gateway } = {}) => sendTo(door, sent);

  describe("the door", () => {
    it("accepts only POST, whatever the token", async () => {
      for (const method of ["GET", "DELETE", "PUT"]) {
        const { statusCode, headers } = await send({ method, headers: { authorization: undefined } });
        expect([statusCode, headers["Allow"]], method).to.deep.equal([405, "POST"]);
      }
    });

    it("checks size and type before the token, and the token before the body", async () => {
      const stranger = { authorization: "Bearer other" };
      expect((await send({ body: "x".repeat(1024 * 1024 + 1), headers: stranger })).statusCode).to.equal(413);
      expect((await send({ headers: { ...stranger, "content-type": "text/plain" } })).statusCode).to.equal(415);
      expect((await send({ headers: { ...stranger, "content-encoding": "gzip" } })).statusCode).to.equal(415);
      expect((await send({ body: "{", headers: stranger })).statusCode).to.equal(401);
      expect((await send({ body: "{" })).statusCode).to.equal(400);
      expect((await send({ body: "[]" })).statusCode).to.equal(400);
      expect((await send({ body: '{"hello": 1}' })).statusCode).to.equal(400);
    });

    it("refuses a missing or wrong token, and every token if none is configured", async () => {
      for (const authorization of [undefined, "", TOKEN, "Bearer", `Basic ${TOKEN}`, `Bearer ${TOKEN}x`]) {
        const { statusCode, headers, body } = await send({ headers: { authorization } });
        expect([statusCode, headers["WWW-Authenticate"]], String(authorization)).to.deep.equal([401, "Bearer"]);
        expect(body).not.to.include(TOKEN);
      }
      expect((await send({ door: world.createGateway(undefined, []) })).statusCode).to.equal(401);
      expect((await send({ headers: { authorization: `bearer ${TOKEN}` } })).statusCode).to.equal(200);
      expect((await send({ door: world.createGateway(undefined, ["old", TOKEN]) })).statusCode).to.equal(200);
    });
  });

  describe("AgentCore", () => {
    const call = (tool: string, args: object) =>
      gateway.handle({ ...args }, { clientContext: { custom: { bedrockAgentCoreToolName: tool } } });

    it("calls the tool that its context names, with the event as arguments", async () => {
      expect(await call("slack-fanout___post_to_slack", { text: "hello", channel: "C0002" })).to.deep.equal({
        channel: "C0002",
        ts: "1763805700.000001",
      });
      expect(await call("post_to_slack", { text: "hello", channel: "C0009" }))
        .to.have.property("error")
        .that.matches(/^channel: /);
    });

    it("throws for an unknown tool and for an unknown event", async () => {
      expect(await rejectionOf(call("slack-fanout___rm_rf", {}))).to.include({ name: "BadRequest" });
      const progress = { state: "done", steps: [], task: "any" };
      expect(await rejectionOf(call("slack-fanout___report_progress", progress))).to.include({ name: "BadRequest" });
      expect(await rejectionOf(gateway.handle({}, {}))).to.include({ name: "BadRequest" });
    });
  });
});
