/**
 * Does a call once per key: claims a receipt, does the work, settles the receipt.
 *
 * An attempt that dies leaves its claim behind. Another attempt may take it over only when the first can't be running any more. Host clocks
 * can't decide that, because they may differ by minutes (ADR 20). Lambda ends an invocation after 30 s. Two facts prove that this time has
 * passed: API Gateway's timestamps of the two requests are 40 s apart, or this process has seen the claim unchanged for 40 s by its monotonic
 * clock. After a takeover, the work first looks for what the dead attempt did.
 */
import { randomUUID } from "node:crypto";
import { refuse, verifyFingerprint } from "#core/agent/tool-rules";
import type { ToolName } from "#core/agent/tools";
import type { Deadline } from "#core/deadline";
import { SlackBusy, SlackRefused, ToolBusy, ToolRefused } from "#core/errors";
import { buildHash } from "#core/ids";
import type { JsonObject } from "#core/json";
import type { Limit } from "#stores/agent/tool-limits";
import type { Claimant, Holder, ReceiptClaim, ReceiptKey, ToolReceipts } from "#stores/agent/tool-receipts";

interface OnceCall extends ReceiptKey {
  tool: ToolName;
  /** A hash of the call's arguments: a key belongs to one call only. */
  fingerprint: string;
  limits: readonly Limit[];
  /** When API Gateway received the request, by its clock. Undefined for calls that did not come through API Gateway. */
  requestedAtMs?: number | undefined;
}

/** The work's argument. The same call always has the same `id`. `sinceMs` is set if an earlier attempt may have done the work. */
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

/** Longer than the function's timeout (30 s, as long as API Gateway waits): an attempt this old is dead. */
const CLAIM_MS = 40_000;
/** The delay to suggest when the claim's remaining time is unknown. */
const RETRY_MS = 5000;

/** A claim that this process has seen, and when by its monotonic clock. */
interface Known {
  claimant: string;
  sinceMs: number;
}

class Once {
  readonly #known = new Map<string, Known>();

  constructor(
    private readonly receipts: Pick<ToolReceipts, "claim" | "takeOver" | "settle" | "release">,
    private readonly nowMs: () => number = Date.now,
    private readonly newClaimant: () => string = randomUUID,
    private readonly monotonicMs: () => number = () => performance.now(),
  ) {}

  /** Returns the first result on every call. Throws `ToolRefused` (`key`, `task-limit`, `day-limit`), `ToolBusy`, and what the work throws. */
  async run(call: OnceCall, deadline: Deadline, work: (attempt: Attempt) => Promise<Work>): Promise<Done> {
    const { tool, fingerprint, requestedAtMs } = call;
    const claimant = this.newClaimant();
    const claim = await this.claim(call, { tool, fingerprint, claimant, nowMs: this.nowMs(), requestedAtMs }, deadline);
    if (claim.state === "over") return refuse(claim.limit.rule, describeLimit(claim.limit));
    if (claim.state !== "mine") verifyFingerprint(tool, claim.fingerprint, fingerprint);
    if (claim.state === "done") return { result: claim.result, isRepeat: true };
    if (claim.state === "taken") throw new ToolBusy("being-done-already", leftOf(claim, requestedAtMs));
    const attempt = {
      id: buildHash("agent-call", call.task, call.key),
      sinceMs: claim.first ? undefined : claim.sinceMs,
      draft: claim.draft,
    };
    const { result, message } = await this.attempt(call, claimant, deadline, () => work(attempt));
    await this.receipts.settle(call, { result, message, nowMs: this.nowMs() }, deadline);
    return { result, isRepeat: false };
  }

  /** Claims a call that nobody holds or whose holder is dead. */
  private async claim(call: OnceCall, claimant: Claimant, deadline: Deadline): Promise<ReceiptClaim> {
    const claim = await this.receipts.claim(call, claimant, call.limits, deadline);
    const isOver = claim.state === "taken" && claim.fingerprint === call.fingerprint && this.isDead(call, claim);
    return isOver ? this.receipts.takeOver(call, claimant, claim.claimant, deadline) : claim;
  }

  private isDead(call: OnceCall, holder: Holder): boolean {
    const isKnownLong = this.isKnownLong(`${call.task} ${call.key}`, holder);
    return isKnownLong || ageOf(holder, call.requestedAtMs) >= CLAIM_MS;
  }

  /** Remembers a claim that is new to this process. */
  private isKnownLong(receipt: string, { claimant }: Holder): boolean {
    const known = this.#known.get(receipt);
    if (known?.claimant !== claimant) this.#known.set(receipt, { claimant, sinceMs: this.monotonicMs() });
    const isLong = known?.claimant === claimant && this.monotonicMs() - known.sinceMs >= CLAIM_MS;
    if (isLong) this.#known.delete(receipt);
    return isLong;
  }

  /** Does the work. If it was certainly not done, gives the claim back, so that nobody has to wait for it to expire. */
  private async attempt(call: OnceCall, claimant: string, deadline: Deadline, work: () => Promise<Work>): Promise<Work> {
    try {
      return await work();
    } catch (error) {
      if (isNotDone(error)) await this.receipts.release(call, claimant, deadline);
      if (error instanceof SlackBusy && error.retryAfterSeconds === undefined)
        // Slack may have done it anyway. A later request takes the claim over and looks for the result.
        throw new ToolBusy("waiting-for-slack", CLAIM_MS, { cause: error });
      throw error;
    }
  }
}

/** How much later than the holder's request this one arrived, by API Gateway's clock; 0 if either did not come through API Gateway. */
const ageOf = (holder: Holder, requestedAtMs: number | undefined): number =>
  holder.requestedAtMs === undefined || requestedAtMs === undefined ? 0 : requestedAtMs - holder.requestedAtMs;

const leftOf = (holder: Holder, requestedAtMs: number | undefined): number => {
  const ageMs = ageOf(holder, requestedAtMs);
  return ageMs <= 0 ? RETRY_MS : Math.max(1, CLAIM_MS - ageMs);
};

const isNotDone = (error: unknown): boolean =>
  error instanceof ToolRefused || error instanceof SlackRefused || (error instanceof SlackBusy && error.retryAfterSeconds !== undefined);

const describeLimit = ({ rule, atMost }: Limit): string =>
  rule === "task-limit"
    ? `this task has already posted ${atMost} times, which is its limit.`
    : `agents have already posted ${atMost} times today, which is their limit.`;

export type { Attempt, Done, OnceCall, Work };
export { Once };
