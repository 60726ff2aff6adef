/** Presses of buttons in; their effect, and an answer at the press's `response_url`, out. */
import { Deadline } from "#core/deadline";
import { type Answer, buildAlready, buildClaimed, buildMoved, tell } from "#core/dibs-answer";
import { type ButtonAction, type ButtonValue, EXTENSION_MS, isButtonAction, parseButtonValue } from "#core/dibs-buttons";
import { buildHash } from "#core/dibs-claim-id";
import type { Move } from "#core/dibs-moves";
import { parseName } from "#core/dibs-name";
import { BadRequest } from "#core/errors";
import { parseForm } from "#core/form";
import { isJsonObject, type JsonObject, parseJsonObject } from "#core/json";
import { createLog, type Log } from "#core/log";
import { isSlackId } from "#core/message";
import { buildQuote } from "#core/quote";
import { isResponseUrl } from "#core/slack-response-url";
import { verifySignature } from "#core/slack-signature";
import { parseSecrets } from "#core/verification-token";
import { createDibs, type Dibs, type DibsSettings } from "#functions/dibs";
import { ACK_BUDGET_MS, buildEmpty, guard, type Handler, type HttpRequest, type HttpResponse, readBody, readHeader } from "#functions/door";
import { isOurs, type WorkspaceSettings } from "#functions/workspace";
import { answerAt } from "#stores/response-url";

interface InteractionsSettings extends DibsSettings, WorkspaceSettings {}

/** A press of one of our buttons. */
interface Press {
  team: string;
  user: string;
  action: ButtonAction;
  value: ButtonValue;
  /** The same for the same press, however often it comes. */
  request: string;
  responseUrl: string;
  /** Whether only the one who pressed sees the message. */
  isEphemeral: boolean;
}

/** An answer, and whether it takes the place of the message with the button. */
interface Reply extends Answer {
  replace_original: boolean;
}

/** As long as `/dibs on` without a time. */
const JOIN_FOR_SECONDS = 3600;

class Interactions {
  constructor(
    private readonly dibs: Pick<Dibs, "claim" | "move" | "isApproveOnly">,
    private readonly settings: WorkspaceSettings,
    private readonly signingSecrets: readonly string[],
    private readonly slackUrl: string | undefined,
    private readonly log: Log,
    private readonly nowMs: () => number = Date.now,
    private readonly respond: typeof answerAt = answerAt,
  ) {}

  /** Throws `BadRequest`, `NotDurable`, `TooLarge`, `Unauthorized`, `UnsupportedMediaType`. */
  async handle(request: HttpRequest): Promise<HttpResponse> {
    const deadline = new Deadline(ACK_BUDGET_MS);
    const rawBody = readBody(request, "application/x-www-form-urlencoded");
    this.verify(request, rawBody);
    const form = parseForm(rawBody);
    if (form.get("ssl_check") === "1") return buildEmpty();
    const press = this.parse(parseJsonObject(Buffer.from(form.get("payload") ?? "")));
    if (press === undefined) return buildEmpty();
    await this.answer(press, await this.act(press, deadline), deadline);
    return buildEmpty();
  }

  /** Throws `Unauthorized`. */
  verify(request: HttpRequest, rawBody: Buffer): void {
    const timestamp = readHeader(request, "x-slack-request-timestamp");
    const signature = readHeader(request, "x-slack-signature");
    verifySignature({ timestamp, signature, rawBody }, this.signingSecrets, this.nowMs());
  }

  /** Undefined for what is not ours: another workspace's, or no press of our buttons. Throws `BadRequest`, also for a strange `response_url`. */
  parse(payload: JsonObject): Press | undefined {
    const [team, user] = [readId(payload["team"]), readId(payload["user"])];
    if (!isOurs(this.settings, team, payload["api_app_id"]) || payload["type"] !== "block_actions") return undefined;
    if (!isSlackId(team) || !isSlackId(user)) throw new BadRequest("The payload does not say who pressed the button.");
    const [pressed] = Array.isArray(payload["actions"]) ? (payload["actions"] as unknown[]) : [];
    const action = isJsonObject(pressed) ? pressed["action_id"] : undefined;
    if (!isJsonObject(pressed) || !isButtonAction(action)) return undefined;
    const value = parseButtonValue(pressed["value"]);
    if (value === undefined || parseName(value.name) !== value.name) throw new BadRequest("The button's value is none of ours.");
    const { response_url: responseUrl, trigger_id: trigger, container } = payload;
    if (!isResponseUrl(responseUrl, this.slackUrl))
      throw new BadRequest(`response_url is ${buildQuote(responseUrl)}, which is not Slack's.`);
    if (typeof trigger !== "string" || trigger === "") throw new BadRequest("The payload has no trigger_id.");
    const isEphemeral = isJsonObject(container) && container["is_ephemeral"] === true;
    return { team, user, action, value, request: buildHash("slack", team, trigger), responseUrl, isEphemeral };
  }

  async act(press: Press, deadline: Deadline): Promise<Reply> {
    const { user, action, value } = press;
    switch (action) {
      case "dibs_join":
        return { ...(await this.join(press, deadline)), replace_original: false };
      case "dibs_leave":
        return { ...(await this.move(press, { do: "release", whose: { owner: user } }, deadline)), replace_original: false };
      case "dibs_release":
        return this.replace(press, await this.move(press, { do: "release", whose: { owner: user }, fencing: value.fencing }, deadline));
      case "dibs_extend": {
        const extension: Move = { do: "extend", owner: user, byMs: EXTENSION_MS, fencing: value.fencing, fromMs: value.expiresAtMs };
        return this.replace(press, await this.move(press, extension, deadline));
      }
    }
  }

  async join({ team, user, value: { name }, request }: Press, deadline: Deadline): Promise<Answer> {
    const reader = { user, nowMs: this.nowMs() };
    const approveOnly = await this.dibs.isApproveOnly(team, deadline);
    const claim = { team, name, id: request, owner: user, isPersonal: true, maker: user, forSeconds: JOIN_FOR_SECONDS };
    const joined = await this.dibs.claim(claim, approveOnly, deadline);
    switch (joined.is) {
      case "in":
        return buildClaimed(joined.queue, joined.claim, reader);
      case "already":
        return buildAlready(joined.queue, joined.claim, reader);
      case "over":
        return tell("That claim has ended.");
      case "full":
        return tell(`The queue for \`${name}\` is full.`);
      case "unapproved":
        return tell(`There is no \`${name}\` any more.`);
    }
  }

  async move({ team, user, value: { name }, request }: Press, asked: Move, deadline: Deadline): Promise<Answer> {
    const moved = await this.dibs.move({ team, name }, asked, deadline, request);
    if (moved === undefined) return tell(`There is no \`${name}\` any more.`);
    return buildMoved(moved.queue, moved.outcome, { user, nowMs: this.nowMs() });
  }

  /** Answers the press; what is done is done, also when Slack does not take the answer. */
  async answer({ responseUrl }: Press, reply: Reply, deadline: Deadline): Promise<void> {
    try {
      await this.respond(responseUrl, reply, deadline);
    } catch (error) {
      this.log.error("the press is not answered", error);
    }
  }

  /** A change that all may see takes the place of its message: the buttons there are from before it. */
  private replace({ isEphemeral }: Press, answer: Answer): Reply {
    return { ...answer, replace_original: answer.response_type === "in_channel" && !isEphemeral };
  }
}

const readId = (value: unknown): unknown => (isJsonObject(value) ? value["id"] : undefined);

/** Creates the door; its secret is `SIGNING_SECRET`. */
const createInteractions = (settings: InteractionsSettings): Handler => {
  const log = createLog("interactions");
  const secrets = parseSecrets(process.env["SIGNING_SECRET"]);
  const interactions = new Interactions(createDibs(settings, log, "ack"), settings, secrets, process.env["SLACK_URL"], log);
  return guard(log, request => interactions.handle(request));
};

export type { InteractionsSettings };
export { createInteractions, Interactions };
