/** Sends to a stack's doors what Slack sends, signed as Slack signs. */
import { buildSignature } from "#core/slack/signature";
import type { OperatedStack, StackOutputs } from "./stack-outputs";

/** The secrets of a stack that senders need; undefined if they are not set. Of two secrets during rotation, the first. */
interface SenderSecrets {
  signing?: string | undefined;
  verification?: string | undefined;
}

interface Sender {
  team: string;
  channel: string;
  user: string;
  app?: string | undefined;
}

/** A door answers Slack in 3 s. API Gateway ends a request after 30. */
const ANSWER_MS = 30_000;

const FORM = "application/x-www-form-urlencoded";

class SlackSender {
  constructor(
    private readonly stack: Pick<OperatedStack, "readNowMs"> & { outputs: Pick<StackOutputs, "webhookUrl" | "eventsUrl" | "commandsUrl"> },
    private readonly secrets: SenderSecrets,
    private readonly sender: Sender,
  ) {}

  /** The challenge with which Slack verifies the address of the events door. */
  challenge(challenge: string): Promise<Response> {
    return this.postJson({ type: "url_verification", challenge });
  }

  event(event: object, eventId: string): Promise<Response> {
    const { team, channel, user, app } = this.sender;
    return this.postJson({
      team_id: team,
      ...(app === undefined ? {} : { api_app_id: app }),
      type: "event_callback",
      event_id: eventId,
      authorizations: [{ team_id: team, is_bot: true }],
      event: { type: "message", channel, channel_type: "channel", user, ...event },
    });
  }

  /** A message of the outgoing webhook, at most one for a timestamp. `threadTs`: the thread that it is in. */
  webhook(trigger: string, text: string, timestamp: string, threadTs?: string): Promise<Response> {
    const { team, channel, user } = this.sender;
    const form = { team_id: team, channel_id: channel, user_id: user, timestamp, trigger_word: trigger, text };
    const thread: Record<string, string> = threadTs === undefined ? {} : { thread_ts: threadTs };
    const body = new URLSearchParams({ token: this.secrets.verification ?? "", ...form, ...thread }).toString();
    return this.post(this.stack.outputs.webhookUrl ?? "", body, { "content-type": FORM });
  }

  async command(command: string, text: string, triggerId: string): Promise<Response> {
    const { team, channel, user, app } = this.sender;
    const form = { command, text, team_id: team, channel_id: channel, user_id: user, trigger_id: triggerId };
    const body = new URLSearchParams({ ...form, ...(app === undefined ? {} : { api_app_id: app }) }).toString();
    return this.post(this.stack.outputs.commandsUrl, body, { "content-type": FORM, ...(await this.sign(body)) });
  }

  /** Signs a body with a time that is `skewSeconds` ahead of the stack's. */
  async sign(body: string, skewSeconds = 0): Promise<Record<string, string>> {
    const timestamp = String(Math.floor((await this.stack.readNowMs()) / 1000) + skewSeconds);
    const signature = buildSignature(this.secrets.signing ?? "", timestamp, Buffer.from(body));
    return { "x-slack-request-timestamp": timestamp, "x-slack-signature": signature };
  }

  private async postJson(body: object): Promise<Response> {
    const text = JSON.stringify(body);
    return this.post(this.stack.outputs.eventsUrl, text, { "content-type": "application/json", ...(await this.sign(text)) });
  }

  post(url: string, body: string, headers: Record<string, string>): Promise<Response> {
    return fetch(url, { method: "POST", body, headers, signal: AbortSignal.timeout(ANSWER_MS) });
  }
}

/** Finds the secrets in a stack's settings. */
const readSecrets = ({ slackSigningSecret, slackVerificationToken }: Record<string, string>): SenderSecrets => ({
  signing: firstOf(slackSigningSecret),
  verification: firstOf(slackVerificationToken),
});

const firstOf = (secrets: string | undefined) => secrets?.split(",")[0]?.trim();

export type { Sender, SenderSecrets };
export { readSecrets, SlackSender };
