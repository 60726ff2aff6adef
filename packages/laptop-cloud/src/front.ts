import type { IncomingMessage, ServerResponse } from "node:http";
import { isDiskTrouble } from "./kernel/disk-trouble";
import { isHangUp } from "./kernel/http";
import type { HttpHandler } from "./kernel/service";

/** The page's server: hands each request to the handler that is mounted at the longest prefix of its path. */
class Front {
  readonly #mounts = new Map<string, HttpHandler>();
  #reload: Promise<unknown> | undefined;
  /** Prefixes whose handlers were removed by the reload in progress, and may come back. */
  readonly #removed = new Set<string>();

  /** Returns a function that removes the handler. */
  mount(prefix: string, handler: HttpHandler): () => void {
    this.#mounts.set(prefix, handler);
    this.#removed.delete(prefix);
    return () => {
      if (this.#mounts.get(prefix) !== handler) return;
      this.#mounts.delete(prefix);
      if (this.#reload !== undefined) this.#removed.add(prefix);
    };
  }

  /** Requests for a handler that `reload` removes wait until the reload ends. */
  async whileReloading<T>(reload: () => Promise<T>): Promise<T> {
    // In the next turn, when it is known that a reload is in progress.
    const result = Promise.resolve().then(reload);
    this.#reload = result.catch(() => undefined);
    try {
      return await result;
    } finally {
      this.#reload = undefined;
      this.#removed.clear();
    }
  }

  async handle(request: IncomingMessage, response: ServerResponse) {
    const path = (request.url ?? "/").split("?", 1)[0]!;
    if (longestOf(this.#removed, path) !== undefined) await this.#reload;
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
    const longest = longestOf(this.#mounts.keys(), path);
    return longest === undefined ? undefined : this.#mounts.get(longest);
  }
}

const longestOf = (prefixes: Iterable<string>, path: string): string | undefined =>
  [...prefixes].filter(prefix => prefix === "/" || path === prefix || path.startsWith(`${prefix}/`)).sort((a, b) => b.length - a.length)[0];

export { Front };
