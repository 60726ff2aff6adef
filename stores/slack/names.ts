/** Names of people and channels in Slack, for texts whose mentions must not notify anybody. */
import { SlackRefused } from "#core/errors";
import { isJsonObject, type JsonObject } from "#core/json";
import { findMentioned, nameMentions } from "#core/slack/mentions";
import type { Slack } from "#stores/slack/web-api";

/** Further mentions in a text stay ids, because each name costs a request. */
const MAX_READS = 10;
/** Stands for the name of a private channel, which only its members may see. */
const PRIVATE_CHANNEL = "private-channel";

class SlackNames {
  /** Names that this process has read; undefined if Slack refuses. */
  readonly #known = new Map<string, string | undefined>();

  constructor(private readonly slack: Pick<Slack, "call">) {}

  /** Replaces the mentions in a text by names. A mention stays as it is if its name can't be read now. */
  async writeInto(text: string): Promise<string> {
    const unknown = findMentioned(text).filter(id => !this.#known.has(id));
    await Promise.all(unknown.slice(0, MAX_READS).map(id => this.learn(id)));
    return nameMentions(text, this.#known);
  }

  /** Replaces the mentions in each text of a tool's arguments. */
  async writeIntoAll<Arguments extends object>(args: Arguments): Promise<Arguments> {
    const named = Object.entries(args).map(async ([name, value]) => [
      name,
      typeof value === "string" ? await this.writeInto(value) : value,
    ]);
    return Object.fromEntries(await Promise.all(named)) as Arguments;
  }

  private async learn(id: string): Promise<void> {
    try {
      this.#known.set(id, await this.read(id));
    } catch (error) {
      // A missing scope or an unknown id is permanent; any other error may pass.
      if (error instanceof SlackRefused) this.#known.set(id, undefined);
    }
  }

  private async read(id: string): Promise<string | undefined> {
    if (/^[UW]/.test(id)) return readUserName((await this.slack.call("users.info", { user: id }))["user"]);
    return readChannelName((await this.slack.call("conversations.info", { channel: id }))["channel"]);
  }
}

const readText = (object: JsonObject, name: string): string | undefined => {
  const text = object[name];
  return typeof text === "string" && text !== "" ? text : undefined;
};

const readUserName = (user: unknown): string | undefined => {
  if (!isJsonObject(user)) return undefined;
  const profile = isJsonObject(user["profile"]) ? user["profile"] : {};
  return readText(profile, "display_name") ?? readText(profile, "real_name") ?? readText(user, "name");
};

const readChannelName = (channel: unknown): string | undefined => {
  if (!isJsonObject(channel)) return undefined;
  return channel["is_channel"] === true && channel["is_private"] === false ? readText(channel, "name") : PRIVATE_CHANNEL;
};

export { SlackNames };
