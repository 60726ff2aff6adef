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

/** A request of `fetch`: the parts that say where it goes (undici, "Diagnostics Channel Support"). */
interface FetchRequest {
  origin: string | URL;
  path: string;
}

/** Begins to take note of requests, of `node:http` and of `fetch`; `tell` is told where each goes, without its query. */
const watchRequests = (tell: (url: string) => void) => {
  subscribe("http.client.request.start", message => {
    const request = (message as ToldOf).request as ClientRequest;
    open.set(request, { isPoll: isPoll(request) });
    request.once("close", () => open.delete(request));
    tell(withoutQuery(`${request.protocol}//${request.getHeader("host")}${request.path}`));
  });
  const ended = (message: unknown) => void open.delete((message as ToldOf).request);
  subscribe("undici:request:create", message => {
    const request = (message as ToldOf).request as FetchRequest;
    open.set(request, { isPoll: false });
    tell(withoutQuery(`${request.origin}${request.path}`));
  });
  subscribe("undici:request:trailers", ended);
  subscribe("undici:request:error", ended);
};

const withoutQuery = (url: string) => url.split("?", 1)[0]!;

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
