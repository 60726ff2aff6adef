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

interface AddOnceParts {
  once: Pick<CountOnce, "add">;
  seen: Pick<SeenTable, "buildEffectMarker">;
  subscriber: string;
  /** Markers live as long as messages can be replayed. */
  archiveDays: number;
  nowMs?: () => number;
}

class AddOnce {
  readonly #parts: Required<AddOnceParts>;

  constructor(parts: AddOnceParts) {
    this.#parts = { nowMs: Date.now, ...parts };
  }

  /** Adds in chunks, each in one transaction with its marker `ID#SUBSCRIBER[#K]`. An existing marker means that the chunk is done. */
  async add(messageId: string, additions: readonly Addition[]): Promise<void> {
    if (additions.length === 0) return;
    const deadline = new Deadline(BUDGET_MS);
    const expiresAtSeconds = Math.ceil(this.#parts.nowMs() / 1000) + this.#parts.archiveDays * 86_400;
    await runSideBySide([...chunk(additions, ADDITIONS).entries()], MAX_CALLS, async ([index, some]) => {
      const key = index === 0 ? `${messageId}#${this.#parts.subscriber}` : `${messageId}#${this.#parts.subscriber}#${index}`;
      await this.#parts.once.add([this.#parts.seen.buildEffectMarker(key, expiresAtSeconds)], some, deadline);
    });
  }
}

/** Creates an `AddOnce` and its client. */
const createAddOnce = (subscriber: string, settings: { seenTable: string; archiveDays: number }): AddOnce => {
  const client = createDynamoDB("background");
  return new AddOnce({
    once: new CountOnce(client),
    seen: new SeenTable(client, settings.seenTable),
    subscriber,
    archiveDays: settings.archiveDays,
  });
};

export { AddOnce, createAddOnce };
