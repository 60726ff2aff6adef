import type { Cloud, ServiceDefinition } from "@slack-fanout/laptop-cloud/kernel/service";

/** A program with one table and one function, and the operations that the page calls on them. */
const createFakeProgram = () => {
  const counts = new Map<string, number>();
  const lines: { timestamp: number; message: string }[] = [];
  let cloud: Cloud | undefined;
  const definition = (name: string, type: string, operations: Record<string, () => Promise<object>>): ServiceDefinition => ({
    name,
    resources: {
      [type]: { properties: { name: "acts", hashKey: "acts" }, outputs: declared => ({ id: declared.name, name: declared.name }) },
    },
    create: given => {
      cloud = given;
      return { operations, start: async () => {}, stop: async () => {} };
    },
  });
  const dynamodb = definition("dynamodb", "aws:dynamodb/table:Table", {
    Scan: async () => ({ Items: [...counts].map(([word, count]) => ({ word: { S: word }, count: { N: String(count) } })) }),
  });
  const logs = definition("logs", "aws:lambda/function:Function", {
    DescribeLogStreams: async () => ({ logStreams: [{ logStreamName: "a-stream" }] }),
    GetLogEvents: async () => ({ events: lines }),
  });
  return {
    definitions: [dynamodb, logs],
    resources: [
      { type: "aws:dynamodb/table:Table", name: "words", inputs: { hashKey: "word" } },
      { type: "aws:lambda/function:Function", name: "webhook", inputs: {} },
    ],
    /** Counts words, logs a line and records an AWS call, as a function does for a message. */
    count: (text: string) => {
      for (const word of text.split(" ")) counts.set(word, (counts.get(word) ?? 0) + 1);
      const atMs = cloud!.clock.nowMs();
      lines.push({ timestamp: atMs, message: `${new Date(atMs).toISOString()}\tan-id\tINFO\tcounted ${text}` });
      const call = { id: "1", atMs, invocation: "an-id", caller: "webhook", trace: null, service: "dynamodb", operation: "UpdateItem" };
      const outcome = { action: "dynamodb:UpdateItem", resource: null, allowed: true, checks: [], error: null, ms: 1 };
      cloud!.calls.record({ ...call, ...outcome, function: "webhook" });
    },
    countOf: (word: string) => counts.get(word) ?? 0,
  };
};

export { createFakeProgram };
