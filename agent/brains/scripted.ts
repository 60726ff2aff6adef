/** A brain without a model: executes the commands in the text one by one. For the laptop, tests and drills. */
import type { Json } from "#core/agent/task";
import { parseScript, SCRIPT_HELP, type ScriptCommand } from "#core/agent/task-script";
import { formatDuration } from "#core/dibs/duration";
import { isJsonObject } from "#core/json";
import type { Brain, Step, ToolOutcome, Tools, Turn } from "../brain";
import { waitUntil } from "../wait";

type Command<Verb extends ScriptCommand["verb"]> = Extract<ScriptCommand, { verb: Verb }>;
/** Yields the steps of one command and returns its line of the answer. */
type CommandSteps = Generator<Step, string, Json>;

/** A turn, and the lines of its answer so far. */
interface ScriptedTurn extends Turn {
  lines: readonly string[];
}

interface ToolStep {
  /** Shown on the task's card. */
  label: string;
  tool: string;
  args: { [key: string]: Json };
  /** Builds the line of the answer from the tool's result. */
  describe(result: Json): string;
}

const LABEL_CHARACTERS = 80;
/** At most five chunks a second. */
const CHUNK_CHARACTERS = 20;
const CHUNK_MS = 200;

const shorten = (text: string): string => (text.length <= LABEL_CHARACTERS ? text : `${text.slice(0, LABEL_CHARACTERS).toWellFormed()}...`);

const isOutcome = (output: Json): output is ToolOutcome => isJsonObject(output) && typeof output["ok"] === "boolean";

const readField = (result: Json, name: string): string => {
  const value = isJsonObject(result) ? result[name] : undefined;
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
};

const listWords = (result: Json): string[] => {
  const words = isJsonObject(result) ? result["words"] : undefined;
  if (!Array.isArray(words)) return [];
  return words.map((each: Json, index) => `${index + 1}. ${readField(each, "word")}: ${readField(each, "count")}`);
};

class ScriptedBrain implements Brain {
  constructor(private readonly nowMs: () => number = Date.now) {}

  async *think(turn: Turn, tools: Tools): AsyncGenerator<Step, string, Json> {
    const lines: string[] = [];
    const commands = parseScript(turn.text);
    for (let command = commands.shift(); command !== undefined; command = commands.shift()) {
      lines.push(yield* this.do(command, tools, { ...turn, lines }));
      commands.push(...turn.heard.splice(0).flatMap(parseScript));
    }
    return lines.length === 0 ? SCRIPT_HELP : lines.join("\n");
  }

  private *do(command: ScriptCommand, tools: Tools, turn: ScriptedTurn): CommandSteps {
    switch (command.verb) {
      case "unknown":
        return command.problem;
      case "recall":
        return this.recall(turn);
      case "files":
        return this.list(turn);
      default:
        return yield* this.act(command, tools, turn);
    }
  }

  private act(command: Exclude<ScriptCommand, Command<"unknown" | "recall" | "files">>, tools: Tools, turn: ScriptedTurn): CommandSteps {
    switch (command.verb) {
      case "say":
        return this.say(command, turn.lines);
      case "sleep":
        return this.sleep(command);
      case "post":
        return this.post(command, tools);
      case "fail":
        return this.fail(command);
      case "report":
        return this.report(command, tools);
      case "card":
        return this.createCard(command, tools);
      case "canvas":
        return this.createCanvas(command, tools);
      case "claim":
        return this.claim(command, tools);
      case "release":
        return this.release(command, tools);
    }
  }

  /** A step of its own computes the end, so that a worker that resumes the task wakes up at the same time. */
  private *sleep({ seconds }: Command<"sleep">): CommandSteps {
    const span = formatDuration(seconds);
    const untilMs = yield { label: `Set the alarm in ${span}`, run: async () => this.nowMs() + seconds * 1000 };
    yield {
      label: `Sleep ${span}`,
      run: async ({ signal, pause }) => {
        await pause();
        await waitUntil(Number(untilMs), signal, this.nowMs);
        return null;
      },
    };
    return `Slept ${span}.`;
  }

  /** Writes the text as a person would: a few words at a time. */
  private *say({ text }: Command<"say">, lines: readonly string[]): CommandSteps {
    yield {
      label: `Say: ${shorten(text)}`,
      run: async ({ signal, show }) => {
        const characters = Array.from(text);
        for (let end = CHUNK_CHARACTERS; ; end += CHUNK_CHARACTERS) {
          const atMs = this.nowMs() + CHUNK_MS;
          await show([...lines, characters.slice(0, end).join("")].join("\n"));
          if (end >= characters.length) return null;
          await waitUntil(atMs, signal, this.nowMs);
        }
      },
    };
    return text;
  }

  /** Needs no step, since the conversation is given. */
  private recall({ conversation }: Turn): string {
    const requests = conversation.filter(({ isRequest }) => isRequest).map(({ text }) => text);
    return requests.length === 0 ? "Nothing was asked before." : requests.join("\n");
  }

  private list({ files }: Turn): string {
    const lines = files.map(({ name, sizeBytes }) => `${name}: ${sizeBytes === null ? "unknown size" : `${sizeBytes} bytes`}`);
    return lines.length === 0 ? "No files were shared." : lines.join("\n");
  }

  private *post({ text }: Command<"post">, tools: Tools): CommandSteps {
    return yield* this.call(tools, {
      label: `Post: ${shorten(text)}`,
      tool: "post_to_slack",
      args: { text },
      describe: () => `Posted: ${shorten(text)}`,
    });
  }

  private *fail({ reason }: Command<"fail">): CommandSteps {
    yield {
      label: "Fail",
      run: async () => {
        throw new Error(reason);
      },
    };
    return "";
  }

  private *report({ limit }: Command<"report">, tools: Tools): CommandSteps {
    let words: string[] = [];
    const read = yield* this.call(tools, {
      label: `Read the top ${limit} words`,
      tool: "read_words",
      args: { limit },
      describe: result => {
        words = listWords(result);
        return "";
      },
    });
    if (read !== "") return read;
    const text = words.length === 0 ? "No words have been counted yet." : words.join("\n");
    return yield* this.call(tools, {
      label: "Post the words",
      tool: "post_to_slack",
      args: { text },
      describe: () => `Reported ${words.length} words.`,
    });
  }

  private *createCard({ name }: Command<"card">, tools: Tools): CommandSteps {
    return yield* this.call(tools, {
      label: `Make the card ${shorten(name)}`,
      tool: "create_trello_card",
      args: { name },
      describe: result => `Made the card ${shorten(name)}: ${readField(result, "url")}`.trim(),
    });
  }

  private *createCanvas({ title, text }: Command<"canvas">, tools: Tools): CommandSteps {
    return yield* this.call(tools, {
      label: `Make the canvas ${shorten(title)}`,
      tool: "create_canvas",
      args: { title, markdown: text },
      describe: () => `Made the canvas ${shorten(title)}.`,
    });
  }

  private *claim({ resource, span }: Command<"claim">, tools: Tools): CommandSteps {
    return yield* this.call(tools, {
      label: `Claim ${shorten(resource)}`,
      tool: "claim_dibs",
      args: { resource, ...(span === undefined ? {} : { for: span }) },
      describe: result => {
        const status = readField(result, "status");
        return `Claimed ${shorten(resource)}${status === "" ? "" : ` (${status})`}.`;
      },
    });
  }

  private *release({ resource }: Command<"release">, tools: Tools): CommandSteps {
    return yield* this.call(tools, {
      label: `Release ${shorten(resource)}`,
      tool: "release_dibs",
      args: { resource },
      describe: () => `Released ${shorten(resource)}.`,
    });
  }

  /** Calls a tool as a step. The answer reports a refusal; the task does not fail because of it. */
  private *call(tools: Tools, { label, tool, args, describe }: ToolStep): CommandSteps {
    const outcome = yield { label, run: ({ signal, key }) => tools.call(tool, args, { signal, key }) };
    if (!isOutcome(outcome)) throw new Error(`The step "${label}" has an output that is not the outcome of a tool.`);
    return outcome.ok ? describe(outcome.result) : `Not done: ${label} (${outcome.rule}): ${outcome.message}`;
  }
}

export { ScriptedBrain };
