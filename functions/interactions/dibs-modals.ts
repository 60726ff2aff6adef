/** The modals for turns: everybody may claim; admins add and rename resources, as with `/dibs`. */
import type { Deadline } from "#core/deadline";
import { buildClaimed, formatThing } from "#core/dibs/answer";
import { type Claim, findWaiting, type Queue } from "#core/dibs/queue";
import { buildAddModal, buildClaimModal, buildRenameModal, parseAdd, parseClaim, parseRename } from "#core/home/dibs-modals";
import type { JsonObject } from "#core/json";
import type { Problem } from "#core/problem";
import type { Dibs } from "#functions/dibs/dibs";
import type { Actor, Modal, Submission, Submitted } from "#functions/interactions/modals";
import type { People } from "#functions/people";

class ClaimModal implements Modal {
  constructor(
    private readonly dibs: Pick<Dibs, "claim" | "isApproveOnly">,
    /** The default length of a turn, in seconds; null for an open turn. */
    private readonly dibsDefault: number | null,
    private readonly nowMs: () => number = Date.now,
  ) {}

  async open(name: string): Promise<JsonObject> {
    return buildClaimModal(name);
  }

  /** The claim has the id of the request, so that a modal that is submitted twice claims once. */
  async submit({ entered }: Submission, { team, user, request, chosen }: Actor, deadline: Deadline): Promise<Submitted> {
    const parsed = parseClaim(entered);
    if ("errors" in parsed) return parsed;
    const { name, forSeconds = chosen === undefined ? this.dibsDefault : chosen.dibsDefault, reason } = parsed.value;
    const approveOnly = await this.dibs.isApproveOnly(team, deadline);
    const claim = { team, name, id: request, owner: user, isPersonal: true, maker: user, forSeconds, ...(reason && { reason }) };
    const joined = await this.dibs.claim(claim, approveOnly, deadline);
    switch (joined.is) {
      case "in":
        return { note: buildClaimed(joined.queue, joined.claim, { user, nowMs: this.nowMs() }).text };
      case "already":
        return refuseName(explainAlready(joined.queue, joined.claim));
      case "over":
        return { note: `That claim on ${formatThing(joined.queue)} has ended.` };
      case "full":
        return refuseName("The queue is full.");
      case "unapproved":
        return refuseName("There is no such resource. Only an admin may add it.");
    }
  }
}

class AddModal implements Modal {
  constructor(
    private readonly dibs: Pick<Dibs, "add">,
    private readonly people: Pick<People, "refuseUnlessAdmin">,
  ) {}

  open(_value: string, actor: Actor, deadline: Deadline): Promise<JsonObject | Problem> {
    return openForAdmin(this.people, actor, deadline, buildAddModal);
  }

  async submit({ entered }: Submission, actor: Actor, deadline: Deadline): Promise<Submitted> {
    const parsed = parseAdd(entered);
    if ("errors" in parsed) return parsed;
    const refusal = await this.people.refuseUnlessAdmin(actor, deadline);
    if (refusal !== undefined) return refuseName(refusal);
    const isNew = await this.dibs.add({ team: actor.team, name: parsed.value.name }, deadline);
    return isNew ? { note: `You added ${formatThing(parsed.value)}.` } : refuseName("It already exists.");
  }
}

class RenameModal implements Modal {
  constructor(
    private readonly dibs: Pick<Dibs, "rename">,
    private readonly people: Pick<People, "refuseUnlessAdmin">,
  ) {}

  open(_value: string, actor: Actor, deadline: Deadline): Promise<JsonObject | Problem> {
    return openForAdmin(this.people, actor, deadline, buildRenameModal);
  }

  async submit({ entered }: Submission, actor: Actor, deadline: Deadline): Promise<Submitted> {
    const parsed = parseRename(entered);
    if ("errors" in parsed) return parsed;
    const refusal = await this.people.refuseUnlessAdmin(actor, deadline);
    if (refusal !== undefined) return refuseName(refusal);
    const { name, to } = parsed.value;
    const outcome = await this.dibs.rename({ team: actor.team, name }, to, deadline);
    if (outcome === "renamed") return { note: `You renamed ${formatThing({ name })} to ${formatThing({ name: to })}.` };
    return outcome === "taken" ? { errors: { to: "It already exists." } } : refuseName("There is no such resource.");
  }
}

/** Slack shows the Home to everybody, and a button may be older than a change of who is an admin. */
const openForAdmin = async (
  people: Pick<People, "refuseUnlessAdmin">,
  actor: Actor,
  deadline: Deadline,
  build: () => JsonObject,
): Promise<JsonObject | Problem> => {
  const problem = await people.refuseUnlessAdmin(actor, deadline);
  return problem === undefined ? build() : { problem };
};

const refuseName = (name: string): Submitted => ({ errors: { name } });

const explainAlready = (queue: Queue, claim: Claim): string => {
  const position = findWaiting(queue).findIndex(({ id }) => id === claim.id) + 1;
  return position === 0 ? "You hold it already." : `You are number ${position} in line already.`;
};

export { AddModal, ClaimModal, openForAdmin, RenameModal };
