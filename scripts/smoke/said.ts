/** The messages that `npm run smoke` says, followed through the doors and the subscribers, and taken back. */
import { type CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { GetFunctionConfigurationCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import type { WebClient } from "@slack/web-api";
import { type Check, waitFor } from "../checklist";
import type { SlackSender } from "../slack-sender";
import type { StackOutputs } from "../stack-outputs";
import type { Counter, Counters } from "./counters";

interface SaidParts {
  outputs: StackOutputs;
  sender: SlackSender;
  counters: Counters;
  lambda: LambdaClient;
  logs: CloudWatchLogsClient;
  /** Undefined without the bot's token. With many workspaces, it is encrypted. */
  slack: WebClient | undefined;
  /** The word of this run, which nobody else says. */
  word: string;
  trigger: string;
  /** What counts in a message that begins with the trigger word: words, or annotations only. */
  split: string;
  team: string;
  /** The conversation; a real one if the app is to answer there. */
  channel: string;
  isRealChannel: boolean;
  nowMs: number;
  limitMs: number;
}

/** A message that a door has accepted. */
interface Accepted {
  id: string;
  ts: string;
  text: string;
  /** What it counts once, besides the trigger word. No other message has it. */
  token: string;
}

class Said {
  readonly #parts: SaidParts;
  readonly #accepted: Accepted[] = [];
  #count = 0;

  constructor(parts: SaidParts) {
    this.#parts = parts;
  }

  checks(): Check[] {
    const { outputs, isRealChannel } = this.#parts;
    const byWebhook = outputs.webhookUrl !== undefined;
    const messages = byWebhook ? ["webhook", "event"] : isRealChannel ? ["event", "trigger"] : ["event"];
    return [
      { name: "challenge", run: () => this.checkChallenge() },
      byWebhook
        ? { name: "webhook", run: () => this.checkWebhook() }
        : { name: "trigger", off: this.whyNoTrigger(), needs: ["challenge"], run: () => this.checkTrigger() },
      { name: "event", needs: ["challenge"], run: () => this.checkEvent() },
      ...Object.keys(outputs.subscribers).map(name => this.checkSubscriber(name, messages)),
      { name: "taken back", run: () => this.takeBack() },
    ];
  }

  private whyNoTrigger() {
    const { outputs, isRealChannel, slack } = this.#parts;
    if (outputs.installationsTable !== undefined) return "Tokens of many workspaces are encrypted, so nobody could delete the answer.";
    if (!isRealChannel) return "The app answers in a real channel only: name one with --channel.";
    return slack === undefined ? "slackBotToken is not set, so the app can't answer." : undefined;
  }

  async checkChallenge(): Promise<string> {
    const response = await this.#parts.sender.challenge(this.#parts.word);
    const answer = await expectOk(response);
    if (!answer.includes(this.#parts.word)) throw new Error(`The answer is ${quote(answer)}, but must repeat the challenge.`);
    return "The events door answers a signed challenge.";
  }

  /** Says a message by the webhook, twice, as Slack's retries do. */
  async checkWebhook(): Promise<string> {
    const { sender, trigger } = this.#parts;
    const message = this.nextTriggered("webhook");
    const first = await expectOk(await sender.webhook(trigger, message.text, message.ts));
    this.#accepted.push(message);
    if (!first.includes(`\`${message.token}\` = 1`))
      throw new Error(`The answer is ${quote(first)}, but must count ${message.token} as 1.`);
    const second = await expectOk(await sender.webhook(trigger, message.text, message.ts));
    if (second !== first) throw new Error(`The answer to a repeat is ${quote(second)}, but must be the first one, ${quote(first)}.`);
    return "The webhook answers with the counts, and a repeat counts nothing.";
  }

  async checkEvent(): Promise<string> {
    const token = `#${this.#parts.word}b`;
    await this.sayEvent(this.next(`${token} said by npm run smoke`, token, "events"));
    await this.waitForCount(token, 1);
    return "The events door counts a hashtag.";
  }

  /** Where there is no webhook, the app counts and posts its answer. */
  async checkTrigger(): Promise<string> {
    const { slack, channel, limitMs } = this.#parts;
    const message = this.nextTriggered("events");
    await this.sayEvent(message);
    const post = await waitFor(() => this.findAnswer(message), limitMs, `No answer stands in ${channel}. Is the app a member?`);
    await slack!.chat.delete({ channel, ts: post });
    return `The app answers in ${channel} with the counts. The answer is deleted.`;
  }

  private async findAnswer({ token, ts }: Accepted): Promise<string | undefined> {
    const { slack, channel } = this.#parts;
    const { messages = [] } = await slack!.conversations.history({ channel, oldest: String(Number(ts) - 60), limit: 50 });
    return messages.find(({ text }) => text?.includes(`\`${token}\` = 1`))?.ts;
  }

  private async sayEvent(message: Accepted) {
    await expectOk(await this.#parts.sender.event({ ts: message.ts, text: message.text }, this.nextEventId()));
    this.#accepted.push(message);
  }

  private checkSubscriber(name: string, needs: string[]): Check {
    const effects: Record<string, () => Promise<string>> = {
      multiplier: () => this.checkMultiplier(),
      leaderboard: () => this.checkLeaderboard(),
      logger: () => this.checkLogger(),
    };
    const run = effects[name];
    if (run === undefined) return { name, off: "These messages do nothing here that smoke could look for.", run: async () => "" };
    return { name, needs, run };
  }

  /** The multiplier adds to the door's counter, at once for each message. */
  async checkMultiplier(): Promise<string> {
    const counts: string[] = [];
    for (const { token } of this.#accepted) counts.push(`${token} = ${await this.waitForCount(token, 2)}`);
    return `It added to what the doors had counted: ${counts.join(", ")}.`;
  }

  async checkLeaderboard(): Promise<string> {
    const { counters, nowMs } = this.#parts;
    for (const { token } of this.#accepted) await this.waitForCount(token, 1, counters.onBoardOfDay(token, nowMs));
    return "The board of the day in the conversation has each message.";
  }

  /** Finds the line of each message by its id. */
  async checkLogger(): Promise<string> {
    const { lambda, logs, outputs, nowMs, limitMs } = this.#parts;
    const logger = outputs.subscribers["logger"] as { functionName: string };
    const { LoggingConfig } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: logger.functionName }));
    for (const { id } of this.#accepted) {
      const look = async () => {
        const query = { logGroupName: LoggingConfig?.LogGroup, filterPattern: `"${id}"`, startTime: nowMs - 60_000 };
        const { events = [] } = await logs.send(new FilterLogEventsCommand(query));
        return events[0];
      };
      await waitFor(look, limitMs, `The log ${LoggingConfig?.LogGroup} has no line of ${id}.`);
    }
    return `The log has ${this.#accepted.map(({ id }) => id).join(" and ")}.`;
  }

  /** Deletes the messages, as people do in Slack: the counts go back to zero. Then removes the counters. */
  async takeBack(): Promise<string> {
    const { sender, counters, nowMs, limitMs } = this.#parts;
    for (const { ts, text } of this.#accepted) {
      const event = { subtype: "message_deleted", deleted_ts: ts, ts: this.nextTs(), previous_message: { type: "message", ts, text } };
      await expectOk(await sender.event({ ...event, event_ts: event.ts }, this.nextEventId()));
    }
    const all = this.#accepted.flatMap(({ token }) => counters.listAll(token, nowMs));
    const findLeft = async () => {
      const counts = await Promise.all(all.map(async counter => ({ counter, count: await counters.read(counter) })));
      return counts.filter(({ count = 0 }) => count !== 0);
    };
    let left = await findLeft();
    const look = async () => {
      left = await findLeft();
      return left.length === 0 ? true : undefined;
    };
    await waitFor(
      look,
      limitMs,
      () => `These still count: ${left.map(({ counter, count }) => `${Object.values(counter.keys[0]!).join(" ")} = ${count}`)}.`,
    );
    for (const counter of all) await counters.remove(counter);
    return `Deleting the messages takes the counts back to zero. Their rows are removed.`;
  }

  /** Waits until a token counts at least so much, in the table `words` or elsewhere. */
  private async waitForCount(token: string, least: number, counter?: Counter): Promise<number> {
    const { counters, limitMs } = this.#parts;
    let last = 0;
    const look = async () => {
      last = (await counters.read(counter ?? counters.ofWord(token))) ?? 0;
      return last >= least ? last : undefined;
    };
    return waitFor(look, limitMs, () => `${token} counts ${last}, but must count at least ${least}.`);
  }

  /** A message that begins with the trigger word. */
  private nextTriggered(door: string): Accepted {
    const { word, trigger, split } = this.#parts;
    return this.next(`${trigger} ${word}a #${word}a`, split === "annotations" ? `#${word}a` : `${word}a`, door);
  }

  private next(text: string, token: string, door: string): Accepted {
    const ts = this.nextTs();
    const { team, channel } = this.#parts;
    return { id: `${team}-${channel}-${ts}-${door}`, ts, text, token };
  }

  /** Slack's timestamps are unique in a channel. */
  private nextTs(): string {
    this.#count += 1;
    const { nowMs } = this.#parts;
    return `${Math.floor(nowMs / 1000)}.${String((nowMs % 1000) * 1000 + this.#count).padStart(6, "0")}`;
  }

  private nextEventId(): string {
    this.#count += 1;
    return `Ev${this.#parts.word.toUpperCase()}${this.#count}`;
  }
}

/** Returns the answer's text. Throws with the status and the beginning of the answer. */
const expectOk = async (response: Response, wanted = 200): Promise<string> => {
  const text = await response.text();
  if (response.status !== wanted) throw new Error(`The status is ${response.status}, but must be ${wanted}: ${text.slice(0, 200)}`);
  return text;
};

const quote = (text: string) => JSON.stringify(text.slice(0, 200));

export { expectOk, Said };
