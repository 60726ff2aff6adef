/** Turn queues for agents, which claim in the name of the person who asked for the task. */

import { refuse } from "#core/agent/tool-rules";
import type { ToolArguments } from "#core/agent/tools";
import type { Deadline } from "#core/deadline";
import { parseClaimId, serializeClaimId } from "#core/dibs/claim-id";
import { parseTurnLength } from "#core/dibs/duration";
import { parseName } from "#core/dibs/name";
import { buildHash } from "#core/ids";
import type { JsonObject } from "#core/json";
import { isProblem } from "#core/problem";
import { buildQuote } from "#core/quote";
import { describeClaim } from "#functions/api/shapes";
import { type Dibs, findStatusIn, type TurnDefault } from "#functions/dibs/dibs";
import type { Caller } from "#functions/gateway/caller";
import type { TeamSettingsTable } from "#stores/slack/team-settings";

interface DibsToolsSettings extends TurnDefault {
  /** The team of calls without a task; empty if none is configured. */
  teamId: string;
  /** What workspaces have chosen. Undefined where the stack serves one workspace. */
  chosen?: Pick<TeamSettingsTable, "readRecent"> | undefined;
}

/** The owner of claims without a task. */
const NOBODYS_OWNER = "agent";

class DibsTools {
  constructor(
    private readonly dibs: Pick<Dibs, "claim" | "isApproveOnly" | "look" | "move" | "findStatus">,
    private readonly settings: DibsToolsSettings,
  ) {}

  /** Returns the claim's status. Throws `ToolRefused` (`dibs`), `NotDurable`. */
  async claim({ resource, for: span, reason }: ToolArguments<"claim_dibs">, caller: Caller, deadline: Deadline): Promise<JsonObject> {
    const name = readName(resource);
    const team = this.teamOf(caller);
    const forSeconds = span === undefined ? await this.readDefault(team, deadline) : parseTurnLength(span);
    if (isProblem(forSeconds)) return refuse("dibs", forSeconds.problem);
    const id = buildHash("agent", caller.partition, name, caller.key);
    const claim = {
      team,
      name,
      id,
      owner: caller.task?.user || NOBODYS_OWNER,
      isPersonal: false,
      maker: makerOf(caller),
      forSeconds,
      reason,
    };
    const joined = await this.dibs.claim(claim, await this.dibs.isApproveOnly(team, deadline), deadline);
    if (joined.is === "full") return refuse("dibs", `the queue for ${name} is full.`);
    if (joined.is === "unapproved") return refuse("dibs", `there is no ${name}, and only an admin may add one.`);
    const place = { team, name: joined.queue.name, id };
    const status = (joined.is === "in" ? findStatusIn(joined.queue, id) : undefined) ?? (await this.dibs.findStatus(place, deadline));
    if (status === undefined) return refuse("dibs", "the claim has ended.");
    return describeClaim(serializeClaimId(place), status, makerOf(caller));
  }

  /** Ends a claim of the caller. Does nothing if it has ended already. Throws `ToolRefused` (`dibs`), `NotDurable`. */
  async release({ resource, claimId }: ToolArguments<"release_dibs">, caller: Caller, deadline: Deadline): Promise<JsonObject> {
    const key = { team: this.teamOf(caller), name: readName(resource) };
    const place = claimId === undefined ? undefined : parseClaimId(claimId);
    if (claimId !== undefined && (place === undefined || place.team !== key.team))
      return refuse("dibs", `${buildQuote(claimId)} is not a claim.`);
    const queue = await this.dibs.look(key, deadline);
    if (queue === undefined) return refuse("dibs", `there is no ${key.name}.`);
    const own = queue.claims.filter(({ maker, id }) => maker === makerOf(caller) && (place === undefined || id === place.id));
    if (own.length > 1) return refuse("dibs", `this task has several claims of ${key.name}: name one by its claimId.`);
    const [claim] = own;
    // The claim belongs to somebody else or has ended. Neither must be released.
    if (claim === undefined) return { released: false };
    const move = { do: "release", whose: { claimId: claim.id }, leaseId: undefined } as const;
    const moved = await this.dibs.move(queue, move, deadline, { known: queue });
    return { released: moved?.outcome.is === "released" };
  }

  private teamOf({ task }: Caller): string {
    return task?.team ?? this.settings.teamId;
  }

  private async readDefault(team: string, deadline: Deadline): Promise<number | null> {
    const chosen = await this.settings.chosen?.readRecent(team, deadline);
    return (chosen?.settings ?? this.settings).dibsDefault;
  }
}

/** The maker of a claim, who may end it: the task. */
const makerOf = ({ partition }: Caller): string => `agent/${partition}`;

const readName = (resource: string): string => {
  const name = parseName(resource);
  return typeof name === "string" ? name : refuse("dibs", name.problem);
};

export { DibsTools };
