import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { answerJson, HttpError, readBody } from "../../src/kernel/http";

describe("http", () => {
  const largestBytes = 1024;
  const received: string[] = [];
  let server: Server;
  let socket: Socket;
  let answer: string;

  beforeEach(async () => {
    received.length = 0;
    answer = "";
    server = createServer((request, response) => {
      readBody(request, largestBytes).then(
        body => {
          received.push(body.toString("utf8"));
          answerJson(response, {});
        },
        (error: unknown) => {
          if (error instanceof HttpError) answerJson(response, { error: error.code }, error.status);
        },
      );
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    // A reset also closes the connection.
    socket.on("error", () => {});
    await once(socket, "connect");
  });

  afterEach(() => {
    socket.destroy();
    server.closeAllConnections();
    server.close();
  });

  /** Sends a whole POST request of `sizeBytes` before it reads the answer, as many clients do. */
  const post = async (sizeBytes: number) => {
    socket.pause();
    socket.write(`POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: ${sizeBytes}\r\n\r\n`);
    await new Promise<void>(resolve => socket.write("a".repeat(sizeBytes), () => resolve()));
    socket.on("data", data => {
      answer += data;
    });
    socket.resume();
  };

  it("reads a body of the largest size", async () => {
    await post(largestBytes);
    await eventually(() => answer.includes("200 OK"));
    expect(received).to.deep.equal(["a".repeat(largestBytes)]);
  });

  it("answers 413 to a client that sends too much, whatever the size", async () => {
    await post(100 * 1024 * 1024);
    await eventually(() => answer.includes("too_large") || socket.destroyed);
    expect(answer).to.match(/^HTTP\/1\.1 413 .*connection: close.*"too_large"/is);
    expect(received).to.deep.equal([]);
  });

  it("closes the connection if a body never ends", async () => {
    socket.write("POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ntransfer-encoding: chunked\r\n\r\n");
    const chunk = `1000000\r\n${"a".repeat(0x1000000)}\r\n`;
    socket.on("drain", () => socket.write(chunk)).write(chunk);
    await eventually(() => socket.destroyed);
    expect(received).to.deep.equal([]);
  });
});
