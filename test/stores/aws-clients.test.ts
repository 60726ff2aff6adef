import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { PublishCommand } from "@aws-sdk/client-sns";
import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { Deadline } from "#core/deadline";
import { createDynamoDB, createSNS } from "#stores/aws-clients";
import { retryUntil } from "#stores/retry";

describe("aws-clients", () => {
  const environment = { ...process.env };
  let server: Server;
  let requests: number;
  const listen = async (answer: RequestListener) => {
    requests = 0;
    server = createServer((request, response) => {
      requests += 1;
      answer(request, response);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
    });
  };
  afterEach(async () => {
    process.env = { ...environment };
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });

  const get = () => new GetItemCommand({ TableName: "seen", Key: { event_id: { S: "a" } } });
  const publish = () => new PublishCommand({ TopicArn: "arn:aws:sns:us-east-1:123456789012:messages", Message: "a" });
  const fail: RequestListener = (_, response) => {
    response.statusCode = 500;
    response.end("{}");
  };

  it("tries DynamoDB twice and SNS once on the ack path", async () => {
    await listen(fail);
    await rejectionOf(createDynamoDB("ack").send(get()));
    expect(requests).to.equal(2);
    await rejectionOf(createSNS("ack").send(publish()));
    expect(requests).to.equal(3);
  });

  it("leaves out the parts of the SDK that cost time in each call", () => {
    for (const client of [createDynamoDB("ack"), createSNS("ack")]) {
      const parts = client.middlewareStack.identify().join();
      expect(parts)
        .to.contain("retryMiddleware")
        .and.not.match(/logger|userAgent/i);
    }
  });

  it("times out after a second", async () => {
    await listen(() => {});
    expect(await rejectionOf(createSNS("ack").send(publish()))).to.have.property("name", "TimeoutError");
  });

  it("ends with the deadline, whatever the server does", async () => {
    await listen(() => {});
    const client = createDynamoDB("ack");
    const deadline = new Deadline(200);
    const error = await rejectionOf(retryUntil(deadline, () => client.send(get(), { abortSignal: deadline.signal() })));
    expect(error).to.have.property("name", "NotDurable");
    // The client's own timeout of a second would have allowed another try.
    expect(requests).to.equal(1);
  });
});
