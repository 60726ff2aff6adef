/**
 * The HTTP contract of Amazon Bedrock AgentCore Runtime: `/invocations` receives a task, and `/ping` tells whether the worker is busy.
 * Source: https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-http-protocol-contract.html
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { BadRequest } from "#core/errors";
import type { Log } from "#core/log";
import type { AgentQueue } from "#stores/agent/queue";
import type { AgentWorker } from "./agent-worker";
import { InvokedDelivery } from "./delivery";

interface AgentCoreSettings {
  /** AgentCore requires 0.0.0.0. */
  host: string;
  /** AgentCore requires 8080. */
  port: number;
}

/** The size of the largest SQS message. */
const MAX_BODY_BYTES = 1024 * 1024;

const answer = (response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
};

/** Reads a body; undefined if it is too large. Reads to the end anyway, because a client that is still sending would miss the answer. */
const readBody = async (request: IncomingMessage): Promise<string | undefined> => {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes <= MAX_BODY_BYTES) chunks.push(chunk);
    else chunks.length = 0;
  }
  return sizeBytes > MAX_BODY_BYTES ? undefined : Buffer.concat(chunks).toString("utf8");
};

const readHeader = (request: IncomingMessage, name: string): string | undefined => {
  const value = request.headers[name];
  return typeof value === "string" ? value : undefined;
};

class AgentCoreServer {
  readonly #server: Server;
  #wasBusy = false;
  #changedAtMs: number;

  constructor(
    private readonly worker: AgentWorker,
    private readonly queue: AgentQueue,
    private readonly log: Log,
    private readonly nowMs: () => number = Date.now,
  ) {
    this.#changedAtMs = nowMs();
    this.#server = createServer((request, response) => {
      this.handle(request, response).catch((error: unknown) => {
        this.log.error("an invocation failed", error);
        if (!response.headersSent) answer(response, 500, { error: "The invocation failed." });
      });
    });
  }

  /** Starts the server. Returns its port. */
  async start({ host, port }: AgentCoreSettings): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, host, resolve);
    });
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : port;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>(resolve => this.#server.close(() => resolve()));
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const route = `${request.method} ${request.url?.split("?")[0]}`;
    if (route === "GET /ping") return answer(response, 200, this.buildHealth());
    if (route === "POST /invocations") return this.invoke(request, response);
    answer(response, 404, { error: "Use POST /invocations or GET /ping." });
  }

  /** AgentCore keeps the session while the status is busy. The time is that of the last change. */
  private buildHealth(): object {
    if (this.worker.isBusy !== this.#wasBusy) {
      this.#wasBusy = this.worker.isBusy;
      this.#changedAtMs = this.nowMs();
    }
    return { status: this.#wasBusy ? "HealthyBusy" : "Healthy", time_of_last_update: Math.floor(this.#changedAtMs / 1000) };
  }

  private async invoke(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    if (body === undefined) return answer(response, 413, { error: `A task has at most ${MAX_BODY_BYTES} bytes.` });
    try {
      this.worker.take(new InvokedDelivery(this.queue, body, readHeader(request, "x-amzn-trace-id")));
      answer(response, 200, { status: "accepted" });
    } catch (error) {
      if (!(error instanceof BadRequest)) throw error;
      answer(response, 400, { error: error.message });
    }
  }
}

export { AgentCoreServer };
