"""An agent of your own for slack-fanout, without any package: docs/guides/bring-your-agent.md explains it."""
import json, os, threading, urllib.request
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

pool, turns, lock = ThreadPoolExecutor(), {}, threading.Lock()
HEADERS = {"Authorization": f"Bearer {os.environ['MCP_TOKEN']}", "Content-Type": "application/json", "Accept": "application/json, text/event-stream"}


def call(tool, turn, key, **arguments):
    """Calls a tool of the gateway. A repeated call with the same key has no second effect."""
    params = {"name": tool, "arguments": {**arguments, "task": turn["turn"], "idempotencyKey": key}}
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}).encode()
    with urllib.request.urlopen(urllib.request.Request(os.environ["MCP_URL"], body, HEADERS)) as response:
        return json.load(response)["result"]


def work(turn):
    words = call("read_words", turn, "words", limit=3)["structuredContent"]["words"]
    call("post_to_slack", turn, "list", text=", ".join(f"{each['word']} ({each['count']})" for each in words) or "No words yet.")
    return {"answer": f"You asked: {turn['text']}. Messages before it: {len(turn['conversation'])}."}


class Agent(BaseHTTPRequestHandler):
    def do_GET(self):  # /ping
        self.reply(200, {"status": "Healthy"})

    def do_POST(self):  # /invocations
        turn = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with lock:  # A turn that comes again waits for the same work.
            if turn["turn"] not in turns:
                turns[turn["turn"]] = pool.submit(work, turn)
        try:
            status, answer = 200, turns[turn["turn"]].result()
        except Exception as error:  # It comes again, up to three times in all.
            turns.pop(turn["turn"], None)
            status, answer = 500, {"error": str(error)}
        self.reply(status, answer)

    def reply(self, status, answer):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())


server = ThreadingHTTPServer((os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8080"))), Agent)
print(f"The agent listens on port {server.server_port}.", flush=True)
server.serve_forever()
