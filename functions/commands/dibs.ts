/** `/dibs`: turn queues for people. */

import type { Deadline } from "#core/deadline";
import {
  announce,
  buildAlready,
  buildClaimed,
  buildHelp,
  buildHistory,
  buildList,
  buildMoved,
  buildOverview,
  buildProblem,
  buildQueues,
  buildTokenAnswer,
  buildTokens,
  buildWho,
  formatThing,
  type Reader,
} from "#core/dibs/answer";
import { buildToken, describeToken } from "#core/dibs/api-token";
import { buildBlocks } from "#core/dibs/buttons";
import { findClosest } from "#core/dibs/closest";
import { type DibsCommand, parseDibsCommand, type TurnRequest } from "#core/dibs/command";
import type { Move } from "#core/dibs/moves";
import type { Claim } from "#core/dibs/queue";
import { parseUntil } from "#core/dibs/until";
import type { Form } from "#core/http/form";
import { buildHash, createId } from "#core/ids";
import type { Log } from "#core/log";
import { isSlackId } from "#core/message/message";
import type { TableName } from "#core/named";
import { isProblem, type Problem } from "#core/problem";
import { type SlashAnswer, tell } from "#core/slack/slash-answer";
import type { TeamSettings } from "#core/slack/team-settings";
import { AnswerOnce } from "#functions/answer-once";
import type { SlashCommand } from "#functions/commands/slash-command";
import { type ClaimRequest, createDibs, type Dibs, type DibsSettings, type TurnDefault } from "#functions/dibs/dibs";
import { createPeople, type People } from "#functions/people";
import { createDynamoDB } from "#stores/aws-clients";
import { ApiTokensTable } from "#stores/dibs/api-tokens-table";
import { RequestsTable } from "#stores/dibs/requests-table";
import type { TokensSettings } from "#stores/slack/tokens";

interface DibsCommandSettings extends DibsSettings, TurnDefault {
  requestsTable: TableName;
  tokensTable: TableName;
}

/** The user and the request. */
interface Asker extends Reader {
  team: string;
  /** The request's id, which repeated deliveries share. */
  request: string;
  /** What the workspace has chosen, if anything. */
  chosen?: Pick<TeamSettings, "dibsDefault"> | undefined;
}

/** A turn request whose time of day is resolved to an instant. */
interface Span {
  forSeconds: number | null;
  untilMs?: number;
  /** The user's time zone, if it was needed to read a time of day. */
  timeZone?: string;
  /** A note for the user about how the time was read. */
  note?: string;
}

type Claiming = Extract<DibsCommand, { say: "on" | "next" }>;

/** How many of a team's names are read, for suggestions and for the overview. */
const MAX_NAMES = 200;
const MAX_HISTORY = 10;

interface DibsCommandParts {
  once: Pick<AnswerOnce, "answer">;
  dibs: Dibs;
  tokens: Pick<ApiTokensTable, "put" | "list" | "revoke">;
  people: Pick<People, "read" | "refuseUnlessAdmin">;
}

interface DibsCommandRules extends TurnDefault {
  /** What tokens are derived from. */
  secret: string;
}

/** Commands that change something. `/dibs token` is not among them, because its answer must not be stored. */
const CHANGES: ReadonlySet<DibsCommand["say"]> = new Set([
  "on",
  "next",
  "off",
  "off-all",
  "extend",
  "watch",
  "unwatch",
  "bump",
  "kick",
  "add",
  "remove",
  "rename",
  "approve-only",
  "revoke",
] as const);

class DibsSlashCommand implements SlashCommand {
  constructor(
    private readonly parts: DibsCommandParts,
    private readonly settings: DibsCommandRules,
    private readonly nowMs: () => number = Date.now,
  ) {}

  async answer(form: Form, deadline: Deadline, _sentAtMs?: number, chosen?: TeamSettings): Promise<SlashAnswer> {
    const [team, user] = [form.get("team_id"), form.get("user_id")];
    if (!isSlackId(team) || !isSlackId(user)) return tell("The command doesn't say who you are.");
    const command = parseDibsCommand(form.get("text") ?? "");
    if (isProblem(command)) return buildProblem(command.problem);
    const trigger = form.get("trigger_id");
    const request = trigger ? buildHash("slack", team, trigger) : createId();
    const run = () => this.run(command, { team, user, request, chosen, nowMs: this.nowMs() }, deadline);
    return CHANGES.has(command.say) ? this.parts.once.answer(request, deadline, run) : run();
  }

  async run(command: DibsCommand, asker: Asker, deadline: Deadline): Promise<SlashAnswer> {
    const { user } = asker;
    switch (command.say) {
      case "overview":
        return buildOverview(await this.parts.dibs.list(asker.team, { limit: MAX_NAMES }, deadline), asker);
      case "list":
        return buildList(await this.parts.dibs.list(asker.team, { limit: MAX_NAMES }, deadline), asker);
      case "queues":
        return buildQueues(await this.parts.dibs.list(asker.team, { limit: MAX_NAMES }, deadline), asker);
      case "help":
        return buildHelp();
      case "on":
        return this.claim(command, asker, deadline);
      case "next":
        return this.jump(command, asker, deadline);
      case "off":
        return command.name === undefined ? this.releaseOnly(asker, deadline) : this.release(command.name, asker, deadline);
      case "off-all":
        return this.releaseAll(asker, deadline);
      case "extend":
        return this.move(command.name, { do: "extend", owner: user, byMs: command.byMs }, asker, deadline);
      case "who":
        return this.show(command.name, asker, deadline);
      case "watch":
      case "unwatch":
        return this.move(command.name, { do: command.say, user }, asker, deadline);
      case "bump":
        return this.move(command.name, { do: "bump", owner: user }, asker, deadline);
      case "history":
        return this.showHistory(command.name, asker, deadline);
      case "token":
        return this.createToken(asker, deadline);
      case "tokens":
        return buildTokens(await this.parts.tokens.list(asker.team, user, deadline), asker);
      case "revoke":
        return this.revokeToken(command.id, asker, deadline);
      default:
        return this.administer(command, asker, deadline);
    }
  }

  async administer(
    command: Extract<DibsCommand, { say: "kick" | "add" | "rename" | "remove" | "approve-only" }>,
    asker: Asker,
    deadline: Deadline,
  ): Promise<SlashAnswer> {
    const refusal = await this.parts.people.refuseUnlessAdmin(asker, deadline);
    if (refusal !== undefined) return tell(refusal);
    const { team, user } = asker;
    switch (command.say) {
      case "kick":
        return this.move(command.name, { do: "kick", owner: command.user, by: user }, asker, deadline);
      case "remove":
        return this.move(command.name, { do: "remove" }, asker, deadline);
      case "add": {
        const isNew = await this.parts.dibs.add({ team, name: command.name }, deadline);
        return isNew ? announce(`<@${user}> added ${formatThing(command)}.`) : tell(`${formatThing(command)} already exists.`);
      }
      case "rename": {
        const outcome = await this.parts.dibs.rename({ team, name: command.name }, command.to, deadline);
        if (outcome === "renamed") return announce(`<@${user}> renamed ${formatThing(command)} to \`${command.to}\`.`);
        return outcome === "taken" ? tell(`\`${command.to}\` already exists.`) : this.explainUnknown(command.name, asker, deadline);
      }
      case "approve-only":
        await this.parts.dibs.setApproveOnly(team, command.on, deadline);
        return announce(
          command.on
            ? `<@${user}> turned approve-only on: people can claim only what an admin has added.`
            : `<@${user}> turned approve-only off: people can claim anything, and a resource exists from its first claim.`,
        );
    }
  }

  /** Claims a resource, or queues for it. */
  async claim(command: Claiming, asker: Asker, deadline: Deadline): Promise<SlashAnswer> {
    const span = await this.readSpan(command, asker, deadline);
    if (isProblem(span)) return buildProblem(span.problem);
    const reader = { ...asker, timeZone: span.timeZone };
    const approveOnly = await this.parts.dibs.isApproveOnly(asker.team, deadline);
    const joined = await this.parts.dibs.claim(this.buildRequest(command, span, asker), approveOnly, deadline);
    switch (joined.is) {
      case "in": {
        const meant = joined.isFirst ? await this.findMeant(command.name, asker.team, deadline) : undefined;
        return withNote(buildClaimed(joined.queue, joined.claim, reader, meant), span.note);
      }
      case "already":
        return buildAlready(joined.queue, joined.claim, reader);
      case "over":
        return tell(`That claim on ${formatThing(joined.queue)} has ended.`);
      case "full":
        return tell(`The queue for ${formatThing(command)} is full.`);
      case "unapproved":
        return this.explainUnknown(command.name, asker, deadline, " Only an admin may add it.");
    }
  }

  /** Puts the user first in line. */
  async jump(command: Claiming, asker: Asker, deadline: Deadline): Promise<SlashAnswer> {
    const span = await this.readSpan(command, asker, deadline);
    if (isProblem(span)) return buildProblem(span.problem);
    const { team: _, name, ...request } = this.buildRequest(command, span, asker);
    const claim: Claim = { ...request, joinedAtMs: asker.nowMs, leaseId: createId() };
    const moved = await this.parts.dibs.move({ team: asker.team, name }, { do: "jump", claim }, deadline, { requestKey: asker.request });
    if (moved === undefined) return this.claim(command, asker, deadline);
    const reader = { ...asker, timeZone: span.timeZone };
    const inLine = moved.queue.claims.find(({ id }) => id === claim.id);
    const holds = moved.outcome.is === "jumped" && inLine !== undefined && moved.queue.claims[0] === inLine;
    return holds
      ? withNote(buildClaimed(moved.queue, inLine, reader), span.note)
      : withNote(buildMoved(moved.queue, moved.outcome, reader, command.reason), span.note);
  }

  async release(name: string, asker: Asker, deadline: Deadline): Promise<SlashAnswer> {
    return this.move(name, { do: "release", whose: { owner: asker.user } }, asker, deadline);
  }

  /** Releases the user's only claim. */
  async releaseOnly(asker: Asker, deadline: Deadline): Promise<SlashAnswer> {
    const names = await this.findMine(asker, deadline);
    if (names.length === 0) return tell("You have no dibs.");
    if (names.length > 1) return tell(`Say which, or \`/dibs off all\`: ${names.map(name => `\`${name}\``).join(", ")}.`);
    return this.release(names[0]!, asker, deadline);
  }

  async releaseAll(asker: Asker, deadline: Deadline): Promise<SlashAnswer> {
    const names = await this.findMine(asker, deadline);
    if (names.length === 0) return tell("You have no dibs.");
    const answers = await Promise.all(names.map(name => this.release(name, asker, deadline)));
    return announce(answers.map(({ text }) => text).join("\n"));
  }

  async show(name: string, asker: Asker, deadline: Deadline): Promise<SlashAnswer> {
    const queue = await this.parts.dibs.look({ team: asker.team, name }, deadline);
    return queue === undefined ? this.explainUnknown(name, asker, deadline) : buildWho(queue, asker);
  }

  async showHistory(name: string, asker: Asker, deadline: Deadline): Promise<SlashAnswer> {
    const past = await this.parts.dibs.listPast({ team: asker.team, name }, { limit: MAX_HISTORY }, deadline);
    if (past === undefined) return this.explainUnknown(name, asker, deadline);
    return buildHistory(
      name,
      past.map(({ ended }) => ended),
      asker,
    );
  }

  /** Creates a token. A repeated request gets the same token. */
  async createToken(asker: Asker, deadline: Deadline): Promise<SlashAnswer> {
    const { team, user, request, nowMs } = asker;
    const token = buildToken(this.settings.secret, team, user, request);
    const described = describeToken(token, team, user, nowMs);
    const isGood = await this.parts.tokens.put(described, deadline);
    if (!isGood) return tell(`The token \`${described.id}\` of this request has been revoked. \`/dibs token\` creates a new one.`);
    return buildTokenAnswer(token, described, asker);
  }

  async revokeToken(id: string, asker: Asker, deadline: Deadline): Promise<SlashAnswer> {
    const found = (await this.parts.tokens.list(asker.team, asker.user, deadline)).find(token => token.id === id);
    if (found === undefined) return buildProblem(`You have no token ${id}. See /dibs token list.`);
    await this.parts.tokens.revoke(found.hash, asker.nowMs, deadline);
    return tell(`The token \`${found.id}\` has been revoked.`);
  }

  private async move(name: string, asked: Move, asker: Asker, deadline: Deadline): Promise<SlashAnswer> {
    const moved = await this.parts.dibs.move({ team: asker.team, name }, asked, deadline, { requestKey: asker.request });
    if (moved === undefined) return this.explainUnknown(name, asker, deadline);
    return buildMoved(moved.queue, moved.outcome, asker);
  }

  private buildRequest(command: Claiming, { forSeconds, untilMs }: Span, asker: Asker): ClaimRequest {
    const { team, user, request } = asker;
    return {
      team,
      name: command.name,
      id: request,
      owner: user,
      isPersonal: true,
      maker: user,
      forSeconds,
      ...(untilMs === undefined ? {} : { untilMs }),
      ...(command.reason === undefined ? {} : { reason: command.reason }),
    };
  }

  /** Resolves the length of a turn, with times of day in the user's time zone. */
  private async readSpan({ forSeconds: asked, until }: TurnRequest, asker: Asker, deadline: Deadline): Promise<Span | Problem> {
    const forSeconds = asked === undefined ? (asker.chosen ?? this.settings).dibsDefault : asked;
    if (until === undefined) return { forSeconds };
    const timeZone = (await this.parts.people.read(asker, deadline))?.timeZone;
    const untilMs = parseUntil(until, asker.nowMs, timeZone ?? "UTC");
    if (isProblem(untilMs)) return untilMs;
    const span = { forSeconds: Math.ceil((untilMs - asker.nowMs) / 1000), untilMs };
    if (timeZone !== undefined) return { ...span, timeZone };
    return { ...span, timeZone: "UTC", note: "Slack didn't tell me your time zone, so this time is in UTC." };
  }

  private async findMine(asker: Asker, deadline: Deadline): Promise<string[]> {
    const queues = await this.parts.dibs.list(asker.team, { limit: MAX_NAMES }, deadline);
    return queues.filter(({ claims }) => claims.some(({ owner }) => owner === asker.user)).map(({ name }) => name);
  }

  private async findMeant(name: string, team: string, deadline: Deadline): Promise<string | undefined> {
    const queues = await this.parts.dibs.list(team, { limit: MAX_NAMES }, deadline);
    return findClosest(
      name,
      queues.map(queue => queue.name),
    );
  }

  private async explainUnknown(name: string, asker: Asker, deadline: Deadline, more = ""): Promise<SlashAnswer> {
    const meant = await this.findMeant(name, asker.team, deadline);
    const hint = meant === undefined ? "" : ` Did you mean \`${meant}\`?`;
    return tell(`There is no \`${name}\`.${more}${hint}`);
  }
}

const withNote = (answer: SlashAnswer, note: string | undefined): SlashAnswer =>
  note === undefined
    ? answer
    : {
        ...answer,
        text: `${answer.text}\n${note}`,
        ...(answer.blocks && { blocks: [...answer.blocks, ...buildBlocks(note, [], { name: "" })] }),
      };

/** Creates the command; `secrets` are the signing secrets that are valid, and `tokens` those of many workspaces. */
const createDibsCommand = (
  settings: DibsCommandSettings,
  secrets: readonly string[],
  log: Log,
  tokens?: TokensSettings,
): DibsSlashCommand =>
  new DibsSlashCommand(
    {
      once: new AnswerOnce(new RequestsTable(createDynamoDB("ack"), settings.requestsTable), log),
      dibs: createDibs(settings, log, "ack"),
      tokens: new ApiTokensTable(createDynamoDB("ack"), settings.tokensTable),
      people: createPeople(log, tokens),
    },
    { secret: secrets[0] ?? "", dibsDefault: settings.dibsDefault },
  );

export type { DibsCommandSettings };
export { createDibsCommand, DibsSlashCommand };
