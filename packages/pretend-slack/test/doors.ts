import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

/** A request that the pretend Slack made. */
interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

interface Reply {
  status?: number;
  headers?: Record<string, string>;
  body?: string;
  /** Delays the answer until this settles. */
  until?: Promise<unknown>;
}

/** A fake of the program's doors: records requests, and answers as set by `answer`. */
const startDoors = async () => {
  const received: Received[] = [];
  let reply: (request: Received) => Reply = () => ({});
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const taken = { path: request.url ?? "/", headers: request.headers, body: Buffer.concat(chunks).toString("utf8") };
    const challenge = taken.path === "/events" ? (JSON.parse(taken.body) as { challenge?: string }).challenge : undefined;
    if (challenge === undefined) received.push(taken);
    const { status = 200, headers = {}, body = "", until } = reply(taken);
    await until;
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(challenge === undefined ? body : JSON.stringify({ challenge }));
  });
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    received,
    /** The requests to one door, oldest first. */
    at: (path: string) => received.filter(request => request.path === path),
    answer: (how: (request: Received) => Reply) => {
      reply = how;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
};

type Doors = Awaited<ReturnType<typeof startDoors>>;

export type { Doors, Received };
export { startDoors };
