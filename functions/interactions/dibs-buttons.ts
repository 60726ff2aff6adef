/** The buttons below messages about turn queues. */
import type { Deadline } from "#core/deadline";
import { buildAlready, buildClaimed, buildMoved } from "#core/dibs/answer";
import { type ButtonAction, type ButtonValue, EXTENSION_MS, isButtonAction, parseButtonValue } from "#core/dibs/buttons";
import type { Move } from "#core/dibs/moves";
import { parseName } from "#core/dibs/name";
import { BadRequest } from "#core/errors";
import type { Log } from "#core/log";
import type { TableName } from "#core/named";
import { type SlashAnswer, tell } from "#core/slack/slash-answer";
import { AnswerOnce } from "#functions/answer-once";
import { createDibs, type Dibs, type DibsSettings, type TurnDefault } from "#functions/dibs/dibs";
import type { Buttons, Effect, Press, Reply } from "#functions/interactions/buttons";
import { createDynamoDB } from "#stores/aws-clients";
import { RequestsTable } from "#stores/dibs/requests-table";

interface DibsButtonsSettings extends DibsSettings, TurnDefault {
  requestsTable: TableName;
}

class DibsButtons implements Buttons {
  constructor(
    private readonly dibs: Pick<Dibs, "claim" | "move" | "isApproveOnly">,
    private readonly once: Pick<AnswerOnce, "answer">,
    /** The default length of a turn, in seconds; null for an open turn. */
    private readonly dibsDefault: number | null,
    private readonly nowMs: () => number = Date.now,
  ) {}

  read(action: unknown, text: unknown): Effect | undefined {
    if (!isButtonAction(action)) return undefined;
    const value = parseButtonValue(text);
    if (value === undefined || parseName(value.name) !== value.name) throw new BadRequest("This app did not create the button's value.");
    return (press, deadline) => this.once.answer(press.request, deadline, () => this.act(action, value, press, deadline));
  }

  async act(action: ButtonAction, value: ButtonValue, press: Press, deadline: Deadline): Promise<Reply> {
    const { user } = press;
    const { name, fencing } = value;
    switch (action) {
      case "dibs_join":
        return { ...(await this.join(name, press, deadline)), replace_original: false };
      case "dibs_leave":
        return { ...(await this.move(name, { do: "release", whose: { owner: user } }, press, deadline)), replace_original: false };
      case "dibs_release":
        return replace(press, await this.move(name, { do: "release", whose: { owner: user }, fencing }, press, deadline));
      case "dibs_extend": {
        const extension: Move = { do: "extend", owner: user, byMs: EXTENSION_MS, fencing, fromMs: value.expiresAtMs };
        return replace(press, await this.move(name, extension, press, deadline));
      }
    }
  }

  async join(name: string, { team, user, request, chosen }: Press, deadline: Deadline): Promise<SlashAnswer> {
    const reader = { user, nowMs: this.nowMs() };
    const approveOnly = await this.dibs.isApproveOnly(team, deadline);
    const forSeconds = chosen === undefined ? this.dibsDefault : chosen.dibsDefault;
    const claim = { team, name, id: request, owner: user, isPersonal: true, maker: user, forSeconds };
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
        return tell(`\`${name}\` no longer exists.`);
    }
  }

  async move(name: string, asked: Move, { team, user, request }: Press, deadline: Deadline): Promise<SlashAnswer> {
    const moved = await this.dibs.move({ team, name }, asked, deadline, { requestKey: request });
    if (moved === undefined) return tell(`\`${name}\` no longer exists.`);
    return buildMoved(moved.queue, moved.outcome, { user, nowMs: this.nowMs() });
  }
}

/** A public change replaces the message, whose buttons are now outdated. */
const replace = ({ isEphemeral }: Press, answer: SlashAnswer): Reply => ({
  ...answer,
  replace_original: answer.response_type === "in_channel" && !isEphemeral,
});

/** Creates the buttons of turn queues, with their clients. */
const createDibsButtons = (settings: DibsButtonsSettings, log: Log): DibsButtons => {
  const once = new AnswerOnce(new RequestsTable(createDynamoDB("ack"), settings.requestsTable), log);
  return new DibsButtons(createDibs(settings, log, "ack"), once, settings.dibsDefault);
};

export type { DibsButtonsSettings };
export { createDibsButtons, DibsButtons };
