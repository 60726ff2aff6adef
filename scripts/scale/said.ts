/** Messages of ten words, said to a laptop as Slack delivers them, and the AWS calls that they cause. */
import type { RecordedCall } from "@slack-fanout/laptop-cloud/kernel/calls";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { type LaptopProcess, postOf } from "../../test/cloud/laptop-process";

/** Words in a message, the trigger word included. */
const WORDS = 10;

/** The trigger word of the laptop's stack. */
const TRIGGER = "awsadvent";

/** The same words every time. */
const knownWords: readonly string[] = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

class Speaker {
  #count = 0;
  #last = { text: "", ts: "", user: "" };

  constructor(
    private readonly laptop: Pick<LaptopProcess, "event" | "webhook" | "command" | "endpoints">,
    /** How many people speak, one after another: everybody's own boards have limits, too. */
    private readonly people = 1,
  ) {}

  /** Says words as hashtags, which the events door counts. */
  hashtags(words: readonly string[]): Promise<Response> {
    this.#last = { text: words.map(word => `#${word}`).join(" "), ts: this.#nextTs(), user: this.#user };
    return this.laptop.event(this.#last, `Ev${this.#count}`);
  }

  /** Replaces the first of the hashtags that were said last. */
  edit(hashtag: string): Promise<Response> {
    const previous_message = { ...this.#last, type: "message" };
    const ts = this.#nextTs();
    const message = { ...previous_message, text: this.#last.text.replace(/^#\w+/, `#${hashtag}`), edited: { user: "U0001", ts } };
    return this.laptop.event({ subtype: "message_changed", message, previous_message, ts }, `Ev${this.#count}`);
  }

  /** Says the trigger word and words, which the webhook counts. */
  webhook(words: readonly string[]): Promise<Response> {
    return this.laptop.webhook({ text: [TRIGGER, ...words].join(" "), timestamp: this.#nextTs(), user_id: this.#user });
  }

  /** Says the trigger word and words where there is no outgoing webhook: the events door counts them, and the notifier answers. */
  trigger(words: readonly string[]): Promise<Response> {
    return this.laptop.event({ text: [TRIGGER, ...words].join(" "), ts: this.#nextTs(), user: this.#user }, `Ev${this.#count}`);
  }

  /** Shares an image with a hashtag. Slack delivers it, since the archive fetches the file from there. */
  file(hashtag: string): Promise<Response> {
    const files = [{ name: "receipt.png", mimetype: "image/png", base64: "AAAA" }];
    return fetch(`${this.laptop.endpoints.slack}/say`, postOf({ user: "U0001", channel: "C0001", text: `#${hashtag}`, files }));
  }

  /** Asks for the ten most frequent words. */
  words(): Promise<Response> {
    return this.laptop.command("/words", "10");
  }

  get #user(): string {
    return `U${String(1 + (this.#count % this.people)).padStart(4, "0")}`;
  }

  /** Slack's timestamps are unique in a channel. */
  #nextTs(): string {
    this.#count += 1;
    return `${Math.floor(Date.now() / 1000)}.${String(this.#count).padStart(6, "0")}`;
  }
}

/** An AWS call that a message is sure to cause: by which function, and which. */
type Expected = readonly [name: string, operation: string];

/**
 * Runs `say`, and returns the invocations of functions by `invokers` (doors and subscribers, if left out) from then on, and their AWS calls, once the
 * expected ones are there. Throws if the message is refused.
 */
const recordCalls = async (
  laptop: Pick<LaptopProcess, "control" | "rest">,
  say: () => Promise<Response>,
  expected: readonly Expected[],
  invokers: readonly string[] = INVOKERS,
): Promise<RecordedCall[]> => {
  const seen = new Set((await readCalls(laptop)).map(({ id }) => id));
  const newCalls = async () => (await readCalls(laptop)).filter(({ id }) => !seen.has(id));
  const { status } = await say();
  if (status !== 200) throw new Error(`The status is ${status}, but must be 200.`);
  await eventually(async () => {
    const calls = await newCalls();
    return expected.every(([name, operation]) => calls.some(call => nameOf(call) === name && call.operation === operation));
  });
  await laptop.rest();
  const calls = await newCalls();
  const invoked = calls.filter(({ operation, caller }) => operation === "Invoke" && invokers.includes(caller)).map(nameOf);
  // Nothing calls Invoke where Lambda itself polls a queue.
  const names = new Set([...invoked, ...expected.map(([name]) => name)]);
  return calls.filter(call => names.has(nameOf(call)));
};

/** Who invokes doors and subscribers. */
const INVOKERS = ["apigateway.amazonaws.com", "sns.amazonaws.com"];

const readCalls = async (laptop: Pick<LaptopProcess, "control">) => (await laptop.control("calls")) as RecordedCall[];

/** The function that makes a call or, for an invocation, that is invoked. Null for everything else. */
const nameOf = ({ function: name, service, operation, resource }: RecordedCall): string | null =>
  service === "lambda" && operation === "Invoke" ? (resource?.split(":").at(-1) ?? null) : name;

export type { Expected };
export { INVOKERS, knownWords, nameOf, readCalls, recordCalls, Speaker, WORDS };
