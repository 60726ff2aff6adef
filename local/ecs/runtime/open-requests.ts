import { subscribe } from "node:diagnostics_channel";
import type { ClientRequest } from "node:http";

/** HTTP requests of this process that have not ended, by whatever stands for each. */
const open = new Map<object, { isPoll: boolean }>();

/** Those that were waited for once in vain, streams for instance: nobody waits for them again. */
const endless = new WeakSet<object>();

/** Long polls wait for as long as there is nothing: `sqs:ReceiveMessage`. */
const isPoll = (request: ClientRequest) => String(request.getHeader("x-amz-target")).endsWith(".ReceiveMessage");

interface ToldOf {
  request: object;
}

/** Begins to take note of requests, of `node:http` and of `fetch`. */
const watchRequests = () => {
  subscribe("http.client.request.start", message => {
    const request = (message as ToldOf).request as ClientRequest;
    open.set(request, { isPoll: isPoll(request) });
    request.once("close", () => open.delete(request));
  });
  const ended = (message: unknown) => void open.delete((message as ToldOf).request);
  subscribe("undici:request:create", message => void open.set((message as ToldOf).request, { isPoll: false }));
  subscribe("undici:request:trailers", ended);
  subscribe("undici:request:error", ended);
};

/** What is under way now, long polls included. The answer says whether all of it has ended. */
const takeNote = (): (() => boolean) => {
  const requests = [...open.keys()].filter(request => !endless.has(request));
  return () => requests.every(request => !open.has(request));
};

/** Whether a request other than a long poll is under way. */
const isAwaiting = () => [...open].some(([request, { isPoll }]) => !isPoll && !endless.has(request));

/** Gives up on what is under way now. */
const giveUp = () => {
  for (const [request, { isPoll }] of open) if (!isPoll) endless.add(request);
};

export { giveUp, isAwaiting, takeNote, watchRequests };
