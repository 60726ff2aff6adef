/** Adds a message's numbers for one subscriber once, however often the message is delivered. */
import { chunk } from "#core/chunks";
import { Deadline } from "#core/deadline";
import { runSideBySide } from "#core/side-by-side";
import { createDynamoDB, MAX_CALLS } from "#stores/aws-clients";
import { type Addition, CountOnce, MAX_ITEMS } from "#stores/count-once";
import { SeenTable } from "#stores/message/seen-table";

/** Long enough for contention on popular words to pass. The function's timeout must be longer. */
const BUDGET_MS = 20_000;
/** One item of the transaction is the marker. */
const ADDITIONS = MAX_ITEMS - 1;

class AddOnce {
  constructor(
    private readonly once: Pick<CountOnce, "add">,
    private readonly seen: Pick<SeenTable, "buildEffectMarker">,
    private readonly subscriber: string,
    /** Markers live as long as messages can be replayed. */
    private readonly archiveDays: number,
    private readonly nowMs: () => number = Date.now,
  ) {}

  /** Adds in chunks, each in one transaction with its marker `ID#SUBSCRIBER[#K]`. An existing marker means that the chunk is done. */
  async add(messageId: string, additions: readonly Addition[]): Promise<void> {
    if (additions.length === 0) return;
    const deadline = new Deadline(BUDGET_MS);
    const expiresAtSeconds = Math.ceil(this.nowMs() / 1000) + this.archiveDays * 86_400;
    await runSideBySide([...chunk(additions, ADDITIONS).entries()], MAX_CALLS, async ([index, some]) => {
      const key = index === 0 ? `${messageId}#${this.subscriber}` : `${messageId}#${this.subscriber}#${index}`;
      await this.once.add([this.seen.buildEffectMarker(key, expiresAtSeconds)], some, deadline);
    });
  }
}

/** Creates an `AddOnce` and its client. */
const createAddOnce = (subscriber: string, settings: { seenTable: string; archiveDays: number }): AddOnce => {
  const client = createDynamoDB("background");
  return new AddOnce(new CountOnce(client), new SeenTable(client, settings.seenTable), subscriber, settings.archiveDays);
};

export { AddOnce, createAddOnce };
