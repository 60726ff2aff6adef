import type { IncomingMessage, ServerResponse } from "node:http";
import { isDiskTrouble } from "./kernel/disk-trouble";
import { isHangUp } from "./kernel/http";
import type { HttpHandler } from "./kernel/service";

/** The page's server: hands each request to the handler that is mounted at the longest prefix of its path. */
class Front {
  readonly #mounts = new Map<string, HttpHandler>();

  /** Returns a function that removes the handler. */
  mount(prefix: string, handler: HttpHandler): () => void {
    this.#mounts.set(prefix, handler);
    return () => {
      if (this.#mounts.get(prefix) === handler) this.#mounts.delete(prefix);
    };
  }

  async handle(request: IncomingMessage, response: ServerResponse) {
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

export { Front };
