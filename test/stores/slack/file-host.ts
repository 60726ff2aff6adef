import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A file host that answers with `respond` and records its requests. */
const startHost = async (respond: RequestListener) => {
  const requests: { url: string | undefined; authorization: string | undefined }[] = [];
  const server: Server = createServer((request, response) => {
    requests.push({ url: request.url, authorization: request.headers.authorization });
    respond(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { origin, requests, server };
};

const send =
  (body: Buffer, headers: Record<string, string> = {}, status = 200): RequestListener =>
  (_, response) =>
    void response.writeHead(status, { "content-type": "image/png", "content-length": body.length, ...headers }).end(body);

/** Starts hosts, and closes them after each test of the suite that calls it. */
const useHosts = () => {
  const servers: Server[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    }
  });
  return async (respond: RequestListener) => {
    const started = await startHost(respond);
    servers.push(started.server);
    return started;
  };
};

export { send, useHosts };
