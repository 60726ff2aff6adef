import { subscribe } from "node:diagnostics_channel";
import type { ClientRequest } from "node:http";

/** Open HTTP requests of this process, each by an object that identifies it. */
const open = new Map<object, { isPoll: boolean }>();

/** Requests that outlasted a wait, such as streams. They are not waited for again. */
const endless = new WeakSet<object>();

/** Long polls (`sqs:ReceiveMessage`) stay open while the queue is empty. */
const isPoll = (request: ClientRequest) => String(request.getHeader("x-amz-target")).endsWith(".ReceiveMessage");

interface RequestMessage {
  request: object;
}

/** The address of a `fetch` request (undici, "Diagnostics Channel Support"). */
interface FetchRequest {
  origin: string | URL;
  path: string;
}

/** Starts to track requests of `node:http` and `fetch`. Calls `onRequest` with the address of each, without its query. */
const watchRequests = (onRequest: (url: string) => void) => {
  subscribe("http.client.request.start", message => {
    const request = (message as RequestMessage).request as ClientRequest;
    open.set(request, { isPoll: isPoll(request) });
    request.once("close", () => open.delete(request));
    onRequest(withoutQuery(`${request.protocol}//${request.getHeader("host")}${request.path}`));
  });
  const ended = (message: unknown) => void open.delete((message as RequestMessage).request);
  subscribe("undici:request:create", message => {
    const request = (message as RequestMessage).request as FetchRequest;
    open.set(request, { isPoll: false });
    onRequest(withoutQuery(`${request.origin}${request.path}`));
  });
  subscribe("undici:request:trailers", ended);
  subscribe("undici:request:error", ended);
};

const withoutQuery = (url: string) => url.split("?", 1)[0]!;

/** Takes a snapshot of the open requests, including long polls. The result tells whether all of them have ended. */
const takeNote = (): (() => boolean) => {
  const requests = [...open.keys()].filter(request => !endless.has(request));
  return () => requests.every(request => !open.has(request));
};

/** Whether a request other than a long poll is open. */
const isAwaiting = () => [...open].some(([request, { isPoll }]) => !isPoll && !endless.has(request));

/** Stops waiting for the requests that are open now. */
const giveUp = () => {
  for (const [request, { isPoll }] of open) if (!isPoll) endless.add(request);
};

export { giveUp, isAwaiting, takeNote, watchRequests };
