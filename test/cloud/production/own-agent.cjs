/** What examples/python-agent/agent.py does, for machines without Python. */
const { createServer } = require("node:http");

const turns = new Map();

const call = async (tool, { turn }, idempotencyKey, args) => {
  const params = { name: tool, arguments: { ...args, task: turn, idempotencyKey } };
  const response = await fetch(process.env.MCP_URL, {
    method: "POST",
    headers: {
      authorization: `Bearer ${process.env.MCP_TOKEN}`,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }),
  });
  return (await response.json()).result;
};

const work = async turn => {
  const { words } = (await call("read_words", turn, "words", { limit: 3 })).structuredContent;
  const text = words.map(({ word, count }) => `${word} (${count})`).join(", ") || "No words yet.";
  await call("post_to_slack", turn, "list", { text });
  return { answer: `You asked: ${turn.text}. Messages before it: ${turn.conversation.length}.` };
};

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const turn = JSON.parse(Buffer.concat(chunks).toString());
  if (!turns.has(turn.turn)) turns.set(turn.turn, work(turn));
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(await turns.get(turn.turn)));
});
server.listen(0, "127.0.0.1", () => console.log(`The agent listens on port ${server.address().port}.`));
