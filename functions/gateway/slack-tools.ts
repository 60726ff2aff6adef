/** The tools that post to Slack. */

import { buildSafeMarkdown, buildSafeMrkdwn } from "#core/agent/safe-text";
import { type Place, refuse } from "#core/agent/tool-rules";
import type { ToolCall } from "#core/agent/tools";
import type { Deadline } from "#core/deadline";
import type { JsonObject } from "#core/json";
import type { Caller } from "#functions/gateway/caller";
import type { Attempt, Work } from "#functions/gateway/once";
import type { ToolReceipts } from "#stores/agent/tool-receipts";
import type { Slack } from "#stores/slack/web-api";

type Call<Name> = Extract<ToolCall, { name: Name }>;

interface CanvasAttempt extends Pick<Attempt, "draft"> {
  caller: Caller;
  deadline: Deadline;
}

class SlackTools {
  constructor(
    private readonly slack: Pick<Slack, "post" | "update" | "findPosted" | "createCanvas" | "shareCanvas">,
    private readonly receipts: Pick<ToolReceipts, "isPosted" | "keepDraft">,
  ) {}

  /** Throws `SlackBusy`, `SlackRefused`. */
  async post({ args }: Call<"post_to_slack">, place: Place, { id, sinceMs }: Attempt): Promise<Work> {
    const text = buildSafeMrkdwn(args.text);
    const posted = sinceMs === undefined ? undefined : await this.slack.findPosted({ ...place, id }, sinceMs);
    const ts = posted ?? (await this.slack.post({ ...place, id, text }));
    return { result: { ...place, ts }, message: { channel: place.channel, ts } };
  }

  /** Changes a message that the same task posted. Throws `ToolRefused` (`channel`), `SlackBusy`, `SlackRefused`. */
  async update({ args }: Call<"update_message">, channel: string, { partition }: Caller, deadline: Deadline): Promise<Work> {
    const text = buildSafeMrkdwn(args.text);
    if (!(await this.receipts.isPosted(partition, { channel, ts: args.ts }, deadline)))
      refuse("channel", `this task has posted no message ${args.ts} in ${channel}.`);
    await this.slack.update({ channel, ts: args.ts, text });
    return { result: { channel, ts: args.ts } };
  }

  /**
   * Creates a canvas and shares it with the channel. Slack can't store our id with a canvas, but nobody sees it before it is shared. If its id
   * is lost, it stays invisible, and another canvas is shared instead. Throws `SlackBusy`, `SlackRefused`.
   */
  async createCanvas({ args }: Call<"create_canvas">, channel: string, { draft, caller, deadline }: CanvasAttempt): Promise<Work> {
    const result = draft ?? (await this.draftCanvas(args, caller, deadline));
    await this.slack.shareCanvas(String(result["canvasId"]), channel);
    return { result };
  }

  private async draftCanvas({ title, markdown }: Call<"create_canvas">["args"], caller: Caller, deadline: Deadline): Promise<JsonObject> {
    const draft = { canvasId: await this.slack.createCanvas(title, buildSafeMarkdown(markdown)) };
    await this.receipts.keepDraft({ task: caller.partition, key: caller.key }, draft, deadline);
    return draft;
  }
}

export { SlackTools };
