import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { SNSClient } from "@aws-sdk/client-sns";
import { expect } from "chai";
import { MessagesTopic } from "#stores/messages-topic";

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

  it("publishes the envelope with what filter policies see", async () => {
    const topic = new MessagesTopic(client, "arn:aws:sns:eu-central-1:123456789012:messages");
    const attributes = {
      type: "slack.message",
      door: "events",
      hasFiles: "true",
      mentionsBot: "false",
      private: "false",
      threaded: "false",
      intent: "stop",
    } as const;
    await topic.publish('{"id":"é"}', attributes, AbortSignal.timeout(5000));
    const [body] = bodies;
    expect(body?.get("Message")).to.equal('{"id":"é"}');
    expect(body?.get("TopicArn")).to.equal("arn:aws:sns:eu-central-1:123456789012:messages");
    const sent = Object.keys(attributes).map((_, index) =>
      ["Name", "Value.DataType", "Value.StringValue"].map(part => body?.get(`MessageAttributes.entry.${index + 1}.${part}`)),
    );
    expect(sent).to.deep.equal(Object.entries(attributes).map(([name, value]) => [name, "String", value]));
    expect(body?.has(`MessageAttributes.entry.${sent.length + 1}.Name`)).to.equal(false);
  });
});
