import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { rejectionOf, startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { Fallback } from "../../src/endpoint/fallback";
import { administrator } from "../../src/kernel/caller";
import { Calls } from "../../src/kernel/calls";
import { Clock } from "../../src/kernel/clock";
import { sqs } from "../../src/services/sqs";
import { declareAll } from "../../src/testing/declare-all";

/** Stands in for the other emulator. */
const startEmulator = async (answer: RequestListener) => {
  const server = createServer(answer);
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
};

const close = (server: Server) => {
  server.closeAllConnections();
  return new Promise(resolve => server.close(resolve));
};

describe("fallback", () => {
  let emulator: Awaited<ReturnType<typeof startEmulator>>;
  let laptop: Awaited<ReturnType<typeof startLaptop>>;
  let answer: (request: IncomingMessage, ...rest: [Parameters<RequestListener>[1]]) => void;

  before(async () => {
    emulator = await startEmulator((request, response) => answer(request, response));
    laptop = await startLaptop({
      definitions: [sqs],
      resources: [{ type: "aws:sqs/queue:Queue", name: "jobs", inputs: {} }],
      fallbackUrl: emulator.url,
    });
  });

  after(async () => {
    await laptop.stop();
    await close(emulator.server);
  });

  const client = () => ({ ...laptop.client, maxAttempts: 1 });
  const lastCall = () => laptop.cloud.calls.all().at(-1)!;

  it("passes a call of a service that the laptop cloud does not have on, with the headers that the signature covers", async () => {
    let received: { request: IncomingMessage; body: string } | undefined;
    answer = async (request, response) => {
      received = { request, body: (await buffer(request)).toString() };
      response.writeHead(200, { "content-type": "text/xml", "x-amzn-requestid": "theirs" });
      response.end("<PublishResponse><PublishResult><MessageId>m-1</MessageId></PublishResult></PublishResponse>");
    };
    const { MessageId, $metadata } = await new SNSClient(client()).send(new PublishCommand({ TopicArn: "arn:t", Message: "hello" }));
    expect([MessageId, $metadata.requestId]).to.deep.equal(["m-1", "theirs"]);
    expect(received!.body).to.contain("Message=hello");
    expect(received!.request.headers.host).to.equal(new URL(laptop.cloud.place.awsUrl).host);
    expect(received!.request.headers.authorization).to.match(/Credential=test\/\d+\/us-east-1\/sns\//);
    expect(lastCall()).to.include({ service: "sns", operation: "Publish", caller: "administrator", error: null, fallback: true });
  });

  it("answers calls of its own services itself", async () => {
    const { QueueUrls } = await new SQSClient(client()).send(new ListQueuesCommand({}));
    expect(QueueUrls).to.have.length(1);
    expect(lastCall()).not.to.have.property("fallback");
  });

  it("streams bodies in both directions", async () => {
    const s3 = new S3Client({ ...client(), forcePathStyle: true });
    let release = () => {};
    answer = async (request, response) => {
      if (request.method === "PUT") return response.end(String((await buffer(request)).length));
      response.writeHead(200, { "content-length": "10" }).write("first");
      await new Promise<void>(resolve => {
        release = resolve;
      });
      response.end("-last");
    };
    const Body = Readable.from([Buffer.alloc(5_000_000, "a"), Buffer.alloc(5_000_000, "b")]);
    await s3.send(new PutObjectCommand({ Bucket: "b", Key: "k", Body, ContentLength: 10_000_000 }));
    expect(lastCall().operation).to.equal("PUT /b/k");
    const { Body: download } = await s3.send(new GetObjectCommand({ Bucket: "b", Key: "k" }));
    const chunks: string[] = [];
    for await (const chunk of download as Readable) {
      chunks.push(String(chunk));
      release();
    }
    expect(chunks.join("")).to.equal("first-last");
  });

  it("passes errors on, and records their code", async () => {
    answer = (_, response) => {
      response.writeHead(403, { "content-type": "application/json", "x-amzn-errortype": "AccessDeniedException:http://internal/" });
      response.end('{"message":"no access"}');
    };
    const error = await rejectionOf(new LambdaClient(client()).send(new InvokeCommand({ FunctionName: "f" })));
    expect(error).to.include({ name: "AccessDeniedException", message: "no access" });
    expect(lastCall()).to.include({
      service: "lambda",
      operation: "POST /2015-03-31/functions/f/invocations",
      error: "AccessDeniedException",
      fallback: true,
    });
  });

  it("passes on calls without a signature, if their target is of another service", async () => {
    answer = (_, response) => response.end("{}");
    const call = (target: string) => fetch(laptop.cloud.place.awsUrl, { method: "POST", headers: { "x-amz-target": target }, body: "{}" });
    expect((await call("AWSCognitoIdentityProviderService.InitiateAuth")).status).to.equal(200);
    expect(lastCall()).to.include({ service: "AWSCognitoIdentityProviderService", operation: "InitiateAuth", fallback: true });
    expect((await call("AmazonSQS.ListQueues")).status).to.equal(403);
  });

  it("names the endpoint if it breaks off", async () => {
    answer = request => request.socket.destroy();
    const error = await rejectionOf(new SNSClient(client()).send(new PublishCommand({ TopicArn: "arn:t", Message: "hello" })));
    expect(error).to.have.nested.property("$metadata.httpStatusCode", 502);
    expect(error).to.have.property("name", "BadGateway");
    expect(error)
      .to.have.property("message")
      .that.contains(`passes calls of sns on to ${emulator.url} (AWS_FALLBACK_ENDPOINT), which does not answer: `);
    expect(lastCall()).to.include({ error: "BadGateway", fallback: true });
  });

  it("gives up an endpoint that is silent", async () => {
    answer = () => {};
    const fallback = new Fallback({ url: emulator.url, calls: new Calls(), clock: new Clock(), silenceLimitMs: 50 });
    const passed = new Promise(resolve => {
      void startEmulator(async (request, response) => {
        const { read } = await fallback.prepare(request, "sns");
        const run = await read();
        resolve(await rejectionOf(run(administrator, new AbortController().signal)));
        response.end();
      }).then(async ({ server, url }) => {
        await fetch(url, { method: "POST", body: "hello" });
        await close(server);
      });
    });
    expect(await passed)
      .to.have.property("message")
      .that.contains("which does not answer: it was silent for 0.05 s");
  });

  it("refuses resources of other services, and says that only calls are passed on", () => {
    expect(() => declareAll([sqs], laptop.cloud.place, [{ type: "aws:efs/fileSystem:FileSystem", name: "shared", inputs: {} }])).to.throw(
      `does not imitate. It passes calls on to ${emulator.url} (AWS_FALLBACK_ENDPOINT), but creates no resources there.`,
    );
  });
});
