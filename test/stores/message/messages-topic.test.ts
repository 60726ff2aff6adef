import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { SNSClient } from "@aws-sdk/client-sns";
import { expect } from "chai";
import { MessagesTopic } from "#stores/message/messages-topic";

const attributes: Parameters<MessagesTopic["publish"]>[1] = {
  id: "T0001-C0001-1763805600.000200-events",
  type: "slack.message",
  door: "events",
  hasFiles: true,
  mentionsBot: false,
  private: true,
  threaded: false,
};

/** The message attributes of a request, by name. */
const attributesOf = (body: URLSearchParams | undefined): Record<string, string> => {
  const entries = [...(body ?? [])].filter(([key]) => key.endsWith(".Name"));
  return Object.fromEntries(entries.map(([key, name]) => [name, body?.get(key.replace(/Name$/, "Value.StringValue")) ?? ""]));
};

describe("messages-topic", () => {
  let server: Server;
  let bodies: URLSearchParams[];
  let client: SNSClient;
  beforeEach(async () => {
    bodies = [];
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      bodies.push(new URLSearchParams(Buffer.concat(chunks).toString()));
      response.setHeader("Content-Type", "text/xml");
      response.end("<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>");
    });
    await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
    client = new SNSClient({
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      region: "eu-central-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    });
  });
  afterEach(async () => {
    client.destroy();
    await new Promise(resolve => server.close(resolve));
  });

  it("publishes the envelope with its attributes", async () => {
    const topic = new MessagesTopic(client, "arn:aws:sns:eu-central-1:123456789012:messages");
    await topic.publish('{"id":"é"}', attributes, AbortSignal.timeout(5000));
    const [body] = bodies;
    expect(body?.get("Message")).to.equal('{"id":"é"}');
    expect(body?.get("MessageGroupId")).to.equal("T0001");
    expect(body?.get("TopicArn")).to.equal("arn:aws:sns:eu-central-1:123456789012:messages");
    expect(attributesOf(body)).to.deep.equal({
      type: "slack.message",
      door: "events",
      hasFiles: "true",
      mentionsBot: "false",
      private: "true",
      threaded: "false",
    });
  });

  it("publishes the type of conversation, the intent, that there is an answer, and the subscriber of a replay", async () => {
    const topic = new MessagesTopic(client, "arn:aws:sns:eu-central-1:123456789012:messages");
    const more = { channelType: "im", intent: "stop", answered: true, replayTo: "stopper" } as const;
    await topic.publish("{}", { ...attributes, ...more }, AbortSignal.timeout(5000));
    expect(attributesOf(bodies[0])).to.include({ ...more, answered: "true" });
    expect(Object.keys(attributesOf(bodies[0])), "what raw delivery to SQS allows").to.have.length(10);
  });
});
