import type { IncomingMessage, ServerResponse } from "node:http";
import { isDiskTrouble } from "./kernel/disk-trouble";
import { isHangUp } from "./kernel/http";
import type { HttpHandler } from "./kernel/service";

/**
 * The page's server: hands each request to whoever is mounted at the longest prefix of its path.
 *
 * A request must name this machine as its host (a page elsewhere could otherwise reach us through a name of its own that points
 * here, "DNS rebinding"), and one that a browser sends from another origin, or from one that it does not name, is refused.
 */
class Front {
  readonly #mounts = new Map<string, HttpHandler>();

  mount(prefix: string, handler: HttpHandler) {
    this.#mounts.set(prefix, handler);
  }

  async handle(request: IncomingMessage, response: ServerResponse) {
    const refusal = refuse(request);
    if (refusal !== undefined) {
      response.writeHead(403, { "content-type": "text/plain; charset=utf-8" }).end(refusal);
      return;
    }
    const path = (request.url ?? "/").split("?", 1)[0]!;
    const handler = this.#find(path);
    if (handler === undefined) {
      response.writeHead(404, { "content-type": "text/plain; charset=utf-8" }).end(`There is nothing at ${path}.\n`);
      return;
    }
    try {
      await handler(request, response);
    } catch (error) {
      if (isHangUp(request, error)) return;
      if (isDiskTrouble(error) && !response.headersSent) {
        response
          .writeHead(503, { "content-type": "text/plain; charset=utf-8" })
          .end(`The laptop cloud can't write this: ${error.message}.\n`);
        return;
      }
      console.error(error);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    }
  }

  #find(path: string): HttpHandler | undefined {
    const prefixes = [...this.#mounts.keys()].filter(prefix => prefix === "/" || path === prefix || path.startsWith(`${prefix}/`));
    const longest = prefixes.sort((a, b) => b.length - a.length)[0];
    return longest === undefined ? undefined : this.#mounts.get(longest);
  }
}

const loopbackHosts = new Set(["127.0.0.1", "localhost", "[::1]"]);

const refuse = (request: IncomingMessage): string | undefined => {
  const { host, origin } = request.headers;
  if (host !== undefined && !loopbackHosts.has(parseUrl(`http://${host}`)?.hostname ?? ""))
    return `The host ${host} is not this machine.\n`;
  // "null" is the origin of sandboxed frames and local files: anybody's.
  if (origin !== undefined && parseUrl(origin)?.host !== host) return `The origin ${origin} is not this page.\n`;
  return undefined;
};

const parseUrl = (url: string) => (URL.canParse(url) ? new URL(url) : undefined);

export { Front };
