import { connect, type Socket } from "node:net";
import { expect } from "chai";
import sinon from "sinon";
import type { ServiceDefinition } from "../../../local/kernel/service";
import { eventually, startLaptop } from "../laptop";

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
    laptop = await startLaptop({ definitions: [notes] });
  });

  afterEach(async () => {
    sinon.restore();
    await laptop.stop();
    for (const socket of sockets.splice(0)) socket.destroy();
  });

  /** A connection that has sent `text`; `heard` is what came back. */
  const send = (text: string) => {
    const socket = connect(Number(new URL(laptop.cloud.place.awsUrl).port), "127.0.0.1");
    const connection = { socket, heard: "", isClosed: false };
    socket.on("data", data => {
      connection.heard += data;
    });
    // A reset is a way to close.
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

  it("refuses an address that is none, and takes it for no failure of its own", async () => {
    const told = sinon.stub(console, "error");
    const connection = send("GET //[ HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n");
    await eventually(() => connection.isClosed);
    expect(connection.heard).to.match(/^HTTP\/1\.1 400 .*InvalidRequest/s);
    expect(told.args).to.deep.equal([]);
  });

  it("says nothing of a client that hangs up in the middle of its body", async () => {
    const told = sinon.stub(console, "error");
    const { socket } = send(`POST / HTTP/1.1\r\nhost: 127.0.0.1\r\n${signed}content-length: 1000\r\n\r\n{"half":`);
    // Requests of one process arrive in order: what was sent before is being read.
    expect((await call("Echo")).status).to.equal(200);
    socket.destroy();
    expect((await call("Echo")).status).to.equal(200);
    await laptop.stop();
    expect(told.args).to.deep.equal([]);
  });

  it("is 413 for a body of more than 64 MB", async () => {
    const answer = await call("Echo", "x".repeat(64 * 1024 * 1024 + 1));
    expect([answer.status, answer.headers.get("x-amzn-errortype")]).to.deep.equal([413, "RequestEntityTooLarge"]);
  });

  it("answers 503 with a sentence where the disk is full", async () => {
    const told = sinon.stub(console, "error");
    const answer = await call("Keep");
    expect(answer.status).to.equal(503);
    expect(await answer.json())
      .to.include({ __type: "ServiceUnavailable" })
      .and.to.have.property("message")
      .that.includes("no space left on device");
    expect(told.args).to.deep.equal([]);
  });

  it("answers, and ends, while hundreds of connections are idle or half-way through a request", async () => {
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
