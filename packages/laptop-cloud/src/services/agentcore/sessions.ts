import { type ClientRequest, type IncomingMessage, request as requestHttp } from "node:http";
import { AwsError } from "../../kernel/aws-error";

interface AgentRequest {
  /** The agent's address, without a slash at its end. */
  url: string;
  session: string;
  headers: Record<string, string>;
  body: Buffer;
  signal: AbortSignal;
}

/** The connections to agents, by session. Differs from AWS: one process serves all sessions, and nothing limits how long it takes. */
class Sessions {
  readonly #open = new Map<string, Set<ClientRequest>>();

  /** Sends a request to the agent, and returns its response. Throws `AwsError` RuntimeClientError if there is none. */
  async send({ url, session, headers, body, signal }: AgentRequest): Promise<IncomingMessage> {
    const request = requestHttp(`${url}/invocations`, { method: "POST", headers, signal });
    const requests = this.#open.get(session) ?? new Set();
    this.#open.set(session, requests.add(request));
    request.once("close", () => {
      requests.delete(request);
      if (requests.size === 0) this.#open.delete(session);
    });
    try {
      return await new Promise<IncomingMessage>((resolve, reject) => {
        request.once("response", resolve).once("error", reject).end(body);
      });
    } catch (error) {
      throw new AwsError("RuntimeClientError", `The agent at ${url} does not answer: ${(error as Error).message}.`, 424);
    }
  }

  /** Ends the connections of a session. Returns false if it has none. */
  stop(session: string): boolean {
    const requests = this.#open.get(session);
    for (const request of requests ?? []) request.destroy(new Error("The session was stopped"));
    return requests !== undefined;
  }

  stopAll() {
    for (const session of [...this.#open.keys()]) this.stop(session);
  }
}

export { Sessions };
