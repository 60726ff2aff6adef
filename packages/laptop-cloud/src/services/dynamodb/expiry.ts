import type { Timer } from "../../kernel/clock";
import type { Cloud } from "../../kernel/service";
import { expiryPrefix } from "./database";
import type { Engine } from "./engine";
import { expiryOf, isExpired, MAX_EXPIRY_AGE_SECONDS, sortableSeconds } from "./expiry-time";
import type { Table } from "./store";
import { WriteSet } from "./write-set";

/** How often expired items are deleted, in the cloud's time. AWS may take a few days. */
const SWEEP_INTERVAL_MS = 5000;

/** Deletes expired items and old request tokens in the background. */
class Expiry {
  #timer: Timer | undefined;
  #endListening = () => {};
  #sweeping: Promise<void> | undefined;
  #stopped = false;

  constructor(
    private readonly engine: Engine,
    private readonly cloud: Cloud,
  ) {}

  start() {
    this.#endListening = this.cloud.clock.onMove(() => this.#sweepNow());
    this.#schedule();
  }

  async stop() {
    this.#stopped = true;
    this.#endListening();
    this.#timer?.cancel();
    await this.#sweeping;
  }

  #schedule() {
    if (!this.#stopped) this.#timer = this.engine.clock.after(SWEEP_INTERVAL_MS, () => this.#sweepNow());
  }

  /** Runs one sweep at a time; a request during a sweep runs after it. */
  #sweepNow() {
    this.#timer?.cancel();
    const previous = this.#sweeping;
    const sweeping = (async () => {
      await previous;
      if (this.#stopped) return;
      // A failed sweep must not end the cloud; the next one retries.
      await this.#sweep().catch(error => console.error(error));
    })().finally(() => {
      if (this.#sweeping !== sweeping) return;
      this.#sweeping = undefined;
      this.#schedule();
    });
    this.#sweeping = sweeping;
  }

  async #sweep() {
    await this.engine.tokens.forgetExpired();
    for (const table of this.engine.tables.all()) {
      if (table.expiryAttribute !== undefined) await this.#sweepTable(table);
    }
  }

  async #sweepTable({ description: { TableName: name, TableArn: arn } }: Table) {
    const nowSeconds = Math.floor(this.engine.clock.nowMs() / 1000);
    const prefix = expiryPrefix(name);
    const due = this.engine.database.values({
      gte: prefix + sortableSeconds(nowSeconds - MAX_EXPIRY_AGE_SECONDS),
      lt: prefix + sortableSeconds(nowSeconds + 1),
    });
    let deleted = 0;
    for await (const key of due) {
      if (this.#stopped) break;
      if (await this.#deleteIfExpired(name, key, nowSeconds)) deleted += 1;
    }
    if (deleted === 0) return;
    const to = this.cloud.inventory.byArn(arn)?.name ?? name;
    this.cloud.occurrences.record({ atMs: this.engine.clock.nowMs(), kind: "timer", to, detail: { expiredItems: deleted } });
  }

  /** The item may have changed since the index was read. */
  #deleteIfExpired(name: string, key: string, nowSeconds: number): Promise<boolean> {
    return this.engine.locks.hold([{ table: name, key }], async () => {
      const table = this.engine.tables.get(name);
      if (table === undefined) return false;
      const writes = new WriteSet(this.engine.tables, this.engine.database);
      const expiry = expiryOf(writes.before(name, key), table.expiryAttribute);
      if (expiry === undefined || !isExpired(expiry, nowSeconds)) return false;
      writes.change(name, key, undefined);
      await writes.commit();
      return true;
    });
  }
}

export { Expiry };
