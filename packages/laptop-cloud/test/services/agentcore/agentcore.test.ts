import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { BedrockAgentCoreClient, InvokeAgentRuntimeCommand, StopRuntimeSessionCommand } from "@aws-sdk/client-bedrock-agentcore";
import { rejectionOf, startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import type { Declared } from "../../../src/kernel/service";
import { agentcore } from "../../../src/services/agentcore";
import { iam } from "../../../src/services/iam";
import { lambda } from "../../../src/services/lambda";
import { logs } from "../../../src/services/logs";
import { declareFunction, declareRole } from "../lambda/functions-under-test";

const ARN = "arn:aws:bedrock-agentcore:us-east-1:123456789012:runtime/my_agent-a1B2c3D4e5";
const SESSION = "s".repeat(33);
const GATEWAY_ROLE = "arn:aws:iam::000000000000:role/gateway-role";

/** A gateway with one tool, whose function tells what it got. */
const gateway = (gatewayId: string, actions: string[]): Declared[] => [
  declareRole(),
  declareFunction({
    code: "exports.handler = async (event, context) => { if (event.fail) throw new Error(event.fail); return { event, custom: context.clientContext.custom }; };",
  }),
  {
    type: "aws:iam/role:Role",
    name: "gateway-role",
    inputs: {
      assumeRolePolicy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "bedrock-agentcore.amazonaws.com" } }],
      }),
      inlinePolicies: [
        {
          name: "all",
          policy: JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: actions, Resource: "*" }] }),
        },
      ],
    },
  },
  {
    type: "aws:bedrock/agentcoreGateway:AgentcoreGateway",
    name: "front",
    inputs: { protocolType: "MCP", authorizerType: "AWS_IAM", roleArn: GATEWAY_ROLE },
  },
  {
    type: "aws:bedrock/agentcoreGatewayTarget:AgentcoreGatewayTarget",
    name: "target",
    inputs: {
      name: "tools",
      gatewayIdentifier: gatewayId,
      credentialProviderConfiguration: { gatewayIamRole: {} },
      targetConfiguration: {
        mcp: {
          lambda: {
            lambdaArn: "arn:aws:lambda:us-east-1:000000000000:function:worker",
            toolSchema: {
              inlinePayloads: [
                {
                  name: "greet",
                  description: "Greets.",
                  inputSchema: { type: "object", properties: [{ name: "who", type: "string", description: "A name.", required: true }] },
                },
              ],
            },
          },
        },
      },
    },
  },
];

/** As `resources.ts` derives it from the name. */
const { gatewayId } = agentcore.resources["aws:bedrock/agentcoreGateway:AgentcoreGateway"]!.outputs(
  { type: "", name: "front", inputs: {} },
  { region: "", account: "", awsUrl: "", pageUrl: "" },
) as unknown as { gatewayId: string };

describe("agentcore", () => {
  describe("an agent at an address", () => {
    let agent: Server;
    let laptop: Awaited<ReturnType<typeof startLaptop>>;
    let client: BedrockAgentCoreClient;
    let answer: (response: ServerResponse) => void;
    const requests: { url?: string; headers: IncomingHttpHeaders; body: string }[] = [];
    before(async () => {
      agent = createServer(async (request, response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        requests.push({ url: request.url, headers: request.headers, body: Buffer.concat(chunks).toString() });
        answer(response);
      });
      agent.listen(0, "127.0.0.1");
      await once(agent, "listening");
      const url = `http://127.0.0.1:${(agent.address() as AddressInfo).port}`;
      laptop = await startLaptop({ definitions: [iam, agentcore], runtimes: { [ARN]: url } });
      client = new BedrockAgentCoreClient({ ...laptop.client, maxAttempts: 1 });
    });
    after(async () => {
      await laptop.stop();
      agent.closeAllConnections();
      agent.close();
    });

    const invoke = (agentRuntimeArn = ARN) =>
      client.send(
        new InvokeAgentRuntimeCommand({
          agentRuntimeArn,
          runtimeSessionId: SESSION,
          contentType: "application/json",
          accept: "text/event-stream",
          payload: Buffer.from('{"text":"hello"}'),
        }),
      );

    it("gets the payload and the session, and answers as it likes", async () => {
      answer = response => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write('data: "one"\n\n');
        response.end('data: "two"\n\n');
      };
      const { response, contentType, runtimeSessionId } = await invoke();
      expect({ contentType, runtimeSessionId }).to.deep.equal({ contentType: "text/event-stream", runtimeSessionId: SESSION });
      expect(await response!.transformToString()).to.equal('data: "one"\n\ndata: "two"\n\n');
      const { url, headers, body } = requests.at(-1)!;
      expect({ url, body }).to.deep.equal({ url: "/invocations", body: '{"text":"hello"}' });
      expect(headers).to.include({ accept: "text/event-stream", "x-amzn-bedrock-agentcore-runtime-session-id": SESSION });
    });

    it("that fails is an error of the client", async () => {
      answer = response => response.writeHead(500).end("no");
      expect(await rejectionOf(invoke()))
        .to.include({ name: "RuntimeClientError" })
        .and.have.property("message")
        .that.contains("(500)");
    });

    it("is refused by its ARN if it has no address", async () => {
      const other = ARN.replace("my_agent", "other");
      expect(await rejectionOf(invoke(other)))
        .to.include({ name: "ResourceNotFoundException" })
        .and.have.property("message")
        .that.contains(`npm start -- --runtime ${other}=http://`);
    });

    it("loses its connection when the session is stopped, and there is no session afterwards", async () => {
      const isAsked = new Promise<ServerResponse>(resolve => {
        answer = resolve;
      });
      const stop = () => client.send(new StopRuntimeSessionCommand({ agentRuntimeArn: ARN, runtimeSessionId: SESSION }));
      const asking = rejectionOf(invoke());
      const response = await isAsked;
      const closed = once(response, "close");
      await stop();
      await closed;
      expect(await asking)
        .to.have.property("message")
        .that.contains("was stopped");
      expect(await rejectionOf(stop())).to.include({ name: "ResourceNotFoundException" });
    });
  });

  describe("a gateway", () => {
    let laptop: Awaited<ReturnType<typeof startLaptop>>;
    afterEach(() => laptop.stop());
    const start = async (actions = ["lambda:InvokeFunction"]) => {
      laptop = await startLaptop({ definitions: [iam, logs, lambda, agentcore], resources: gateway(gatewayId, actions) });
    };
    const send = async (message: object) => {
      const response = await fetch(`${laptop.cloud.place.awsUrl}/gateways/${gatewayId}/mcp`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          authorization:
            "AWS4-HMAC-SHA256 Credential=test/20261129/us-east-1/bedrock-agentcore/aws4_request, SignedHeaders=host, Signature=x",
        },
        body: JSON.stringify({ jsonrpc: "2.0", ...message }),
      });
      const text = await response.text();
      return { status: response.status, ...(text === "" ? {} : JSON.parse(text)) };
    };
    const call = (args: object, name = "tools___greet") => send({ id: 7, method: "tools/call", params: { name, arguments: args } });

    it("describes its tools, and calls their function with its role", async () => {
      await start();
      const { result } = await send({ id: 1, method: "initialize", params: { protocolVersion: "2025-06-18" } });
      expect(result).to.deep.include({ protocolVersion: "2025-06-18", capabilities: { tools: {} } });
      expect(await send({ method: "notifications/initialized" })).to.deep.equal({ status: 202 });
      expect((await send({ id: 2, method: "tools/list" })).result.tools).to.deep.equal([
        {
          name: "tools___greet",
          description: "Greets.",
          inputSchema: { type: "object", properties: { who: { type: "string", description: "A name." } }, required: ["who"] },
        },
      ]);
      const called = (await call({ who: "Ada" })).result;
      expect(called.isError).to.equal(false);
      const { event, custom } = JSON.parse(called.content[0].text);
      expect(event).to.deep.equal({ who: "Ada" });
      expect(custom).to.include({ bedrockAgentCoreToolName: "tools___greet", bedrockAgentCoreGatewayId: gatewayId });
      expect((await call({ fail: "oops" })).result.isError).to.equal(true);
      expect((await call({}, "tools___other")).error).to.include({ code: -32602, message: 'There is no tool "tools___other".' });
    });

    it("can't call a function without a grant", async () => {
      await start(["logs:PutLogEvents"]);
      const refused = await call({ who: "Ada" });
      expect(refused.status).to.be.within(400, 403);
      expect(JSON.stringify(refused)).to.contain("lambda:InvokeFunction");
    });
  });
});
