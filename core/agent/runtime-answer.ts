/**
 * What an agent of your own answers to a turn: `{"answer": "..."}`, or a stream of server-sent events, each of which holds a piece of the
 * answer as a JSON string. The Python SDK of AgentCore streams what an entrypoint yields in this form, and an exception as `{"error": ...}`.
 * Source: https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/runtime-http-protocol-contract.html
 */
import { isJsonObject } from "#core/json";
import { buildQuote } from "#core/quote";

/** The part of a turn's answer that the program reads. Slack shows 40,000 characters at most. */
const MAX_ANSWER_CHARACTERS = 200_000;

const MUST_BE = 'must be {"answer": TEXT}, or a stream of JSON strings';

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

class RuntimeAnswer {
  readonly #isStream: boolean;
  /** Received text that is not parsed yet. */
  #pending = "";
  #text = "";

  constructor(contentType: string) {
    this.#isStream = /^text\/event-stream\b/i.test(contentType);
  }

  /** Adds received text. Returns the answer so far. Throws `Error` if the agent reports an error. */
  add(chunk: string): string {
    this.#pending += chunk;
    if (this.#pending.length + this.#text.length > MAX_ANSWER_CHARACTERS)
      throw new Error(`The agent's answer has more than ${MAX_ANSWER_CHARACTERS} characters.`);
    if (this.#isStream) this.#readLines();
    return this.#text;
  }

  /** Returns the whole answer. Throws `Error` if it is not in one of the forms. */
  end(): string {
    if (this.#isStream) {
      this.add("\n");
      return this.#text;
    }
    const answer = parse(this.#pending);
    if (isJsonObject(answer) && typeof answer["answer"] === "string") return answer["answer"];
    throw new Error(`The agent's answer is ${buildQuote(this.#pending)}, but ${MUST_BE}.`);
  }

  /** Lines that are not data, such as comments, mean nothing here. */
  #readLines(): void {
    const lines = this.#pending.split(/\r?\n/);
    this.#pending = lines.pop() ?? "";
    for (const line of lines) if (line.startsWith("data:")) this.#text += this.#readPiece(line.slice("data:".length).trim());
  }

  #readPiece(data: string): string {
    const piece = parse(data);
    if (typeof piece === "string") return piece;
    if (isJsonObject(piece) && typeof piece["error"] === "string") throw new Error(`The agent failed: ${piece["error"]}`);
    throw new Error(`A piece of the agent's answer is ${buildQuote(data)}, but must be a JSON string.`);
  }
}

export { RuntimeAnswer };
