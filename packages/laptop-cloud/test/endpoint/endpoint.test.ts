import { connect, type Socket } from "node:net";
import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { eventually, startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import type { ServiceDefinition } from "../../src/kernel/service";
import { s3 } from "../../src/services/s3";
import { sns } from "../../src/services/sns";
import { sqs } from "../../src/services/sqs";

/** Echoes, or fails as a full disk does. */
const notes: ServiceDefinition = {
  name: "notes",
  resources: {},
  always: true,
  wire: { protocol: "aws-json", version: "1.0", target: "Notes" },
  create: () => ({
    operations: {
      Echo: async input => input,
      Keep: async () => {
        throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
      },
    },
    start: async () => {},
    stop: async () => {},
  }),
};

const signed = "authorization: AWS4-HMAC-SHA256 Credential=test/20261122/us-east-1/notes/aws4_request\r\nx-amz-target: Notes.Echo\r\n";

describe("endpoint", () => {
  let laptop: Awaited<ReturnType<typeof startLaptop>>;
  const sockets: Socket[] = [];

  beforeEach(async () => {
    laptop = await startLaptop({ definitions: [notes, s3, sns, sqs] });
  });

  afterEach(async () => {
    sinon.restore();
    await laptop.stop();
    for (const socket of sockets.splice(0)) socket.destroy();
  });

  /** A connection that has sent `text`; `received` is the answer so far. */
  const send = (text: string) => {
    const socket = connect(Number(new URL(laptop.cloud.place.awsUrl).port), "127.0.0.1");
    const connection = { socket, received: "", isClosed: false };
    socket.on("data", data => {
      connection.received += data;
    });
    // A reset also closes the connection.
    socket.on("error", () => {});
    socket.on("close", () => {
      connection.isClosed = true;
    });
    socket.write(text);
    sockets.push(socket);
    return connection;
  };

  const call = (operation: string, body = "{}") =>
    fetch(laptop.cloud.place.awsUrl, {
      method: "POST",
      headers: {
        authorization: "AWS4-HMAC-SHA256 Credential=test/20261122/us-east-1/notes/aws4_request",
        "x-amz-target": `Notes.${operation}`,
      },
      body,
    });

  it("refuses a malformed address, and does not log it as a failure", async () => {
    const logged = sinon.stub(console, "error");
    const connection = send("GET //[ HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n");
    await eventually(() => connection.isClosed);
    expect(connection.received).to.match(/^HTTP\/1\.1 400 .*InvalidRequest/s);
    expect(logged.args).to.deep.equal([]);
  });

  it("logs nothing if a client disconnects while it sends a body", async () => {
    const logged = sinon.stub(console, "error");
    const { socket } = send(`POST / HTTP/1.1\r\nhost: 127.0.0.1\r\n${signed}content-length: 1000\r\n\r\n{"half":`);
    // Requests of one process arrive in order, so the earlier ones are being read by now.
    expect((await call("Echo")).status).to.equal(200);
    socket.destroy();
    expect((await call("Echo")).status).to.equal(200);
    await laptop.stop();
    expect(logged.args).to.deep.equal([]);
  });

  it("tells SDK clients in their own protocol that a service is not started", async () => {
    const { client } = laptop;
    const calls: [service: string, type: string, call: Promise<unknown>][] = [
      [
        "sns",
        "aws:sns/topic:Topic",
        new SNSClient(client).send(new PublishCommand({ TopicArn: "arn:aws:sns:us-east-1:0:x", Message: "x" })),
      ],
      [
        "sqs",
        "aws:sqs/queue:Queue",
        new SQSClient(client).send(new SendMessageCommand({ QueueUrl: `${client.endpoint}/0/x`, MessageBody: "x" })),
      ],
      ["s3", "aws:s3/bucket:Bucket", new S3Client({ ...client, forcePathStyle: true }).send(new ListObjectsV2Command({ Bucket: "x" }))],
    ];
    for (const [service, type, call] of calls) {
      const error = await call.then(
        () => new Error("it answered"),
        (caught: Error) => caught,
      );
      expect(error.name, service).to.equal("UnknownService");
      expect(error.message).to.contain(`${service} is not started: the program declares no resource of the types`).and.contain(type);
    }
  });

  const form = { "content-type": "application/x-www-form-urlencoded" };
  const json = (version: string) => ({
    "content-type": `application/x-amz-json-${version}`,
    "x-amz-target": "Kinesis_20131202.ListStreams",
  });
  const unknown: [what: string, service: string, headers: Record<string, string>, answer: RegExp, contentType: string][] = [
    ["a JSON client", "kinesis", json("1.1"), /^\{"__type":"UnknownService","message":"/, "application/x-amz-json-1.1"],
    ["a REST client with JSON", "apprunner", { "content-type": "application/json" }, /^\{"__type":"UnknownService"/, "application/json"],
    ["a REST client without a body", "batch", {}, /^\{"__type":"UnknownService"/, "application/json"],
    ["a query client", "ses", form, /^<ErrorResponse><Error><Type>Sender<\/Type><Code>UnknownService<\/Code>/, "text/xml"],
    ["a client of EC2", "ec2", form, /^<Response><Errors><Error><Code>UnknownService<\/Code>/, "text/xml"],
    ["a REST client with XML", "route53", {}, /^<ErrorResponse><Error>/, "text/xml"],
    ["a client of S3", "s3-outposts", {}, /<Error><Code>UnknownService<\/Code>/, "application/xml"],
  ];
  for (const [what, service, headers, answer, contentType] of unknown) {
    it(`tells ${what} in its protocol that ${service} is not imitated`, async () => {
      const authorization = `AWS4-HMAC-SHA256 Credential=test/20261122/us-east-1/${service}/aws4_request`;
      const response = await fetch(laptop.cloud.place.awsUrl, { method: "POST", headers: { authorization, ...headers } });
      const text = await response.text();
      expect([response.status, response.headers.get("content-type")]).to.deep.equal([404, contentType]);
      expect(text).to.match(answer);
      expect(text).to.match(new RegExp(`does not imitate the API of .*${service}.*It knows notes, s3, sns, sqs\\.`));
    });
  }

  it("refuses unsigned requests in the client's protocol", async () => {
    const answer = async (path: string, init: RequestInit) => (await fetch(laptop.cloud.place.awsUrl + path, init)).text();
    expect(await answer("/", { method: "POST", headers: json("1.0") })).to.match(/^\{"__type":"MissingAuthenticationToken"/);
    expect(await answer("/", { method: "POST", body: new URLSearchParams({ Action: "Publish" }) })).to.match(/^<ErrorResponse>/);
    expect(await answer("/bucket/key", {})).to.match(/<Error><Code>MissingAuthenticationToken</);
  });

  it("tells a client with the query protocol that the service here accepts JSON", async () => {
    const authorization = "AWS4-HMAC-SHA256 Credential=test/20261122/us-east-1/notes/aws4_request";
    const body = new URLSearchParams({ Action: "Echo" });
    const response = await fetch(laptop.cloud.place.awsUrl, { method: "POST", headers: { authorization }, body });
    expect(await response.text()).to.match(/^<ErrorResponse>.*takes notes in AWS's JSON protocol only/);
  });

  it("answers 413 for a body of more than 64 MB", async () => {
    const answer = await call("Echo", "x".repeat(64 * 1024 * 1024 + 1));
    expect([answer.status, answer.headers.get("x-amzn-errortype")]).to.deep.equal([413, "RequestEntityTooLarge"]);
  });

  it("answers 503 with a sentence if the disk is full", async () => {
    const logged = sinon.stub(console, "error");
    const answer = await call("Keep");
    expect(answer.status).to.equal(503);
    expect(await answer.json())
      .to.include({ __type: "ServiceUnavailable" })
      .and.to.have.property("message")
      .that.includes("no space left on device");
    expect(logged.args).to.deep.equal([]);
  });

  it("answers and stops while hundreds of connections are idle or in the middle of a request", async () => {
    const idle = Array.from({ length: 200 }, () => send(""));
    for (let count = 0; count < 100; count++) {
      send("POST / HTTP/1.1\r\nhost: 127.0.0.1\r\nx-never");
      send(`POST / HTTP/1.1\r\nhost: 127.0.0.1\r\n${signed}content-length: 1000\r\n\r\n{"half":`);
    }
    await eventually(() => idle.every(({ socket }) => !socket.connecting));
    expect(await (await call("Echo", '{"still":"here"}')).json()).to.deep.equal({ still: "here" });
    await laptop.stop();
    await eventually(() => idle.every(({ isClosed }) => isClosed));
  });
});
