import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { Deadline } from "#core/deadline";
import { SlackBusy } from "#core/errors";
import { answerAt } from "#stores/slack/response-url";

describe("response-url", () => {
  let server: Server;
  let url: string;
  let status: number;
  let heard: { path?: string; type?: string; body: string }[];

  beforeEach(async () => {
    heard = [];
    status = 200;
    server = createServer(async (request: IncomingMessage, response) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      heard.push({ path: request.url, type: request.headers["content-type"], body });
      response.writeHead(status, status === 307 ? { location: `${url}/elsewhere` } : {}).end("ok");
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  it("gets the message as JSON", async () => {
    await answerAt(`${url}/actions/1`, { text: "ü" }, new Deadline(5000));
    expect(heard).to.deep.equal([{ path: "/actions/1", type: "application/json; charset=utf-8", body: '{"text":"ü"}' }]);
  });

  it("throws SlackBusy if Slack refuses the message", async () => {
    status = 500;
    const error = await rejectionOf(answerAt(url, {}, new Deadline(5000)));
    expect(error).to.be.instanceOf(SlackBusy);
    expect((error as Error).message).to.contain("500");
  });

  it("does not follow redirects", async () => {
    status = 307;
    expect(await rejectionOf(answerAt(url, {}, new Deadline(5000)))).to.be.instanceOf(Error);
    expect(heard.map(({ path }) => path)).to.deep.equal(["/"]);
  });
});
