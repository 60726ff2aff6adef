/** Builds the answers of `/dibs` and its buttons, as mrkdwn. Only the user sees the answer to a question; the channel sees changes. */
import type { ApiToken } from "#core/dibs/api-token";
import { type ButtonAction, type ButtonValue, buildBlocks } from "#core/dibs/buttons";
import { formatDuration } from "#core/dibs/duration";
import type { Outcome } from "#core/dibs/moves";
import { type Claim, type EndedClaim, estimateStartMs, findTurn, findWaiting, isPerson, type Queue } from "#core/dibs/queue";
import { formatDate, formatEnd, formatLateEnd } from "#core/dibs/time";
import type { JsonObject } from "#core/json";
import { escapeMrkdwn } from "#core/slack/mrkdwn";
import { cutLines } from "#core/slack/section-text";
import { type SlashAnswer, tell } from "#core/slack/slash-answer";

/** The reader of an answer, and its time. */
interface Reader {
  user: string;
  nowMs: number;
  /** The reader's time zone, if known, for clients that can't show Slack's date tokens. */
  timeZone?: string;
}

/** A message has up to 50 blocks, and a queue takes two. The last line counts the rest. Source: https://docs.slack.dev/reference/block-kit/blocks */
const MAX_QUEUES_WITH_BUTTONS = 10;
const MAX_QUEUES = 50;
/** A message allows 40,000 characters, but much shorter ones are hard to read. */
const MAX_OVERVIEW_CHARACTERS = 12_000;
/** Nobody reads a list of a hundred. */
const MAX_SHOWN = 20;

const formatOwner = (owner: string): string => (isPerson(owner) ? `<@${owner}>` : escapeMrkdwn(owner));

const formatReason = ({ reason }: { reason?: string }): string => (reason === undefined ? "" : `: ${escapeMrkdwn(reason)}`);

const formatThing = ({ name }: { name: string }): string => `\`${name}\``;

const announce = (text: string, actions: readonly ButtonAction[] = [], value: ButtonValue = { name: "" }): SlashAnswer => ({
  response_type: "in_channel",
  text,
  ...(actions.length === 0 ? {} : { blocks: buildBlocks(text, actions, value) }),
});

/** Builds the value of a queue's buttons, which contains the turn that they show. */
const buildValue = (queue: Queue): ButtonValue => {
  const turn = findTurn(queue);
  return {
    name: queue.name,
    ...(turn && { fencing: turn.fencing, ...(turn.expiresAtMs === null ? {} : { expiresAtMs: turn.expiresAtMs }) }),
  };
};

/** Builds the answer to an invalid request. The problem is plain text. */
const buildProblem = (problem: string): SlashAnswer => tell(escapeMrkdwn(problem));

const formatWait = (queue: Queue, claim: Claim, nowMs: number): string => {
  const startMs = estimateStartMs(queue, claim.id, nowMs);
  if (startMs === null) return "with no estimate, since an open turn comes first";
  const seconds = (startMs - nowMs) / 1000;
  return `at most about ${formatDuration(Math.max(60, seconds))} to wait`;
};

/** Describes the state of a claim in a sentence. */
const formatStanding = (queue: Queue, claim: Claim, { nowMs, timeZone }: Reader): string => {
  const turn = findTurn(queue);
  const [owner, thing, reason] = [formatOwner(claim.owner), formatThing(queue), formatReason(claim)];
  if (turn?.claim.id === claim.id) {
    return `${owner} has dibs on ${thing} until ${formatLateEnd(turn.expiresAtMs, nowMs, timeZone)}${reason}`;
  }
  const position = findWaiting(queue).findIndex(({ id }) => id === claim.id) + 1;
  return `${owner} is number ${position} in line for ${thing}, ${formatWait(queue, claim, nowMs)}${reason}`;
};

/** Builds the holder's buttons. An open turn has no end to extend. */
const holderActions = (queue: Queue): ButtonAction[] =>
  findTurn(queue)?.expiresAtMs === null ? ["dibs_release"] : ["dibs_release", "dibs_extend"];

/** Announces a claim. `meant` is the similar name of an existing resource, if the claimed one is new. */
const buildClaimed = (queue: Queue, claim: Claim, reader: Reader, meant?: string): SlashAnswer => {
  const holds = findTurn(queue)?.claim.id === claim.id;
  const hint =
    meant === undefined
      ? ""
      : `\n\`${queue.name}\` is new. If you meant \`${meant}\`, type \`/dibs off ${queue.name}\`, then \`/dibs on ${meant}\`.`;
  const actions: ButtonAction[] = holds ? [...holderActions(queue), "dibs_join"] : ["dibs_join", "dibs_leave"];
  return announce(`${formatStanding(queue, claim, reader)}${hint}`, actions, buildValue(queue));
};

/** Tells the user that they are in the queue already. */
const buildAlready = (queue: Queue, claim: Claim, reader: Reader): SlashAnswer =>
  tell(`You already have a claim. ${formatStanding(queue, claim, reader)}`);

/** Shows one queue: its holder and who waits. */
const formatQueue = (queue: Queue, { nowMs, timeZone }: Reader): string => {
  const turn = findTurn(queue);
  if (turn === undefined) return `${formatThing(queue)} is free.`;
  const holder = `${formatThing(queue)}: ${formatOwner(turn.claim.owner)} until ${formatEnd(turn.expiresAtMs, nowMs, timeZone)}${formatReason(turn.claim)}`;
  const waiting = findWaiting(queue);
  const lines = waiting
    .slice(0, MAX_SHOWN)
    .map((claim, index) => `${index + 1}. ${formatOwner(claim.owner)}, ${formatWait(queue, claim, nowMs)}${formatReason(claim)}`);
  const more = waiting.length > MAX_SHOWN ? [`... and ${waiting.length - MAX_SHOWN} more`] : [];
  return [holder, ...lines, ...more].join("\n");
};

const NOTHING_CLAIMED = "Nobody has claimed anything yet.";

/** Lists who holds each resource, one per line. */
const buildList = (queues: readonly Queue[], { nowMs, timeZone }: Reader): SlashAnswer => {
  const lines = queues.map(queue => {
    const turn = findTurn(queue);
    const waiting = findWaiting(queue).length;
    if (turn === undefined) return `• ${formatThing(queue)} is free`;
    const held = `${formatOwner(turn.claim.owner)} until ${formatEnd(turn.expiresAtMs, nowMs, timeZone)}${formatReason(turn.claim)}`;
    return `• ${formatThing(queue)}: ${held}${waiting === 0 ? "" : `, ${waiting} waiting`}`;
  });
  return tell(queues.length === 0 ? NOTHING_CLAIMED : cutLines(lines.join("\n"), MAX_OVERVIEW_CHARACTERS));
};

/** Lists the holders and waiting claims of all resources in use. */
const buildQueues = (queues: readonly Queue[], reader: Reader): SlashAnswer => {
  const used = queues.filter(({ claims }) => claims.length > 0);
  if (used.length === 0) return tell("Nobody holds anything.");
  return tell(cutLines(used.map(queue => formatQueue(queue, reader)).join("\n"), MAX_OVERVIEW_CHARACTERS));
};

const chooseActions = (queue: Queue, user: string): ButtonAction[] => {
  if (findTurn(queue)?.claim.owner === user) return holderActions(queue);
  return queue.claims.some(({ owner }) => owner === user) ? ["dibs_leave"] : ["dibs_join"];
};

/** Shows one queue with the buttons that the reader can use: two blocks. */
const buildQueueBlocks = (queue: Queue, reader: Reader): JsonObject[] =>
  buildBlocks(formatQueue(queue, reader), chooseActions(queue, reader.user), buildValue(queue));

/** Answers who holds a resource. */
const buildWho = (queue: Queue, reader: Reader): SlashAnswer => ({
  ...tell(formatQueue(queue, reader)),
  blocks: buildQueueBlocks(queue, reader),
});

const HELP = [
  "`/dibs on staging [for 45 minutes | until 17:30] [because ...]` claims it, or queues for it",
  "`/dibs off [staging | all]` releases it, or leaves the queue",
  "`/dibs list` lists all resources and their holders; `/dibs q [staging]` shows one queue, or all",
  "`/dibs who staging` shows who holds it and who waits; `/dibs history staging` shows past turns",
  "`/dibs extend staging by 1h` extends your turn; `/dibs watch staging` tells you when it is free (`unwatch` stops that)",
  "`/dibs bump staging` lets the next person go first; `/dibs next staging because ...` puts you first in line",
  "`/dibs token [list | revoke ID]` manages tokens for pipelines",
  "Admins: `/dibs kick @somebody off staging`, `/dibs add | remove staging`, `/dibs rename staging to stage-1`, `/dibs approve-only on | off`",
].join("\n");

const buildHelp = (): SlashAnswer => tell(`*Taking turns*\n${HELP}`);

/** Answers `/dibs`: the user's claims, and all queues. */
const buildOverview = (queues: readonly Queue[], reader: Reader): SlashAnswer => {
  const mine = queues.flatMap(queue => {
    const claim = queue.claims.find(({ owner }) => owner === reader.user);
    return claim === undefined ? [] : [`• ${formatStanding(queue, claim, reader)}`];
  });
  const used = queues.filter(({ claims }) => claims.length > 0).slice(0, MAX_QUEUES);
  const free = queues.filter(({ claims }) => claims.length === 0).map(formatThing);
  const head = mine.length === 0 ? "You have no dibs." : ["*Yours*", ...mine].join("\n");
  const all = [
    ...(used.length === 0 ? [] : ["*All queues*", ...used.map(queue => formatQueue(queue, reader))]),
    ...(free.length === 0 ? [] : [`Free: ${free.slice(0, MAX_QUEUES).join(", ")}`]),
    ...(queues.length === 0 ? [NOTHING_CLAIMED] : []),
  ];
  const help = `Try \`/dibs help\`:\n${HELP}`;
  const shown = used.slice(0, MAX_QUEUES_WITH_BUTTONS);
  const others = used.slice(MAX_QUEUES_WITH_BUTTONS).map(formatThing);
  return {
    ...tell(cutLines([head, ...all, help].join("\n"), MAX_OVERVIEW_CHARACTERS)),
    blocks: [
      ...buildBlocks(head, [], { name: "" }),
      ...shown.flatMap(queue => buildQueueBlocks(queue, reader)),
      ...(others.length === 0 ? [] : buildBlocks(`In use: ${others.join(", ")}`, [], { name: "" })),
      ...(free.length === 0 ? [] : buildBlocks(`Free: ${free.slice(0, MAX_QUEUES).join(", ")}`, [], { name: "" })),
      ...buildBlocks(help, [], { name: "" }),
    ],
  };
};

const formatNext = (queue: Queue): string => {
  const turn = findTurn(queue);
  return turn === undefined ? "It is free." : `It is ${formatOwner(turn.claim.owner)}'s turn.`;
};

const REFUSALS = {
  absent: "You are not in the queue for",
  stale: "That button is from an earlier turn on",
  waiting: "It is not yet your turn on",
  holding: "You already hold",
  last: "Nobody is behind you in the queue for",
  full: "There is no room left in the queue for",
  "in-use": "You can't remove a resource that is in use:",
  "too-many-watchers": "Too many people already watch",
  "too-long": "A turn can't end more than 30 days from now:",
} as const;

/** Answers a move on a queue: to the channel if it changed the queue, otherwise to the user. */
const buildMoved = (queue: Queue, outcome: Outcome, reader: Reader, reason?: string): SlashAnswer => {
  const [me, thing] = [`<@${reader.user}>`, formatThing(queue)];
  switch (outcome.is) {
    case "released":
      return outcome.held
        ? announce(`${me} released ${thing}. ${formatNext(queue)}`, ["dibs_join"], buildValue(queue))
        : announce(`${me} left the queue for ${thing}.`);
    case "extended":
      return announce(
        `${me} has dibs on ${thing} until ${formatLateEnd(outcome.expiresAtMs, reader.nowMs, reader.timeZone)}${outcome.wasOpen ? "; it was open before" : ""}`,
        ["dibs_release", "dibs_extend", "dibs_join"],
        buildValue(queue),
      );
    case "limited":
      return tell(formatQueue(queue, reader));
    case "bumped":
      return announce(`${me} lets ${formatOwner(outcome.ahead)} go first on ${thing}.`);
    case "jumped":
      return announce(`${me} goes first in line for ${thing}${reason === undefined ? "" : `: ${escapeMrkdwn(reason)}`}`);
    case "kicked":
      return announce(`${me} removed ${formatOwner(outcome.owner)} from the queue for ${thing}. ${formatNext(queue)}`);
    case "watching":
      return tell(`You will get a message when ${thing} is free. \`/dibs unwatch ${queue.name}\` stops that.`);
    case "free":
      return { ...tell(`${thing} is free now.`), blocks: buildBlocks(`${thing} is free now.`, ["dibs_join"], buildValue(queue)) };
    case "unwatched":
      return tell(`You will get no message when ${thing} is free.`);
    case "removed":
      return announce(`${me} removed ${thing}.`);
    case "settled":
      return tell(formatQueue(queue, reader));
    case "refused":
      if (outcome.why === "owner-absent") return tell(`${formatOwner(outcome.owner)} is not in the queue for ${thing}.`);
      if (outcome.why === "absent") return tell(`${REFUSALS.absent} ${thing}.\n${formatQueue(queue, reader)}`);
      return tell(`${REFUSALS[outcome.why]} ${thing}.`);
  }
};

const ENDINGS: Record<EndedClaim["how"], string> = {
  released: "released it",
  left: "left the queue",
  expired: "used up the time",
  dead: "stopped sending heartbeats",
  kicked: "was removed",
};

/** Answers who held a resource before. */
const buildHistory = (name: string, past: readonly EndedClaim[], { nowMs, timeZone }: Reader): SlashAnswer => {
  if (past.length === 0) return tell(`Nobody has held \`${name}\` yet.`);
  const lines = past.map(({ claim, how, endedAtMs, sinceMs, by }) => {
    const held = sinceMs === undefined ? "" : ` after ${formatDuration((endedAtMs - sinceMs) / 1000)}`;
    const who = by === undefined ? "" : ` by ${formatOwner(by)}`;
    return `• ${formatDate(endedAtMs, nowMs, timeZone)}: ${formatOwner(claim.owner)} ${ENDINGS[how]}${held}${who}${formatReason(claim)}`;
  });
  return tell([`*Who had \`${name}\`*`, ...lines].join("\n"));
};

/** Shows a new token, once. The token comes first, so that a program can read it. */
const buildTokenAnswer = (token: string, { id, expiresAtMs }: ApiToken, { nowMs, timeZone }: Reader): SlashAnswer =>
  tell(
    `${token}\nThis token is shown only once. It acts in your name in the dibs API until ${formatDate(expiresAtMs, nowMs, timeZone)}. \`/dibs token revoke ${id}\` revokes it.`,
  );

/** Lists the user's tokens by their short ids. */
const buildTokens = (tokens: readonly ApiToken[], { nowMs, timeZone }: Reader): SlashAnswer => {
  if (tokens.length === 0) return tell("You have no tokens. `/dibs token` creates one.");
  const lines = tokens.map(({ id, createdAtMs, lastUsedAtMs, expiresAtMs }) => {
    const used = lastUsedAtMs === undefined ? "never used" : `last used ${formatDate(lastUsedAtMs, nowMs, timeZone)}`;
    return `• \`${id}\`, created ${formatDate(createdAtMs, nowMs, timeZone)}, ${used}, expires ${formatDate(expiresAtMs, nowMs, timeZone)}`;
  });
  return tell(["*Your tokens*", ...lines].join("\n"));
};

export type { Reader };
export {
  announce,
  buildAlready,
  buildClaimed,
  buildHelp,
  buildHistory,
  buildList,
  buildMoved,
  buildOverview,
  buildProblem,
  buildQueueBlocks,
  buildQueues,
  buildTokenAnswer,
  buildTokens,
  buildWho,
  formatThing,
};
