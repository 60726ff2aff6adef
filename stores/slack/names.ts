/** Names of people and channels in Slack, for texts whose mentions must notify nobody. */
import { SlackRefused } from "#core/errors";
import { isJsonObject, type JsonObject } from "#core/json";
import { findMentioned, nameMentions } from "#core/slack/mentions";
import type { Slack } from "#stores/slack/web-api";

/** More mentions than these in one text stay ids: each costs a request. */
const MAX_READS = 10;
/** The name of a private channel is for its members alone. */
const PRIVATE_CHANNEL = "private-channel";

class SlackNames {
  /** Names that this process has read; undefined for what Slack does not tell. */
  readonly #known = new Map<string, string | undefined>();

  constructor(private readonly slack: Pick<Slack, "call">) {}

  /** Puts names in the place of a text's mentions. A name that can't be read now leaves its mention as it is. */
  async writeInto(text: string): Promise<string> {
    const unknown = findMentioned(text).filter(id => !this.#known.has(id));
    await Promise.all(unknown.slice(0, MAX_READS).map(id => this.learn(id)));
    return nameMentions(text, this.#known);
  }

  /** Puts names into each text of a tool's arguments. */
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
      // A missing scope or an unknown id will not change soon; anything else may.
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
