/**
 * Answers each command and click once. A repeated request gets the first answer and changes nothing, so it can't undo a later
 * decision.
 */
import type { Deadline } from "#core/deadline";
import type { Log } from "#core/log";
import type { SlashAnswer } from "#core/slack/slash-answer";
import type { RequestsTable } from "#stores/dibs/requests-table";

class AnswerOnce {
  constructor(
    private readonly requests: Pick<RequestsTable, "find" | "put">,
    private readonly log: Log,
    private readonly nowMs: () => number = Date.now,
  ) {}

  /** Returns a request's first answer, or does the work. The work must be idempotent: its process may die before the answer is stored. */
  async answer<T extends SlashAnswer>(request: string, deadline: Deadline, work: () => Promise<T>): Promise<T> {
    const earlier = await this.requests.find<T>(request, deadline);
    if (earlier !== undefined) return earlier;
    const answer = await work();
    try {
      await this.requests.put(request, answer, this.nowMs(), deadline);
    } catch (error) {
      this.log.error("the answer is not kept", error);
    }
    return answer;
  }
}

export { AnswerOnce };
