/** A fake Bedrock for the stock client, which speaks HTTP/2. */
import { once } from "node:events";
import { createServer, type Http2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { BedrockRuntimeClient } from "@aws-sdk/client-bedrock-runtime";
import { EventStreamCodec } from "@smithy/core/event-streams";

type StreamEvent = [type: string, event: object];

interface Answer {
  status?: number;
  body?: object;
  events?: StreamEvent[];
}

const ERROR_TYPES: Record<number, string> = { 400: "ValidationException", 429: "ThrottlingException" };

const codec = new EventStreamCodec(
  bytes => Buffer.from(bytes).toString("utf8"),
  text => Buffer.from(text, "utf8"),
);

const encode = (type: string, event: object): Uint8Array =>
  codec.encode({
    headers: {
      ":message-type": { type: "string", value: "event" },
      ":event-type": { type: "string", value: type },
      ":content-type": { type: "string", value: "application/json" },
    },
    body: Buffer.from(JSON.stringify(event)),
  });

interface Asked {
  path: string;
  body: { messages: { role: string; content: Record<string, unknown>[] }[]; toolConfig?: object; system: object[] };
}

/** Starts one that gives the answers in order. */
const startBedrock = async () => {
  const answers: Answer[] = [];
  const asked: Asked[] = [];
  const server: Http2Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      asked.push({ path: decodeURIComponent(request.url), body: JSON.parse(Buffer.concat(chunks).toString()) });
      const { status = 200, body, events } = answers.shift() ?? { status: 500, body: { message: "no more answers" } };
      response.writeHead(status, {
        "content-type": events === undefined ? "application/json" : "application/vnd.amazon.eventstream",
        ...(ERROR_TYPES[status] === undefined ? {} : { "x-amzn-errortype": ERROR_TYPES[status] }),
      });
      for (const [type, event] of events ?? []) response.write(encode(type, event));
      response.end(events === undefined ? JSON.stringify(body) : "");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = new BedrockRuntimeClient({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 5,
  });
  const stop = async () => {
    client.destroy();
    server.close();
    await once(server, "close");
  };
  return { client, answers, asked, stop };
};

const end = (stopReason: string, tokens = 0): StreamEvent[] => [
  ["messageStop", { stopReason }],
  ["metadata", { usage: { inputTokens: tokens, outputTokens: tokens, totalTokens: 2 * tokens }, metrics: { latencyMs: 1 } }],
];
const write = (text: string): StreamEvent[] =>
  text.split(/(?<= )/).map(part => ["contentBlockDelta", { contentBlockIndex: 0, delta: { text: part } }]);

const say = (text: string, stopReason = "end_turn", tokens = 0): Answer => ({ events: [...write(text), ...end(stopReason, tokens)] });
const use = (...calls: [id: string, name: string, input: object][]): Answer => ({
  events: [
    ...write("I will."),
    ...calls.flatMap(([toolUseId, name, input], index): StreamEvent[] => [
      ["contentBlockStart", { contentBlockIndex: index + 1, start: { toolUse: { toolUseId, name } } }],
      ["contentBlockDelta", { contentBlockIndex: index + 1, delta: { toolUse: { input: JSON.stringify(input).slice(0, 5) } } }],
      ["contentBlockDelta", { contentBlockIndex: index + 1, delta: { toolUse: { input: JSON.stringify(input).slice(5) } } }],
    ]),
    ...end("tool_use"),
  ],
});

export { end, say, startBedrock, use };
