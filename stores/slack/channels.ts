/** The public channels of the workspace. */
import { isJsonObject } from "#core/json";
import type { Slack } from "#stores/slack/web-api";

/** Slack recommends at most this many a page. Source: https://docs.slack.dev/apis/web-api/pagination */
const CHANNELS_A_PAGE = 200;

class SlackChannels {
  constructor(
    private readonly slack: Pick<Slack, "call">,
    /** The workspace. Slack requires it with an organisation's token, which is valid in several workspaces. Empty where the stack serves one workspace. */
    private readonly team = "",
  ) {}

  /** Lists the ids of the public channels that the app is not in. Source: https://docs.slack.dev/reference/methods/conversations.list */
  async *listOthers(): AsyncGenerator<string> {
    let cursor: string | undefined;
    do {
      const { channels, response_metadata } = await this.slack.call("conversations.list", {
        types: "public_channel",
        exclude_archived: true,
        limit: CHANNELS_A_PAGE,
        ...(this.team === "" ? {} : { team_id: this.team }),
        ...(cursor === undefined ? {} : { cursor }),
      });
      const page = Array.isArray(channels) ? channels.filter(isJsonObject) : [];
      yield* page.filter(channel => channel["is_member"] === false).map(channel => String(channel["id"]));
      cursor = response_metadata?.next_cursor || undefined;
    } while (cursor !== undefined);
  }

  /** Joins a public channel. Idempotent. Source: https://docs.slack.dev/reference/methods/conversations.join */
  async join(channel: string): Promise<void> {
    await this.slack.call("conversations.join", { channel });
  }
}

export { SlackChannels };
