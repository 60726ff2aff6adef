import type { IncomingMessage, RequestListener } from "node:http";
import { isLoopbackOrigin, isPageOrigin, LOOPBACK_NAMES } from "./kernel/origins";

/** The requests that a port accepts. */
interface Port {
  /** Whether a host, without its port and in lower case, is one of this machine's names here. */
  isOwnHost(name: string): boolean;
  /** Whether an Origin is the page's own, where the request went to `host` (with its port). */
  isOwnOrigin(origin: string, host: string): boolean;
  /** Whether what is behind the port decides about requests with this Origin. */
  isDecidedLater?(origin: string): boolean;
  /** Exceptions of the page's port. */
  exceptions?: Exceptions;
}

interface Exceptions {
  /** Names from `--allow-host`, in lower case. They reach the signed doors and nothing else. */
  allowedHosts: readonly string[];
  /** Paths that verify a signature or token themselves. */
  signedDoors: readonly string[];
  /** Paths that other sites send a browser to: top-level navigations with `GET` only. */
  landingPages: readonly string[];
}

/** The page's port. Its own origin is the host that was asked, so that a forwarded port works too. */
const pagePort = (exceptions: Exceptions): Port => ({
  isOwnHost: name => LOOPBACK_NAMES.includes(name),
  isOwnOrigin: (origin, host) => origin === `http://${host}`,
  exceptions,
});

/**
 * The AWS port. Every name below `localhost` is this machine (RFC 6761), and S3 names buckets so. The page's origins are on another port:
 * what S3 itself serves is not our page. The endpoint decides about pages of other servers on this machine, by the CORS rules of a bucket.
 */
const awsPort = (pageUrl: string): Port => ({
  isOwnHost: name => LOOPBACK_NAMES.includes(name) || name.endsWith(".localhost"),
  isOwnOrigin: origin => isPageOrigin(pageUrl, origin),
  isDecidedLater: origin => !isPageOrigin(pageUrl, origin) && isLoopbackOrigin(origin),
});

/**
 * Answers 403 to strangers, before anything else sees the request.
 *
 * Browsers let any page send requests to this machine, and a page whose name points here ("DNS rebinding") may even read the answers.
 * Programs such as SDKs and curl send neither `Origin` nor `Sec-Fetch-Site`.
 */
const refuseStrangers =
  (port: Port, listener: RequestListener): RequestListener =>
  (request, response) => {
    const reason = reasonToRefuse(port, request);
    if (reason === undefined) return listener(request, response);
    response.writeHead(403, { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" }).end(`${reason}\n`);
  };

const reasonToRefuse = (port: Port, request: IncomingMessage): string | undefined => {
  const hosts = request.headersDistinct["host"] ?? [];
  const host = hosts.join(", ");
  const isOwnHost = hosts.length === 1 && port.isOwnHost(nameOf(host));
  if (!isOwnHost && !isAllowed(port, host, request)) return refuseHost(port, host);

  const { origin } = request.headers;
  if (isOwnHost && origin !== undefined && port.isDecidedLater?.(origin)) return undefined;
  // "null" is the origin of sandboxed frames and local files: anybody's.
  if (origin !== undefined && !(isOwnHost && port.isOwnOrigin(origin, host.toLowerCase())))
    return `The origin ${JSON.stringify(origin)} is not the page of this laptop cloud.`;

  if (request.headers["sec-fetch-site"]?.includes("cross-site") && !isLanding(port, request))
    return "Another site sent your browser here (Sec-Fetch-Site: cross-site). To follow the link all the same, paste its address.";
  return undefined;
};

/** Without the port, in lower case. Leaves an invalid host unchanged, which equals no name. */
const nameOf = (host: string) => host.toLowerCase().replace(/:\d{1,5}$/, "");

const isAllowed = ({ exceptions }: Port, host: string, { url }: IncomingMessage) =>
  exceptions?.allowedHosts.includes(nameOf(host)) === true && exceptions.signedDoors.includes(pathOf(url));

const isLanding = ({ exceptions }: Port, { method, url, headers }: IncomingMessage) =>
  exceptions?.landingPages.includes(pathOf(url)) === true &&
  method === "GET" &&
  headers["sec-fetch-mode"] === "navigate" &&
  headers["sec-fetch-dest"] === "document";

const pathOf = (url = "/") => url.split("?", 1)[0]!;

const refuseHost = ({ exceptions }: Port, host: string) => {
  const said = `The host ${JSON.stringify(host)} is not this machine. Use ${LOOPBACK_NAMES.join(", ")}.`;
  if (exceptions === undefined || exceptions.signedDoors.length === 0) return said;
  return `${said} A name from --allow-host reaches the signed doors only: ${exceptions.signedDoors.join(", ")}.`;
};

export type { Exceptions };
export { awsPort, pagePort, refuseStrangers };
