/** Approval of calls by people. A message with two buttons asks for it, and outlives the worker that called. */
import { buildApprovalMessage } from "#core/agent/buttons";
import { choosePlace, refuse, verifyFingerprint } from "#core/agent/tool-rules";
import { buildSummary } from "#core/agent/tool-summary";
import type { ToolCall } from "#core/agent/tools";
import type { Deadline } from "#core/deadline";
import { ToolBusy } from "#core/errors";
import type { Caller } from "#functions/gateway/caller";
import type { Cards } from "#functions/gateway/cards";
import type { Once } from "#functions/gateway/once";
import type { ToolApprovals } from "#stores/agent/tool-approvals";
import type { Slack } from "#stores/slack/web-api";

/** The status of a call while nobody has decided. */
const WAITING_FOR_APPROVAL = "waiting-for-approval";
/** When to ask again whether somebody has decided. */
const RETRY_MS = 5000;

class Approvals {
  constructor(
    private readonly approvals: Pick<ToolApprovals, "read" | "ask" | "keepMessage">,
    private readonly once: Pick<Once, "run">,
    private readonly cards: Pick<Cards, "ensureThread">,
    private readonly slack: Pick<Slack, "post" | "findPosted">,
    private readonly channels: readonly string[],
    private readonly nowMs: () => number = Date.now,
  ) {}

  /** Lets an approved call pass. Throws `ToolBusy` (`waiting-for-approval`), `ToolRefused` (`approval`, `key`) for any other. */
  async verify(
    call: ToolCall,
    { task, partition, key, requestedAtMs }: Caller,
    channel: string,
    fingerprint: string,
    deadline: Deadline,
  ): Promise<void> {
    const receiptKey = { task: partition, key };
    const approval = await this.approvals.read(receiptKey, deadline);
    if (approval !== undefined) verifyFingerprint(call.name, approval.fingerprint, fingerprint);
    if (approval?.state === "approved") return;
    if (approval?.state === "declined")
      refuse("approval", `${approval.by === undefined ? "Somebody" : `<@${approval.by}>`} declined this call.`);
    if (approval?.ts === undefined) {
      const summary = approval?.summary ?? buildSummary(call, channel);
      const place = choosePlace({}, task && (await this.cards.ensureThread(task, deadline, requestedAtMs)), this.channels);
      // Store the request before posting it: somebody may press a button as soon as the message appears.
      if (approval === undefined)
        await this.approvals.ask(receiptKey, { tool: call.name, summary, fingerprint, channel: place.channel }, this.nowMs(), deadline);
      const asking = { task: partition, key: `approval-${key}`, tool: call.name, fingerprint, limits: [], requestedAtMs };
      const { result } = await this.once.run(asking, deadline, async ({ id, sinceMs }) => {
        const posted = sinceMs === undefined ? undefined : await this.slack.findPosted({ ...place, id }, sinceMs);
        const message = buildApprovalMessage({ tool: call.name, summary }, partition, key);
        return { result: { ts: posted ?? (await this.slack.post({ ...place, id, ...message })) } };
      });
      await this.approvals.keepMessage(receiptKey, String(result["ts"]), deadline);
    }
    throw new ToolBusy(WAITING_FOR_APPROVAL, RETRY_MS);
  }
}

export { Approvals, WAITING_FOR_APPROVAL };
