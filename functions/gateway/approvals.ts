/** Approval of calls by people. A message with two buttons asks for it, and outlives the worker that called. */
import { buildApprovalMessage } from "#core/agent/buttons";
import { choosePlace, refuse, verifyFingerprint } from "#core/agent/tool-rules";
import { buildSummary } from "#core/agent/tool-summary";
import type { ToolCall } from "#core/agent/tools";
import type { Deadline } from "#core/deadline";
import { ToolBusy } from "#core/errors";
import type { KnownCaller } from "#functions/gateway/caller";
import type { Cards } from "#functions/gateway/cards";
import type { Once } from "#functions/gateway/once";
import type { ToolApprovals } from "#stores/agent/tool-approvals";
import type { Slack } from "#stores/slack/web-api";

/** The status of a call while nobody has decided. */
const WAITING_FOR_APPROVAL = "waiting-for-approval";
/** When to ask again whether somebody has decided. */
const RETRY_MS = 5000;

interface ApprovalsParts {
  approvals: Pick<ToolApprovals, "read" | "ask" | "keepMessage">;
  once: Pick<Once, "run">;
  cards: Pick<Cards, "ensureThread">;
  slack: Pick<Slack, "post" | "findPosted">;
  /** Channels where agents may post. */
  channels: readonly string[];
  nowMs?: () => number;
}

class Approvals {
  readonly #parts: Required<ApprovalsParts>;

  constructor(parts: ApprovalsParts) {
    this.#parts = { nowMs: Date.now, ...parts };
  }

  /** Lets an approved call pass. Throws `ToolBusy` (`waiting-for-approval`), `ToolRefused` (`approval`, `key`) for any other. */
  async verify(call: ToolCall, caller: KnownCaller, channel: string, deadline: Deadline): Promise<void> {
    const { task, partition, key, requestedAtMs, fingerprint } = caller;
    const receiptKey = { task: partition, key };
    const approval = await this.#parts.approvals.read(receiptKey, deadline);
    if (approval !== undefined) verifyFingerprint(call.name, approval.fingerprint, fingerprint);
    if (approval?.state === "approved") return;
    if (approval?.state === "declined")
      refuse("approval", `${approval.by === undefined ? "Somebody" : `<@${approval.by}>`} declined this call.`);
    if (approval?.ts === undefined) {
      const summary = approval?.summary ?? buildSummary(call, channel);
      const place = choosePlace({}, task && (await this.#parts.cards.ensureThread(task, deadline, requestedAtMs)), this.#parts.channels);
      // Store the request before posting it: somebody may press a button as soon as the message appears.
      if (approval === undefined)
        await this.#parts.approvals.ask(
          receiptKey,
          { tool: call.name, summary, fingerprint, channel: place.channel },
          this.#parts.nowMs(),
          deadline,
        );
      const asking = { task: partition, key: `approval-${key}`, tool: call.name, fingerprint, limits: [], requestedAtMs };
      const { result } = await this.#parts.once.run(asking, deadline, async ({ id, sinceMs }) => {
        const posted = sinceMs === undefined ? undefined : await this.#parts.slack.findPosted({ ...place, id }, sinceMs);
        const message = buildApprovalMessage({ tool: call.name, summary }, partition, key);
        return { result: { ts: posted ?? (await this.#parts.slack.post({ ...place, id, ...message })) } };
      });
      await this.#parts.approvals.keepMessage(receiptKey, String(result["ts"]), deadline);
    }
    throw new ToolBusy(WAITING_FOR_APPROVAL, RETRY_MS);
  }
}

export { Approvals, WAITING_FOR_APPROVAL };
