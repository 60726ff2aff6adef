/** Does a call once per key: its receipt is claimed, the work done, the receipt settled. */
import { randomUUID } from "node:crypto";
import type { ToolName } from "#core/agent-tools";
import type { Deadline } from "#core/deadline";
import { SlackBusy, SlackRefused, ToolBusy, ToolRefused } from "#core/errors";
import { buildHash } from "#core/ids";
import type { JsonObject } from "#core/json";
import { refuse, verifyFingerprint } from "#core/tool-rules";
import type { Limit } from "#stores/tool-limits";
import type { ReceiptKey, ToolReceipts } from "#stores/tool-receipts";

/** A call to be done once. */
interface OnceCall extends ReceiptKey {
  tool: ToolName;
  /** Of the call's arguments: a key stands for one call only. */
  fingerprint: string;
  limits: readonly Limit[];
}

/** What the work is told. `id` is the same for the same call; `sinceMs` is there when an earlier attempt may have done it. */
interface Attempt {
  id: string;
  sinceMs: number | undefined;
  draft: JsonObject | undefined;
}

interface Work {
  result: JsonObject;
  /** The message that was posted, which may be updated later. */
  message?: { channel: string; ts: string };
}

interface Done {
  result: JsonObject;
  isRepeat: boolean;
}

/** Longer than the function runs at most (30 s, as long as API Gateway waits), so that no two do the same call. */
const CLAIM_MS = 40_000;

class Once {
  constructor(
    private readonly receipts: Pick<ToolReceipts, "claim" | "settle" | "release">,
    private readonly nowMs: () => number = Date.now,
    private readonly newClaimant: () => string = randomUUID,
  ) {}

  /** Returns the first result, however often it is called. Throws `ToolRefused` (`key`, `task-limit`, `day-limit`), `ToolBusy`, and what the work throws. */
  async run(call: OnceCall, deadline: Deadline, work: (attempt: Attempt) => Promise<Work>): Promise<Done> {
    const nowMs = this.nowMs();
    const claimant = this.newClaimant();
    const { tool, fingerprint, limits } = call;
    const claim = await this.receipts.claim(call, { tool, fingerprint, claimant, nowMs, untilMs: nowMs + CLAIM_MS }, limits, deadline);
    if (claim.state === "over") return refuse(claim.limit.rule, describeLimit(claim.limit));
    if (claim.state !== "mine") verifyFingerprint(tool, claim.fingerprint, fingerprint);
    if (claim.state === "done") return { result: claim.result, isRepeat: true };
    if (claim.state === "taken") throw new ToolBusy("being-done-already", Math.max(1, claim.untilMs - nowMs));
    const attempt = {
      id: buildHash("agent-call", call.task, call.key),
      sinceMs: claim.first ? undefined : claim.sinceMs,
      draft: claim.draft,
    };
    const { result, message } = await this.attempt(call, claimant, deadline, () => work(attempt));
    await this.receipts.settle(call, result, message, this.nowMs(), deadline);
    return { result, isRepeat: false };
  }

  /** Works; what was certainly not done gives its claim back, so that nobody has to wait for it to run out. */
  private async attempt(call: OnceCall, claimant: string, deadline: Deadline, work: () => Promise<Work>): Promise<Work> {
    try {
      return await work();
    } catch (error) {
      if (isNotDone(error)) await this.receipts.release(call, claimant, this.nowMs(), deadline);
      if (error instanceof SlackBusy && error.retryAfterSeconds === undefined)
        // It may have been done after all: only when the claim has run out is it looked for.
        throw new ToolBusy("waiting-for-slack", CLAIM_MS, { cause: error });
      throw error;
    }
  }
}

const isNotDone = (error: unknown): boolean =>
  error instanceof ToolRefused || error instanceof SlackRefused || (error instanceof SlackBusy && error.retryAfterSeconds !== undefined);

const describeLimit = ({ rule, atMost }: Limit): string =>
  rule === "task-limit"
    ? `this task has posted ${atMost} times, which is all it may.`
    : `agents have posted ${atMost} times today, which is all they may.`;

export type { Attempt, Done, OnceCall, Work };
export { Once };
