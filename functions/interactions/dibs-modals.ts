/** The modals for turns: everybody may claim; admins add and rename resources, as with `/dibs`. */
import type { Deadline } from "#core/deadline";
import { buildClaimed, formatThing } from "#core/dibs/answer";
import { type Claim, findWaiting, type Queue } from "#core/dibs/queue";
import { buildAddModal, buildClaimModal, buildRenameModal, parseAdd, parseClaim, parseRename } from "#core/home/dibs-modals";
import type { Entered, FieldErrors } from "#core/home/modal";
import type { JsonObject } from "#core/json";
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

interface AdminModalParts<Value> {
  build(): JsonObject;
  parse(entered: Entered): { value: Value } | { errors: FieldErrors };
  act(value: Value, team: string, deadline: Deadline): Promise<Submitted>;
}

/** A modal for admins. Checks the person twice, because a button or an open modal stays when somebody is no longer an admin. */
const createAdminModal = <Value>(people: Pick<People, "refuseUnlessAdmin">, { build, parse, act }: AdminModalParts<Value>): Modal => ({
  open: async (_value, actor, deadline) => {
    const problem = await people.refuseUnlessAdmin(actor, deadline);
    return problem === undefined ? build() : { problem };
  },
  submit: async ({ entered }, actor, deadline) => {
    const parsed = parse(entered);
    if ("errors" in parsed) return parsed;
    const refusal = await people.refuseUnlessAdmin(actor, deadline);
    return refusal === undefined ? act(parsed.value, actor.team, deadline) : refuseName(refusal);
  },
});

const createAddModal = (dibs: Pick<Dibs, "add">, people: Pick<People, "refuseUnlessAdmin">): Modal =>
  createAdminModal(people, {
    build: buildAddModal,
    parse: parseAdd,
    act: async ({ name }, team, deadline) => {
      const isNew = await dibs.add({ team, name }, deadline);
      return isNew ? { note: `You added ${formatThing({ name })}.` } : refuseName("It already exists.");
    },
  });

const createRenameModal = (dibs: Pick<Dibs, "rename">, people: Pick<People, "refuseUnlessAdmin">): Modal =>
  createAdminModal(people, {
    build: buildRenameModal,
    parse: parseRename,
    act: async ({ name, to }, team, deadline) => {
      const outcome = await dibs.rename({ team, name }, to, deadline);
      if (outcome === "renamed") return { note: `You renamed ${formatThing({ name })} to ${formatThing({ name: to })}.` };
      return outcome === "taken" ? { errors: { to: "It already exists." } } : refuseName("There is no such resource.");
    },
  });

const refuseName = (name: string): Submitted => ({ errors: { name } });

const explainAlready = (queue: Queue, claim: Claim): string => {
  const position = findWaiting(queue).findIndex(({ id }) => id === claim.id) + 1;
  return position === 0 ? "You hold it already." : `You are number ${position} in line already.`;
};

export { ClaimModal, createAddModal, createRenameModal };
