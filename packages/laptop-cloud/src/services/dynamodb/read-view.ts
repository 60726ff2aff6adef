import { Stream } from "node:stream";
import type { ActionStore, Callback, EntryStore } from "./action";
import type { Item } from "./attribute-value";
import { type Database, indexPrefix, itemPrefix, type Range, type Snapshot } from "./database";
import { MAX_ITEM_BYTES } from "./item-size";
import type { TableDescription, Tables } from "./store";
import { parseItem } from "./write-set";

/** The reads of one request, from one snapshot. Call `close` in the end. */
class ReadView implements ActionStore {
  readonly options = { maxItemSize: MAX_ITEM_BYTES };
  readonly #snapshot: Snapshot;
  readonly #streams: ValueStream[] = [];
  readonly #items = new Map<string, Item | undefined>();

  constructor(
    private readonly tables: Tables,
    private readonly database: Database,
    /** Converts dynalite's bounds. */
    private readonly bound: (bound: string) => string = bound => bound,
  ) {
    this.#snapshot = database.snapshot();
  }

  item(table: string, key: string): Item | undefined {
    return this.#get(itemPrefix(table) + key);
  }

  getTable(name: string, checkStatus: boolean | Callback<TableDescription>, answer?: Callback<TableDescription>) {
    const reply = typeof checkStatus === "function" ? checkStatus : answer!;
    reply(null, this.tables.find(name).description);
  }

  getItemDb(table: string): EntryStore {
    return this.#entries(itemPrefix(table));
  }

  getIndexDb(_kind: string, table: string, index: string): EntryStore {
    return this.#entries(indexPrefix(table, index));
  }

  /** Feeds the streams that the action has opened until it has enough. */
  async feed() {
    for (const stream of this.#streams.splice(0)) await stream.feed();
  }

  async close() {
    await this.#snapshot.close();
  }

  #entries(prefix: string): EntryStore {
    return {
      get: (key, answer) => answer(null, this.#get(prefix + key)),
      createValueStream: range => {
        const stream = new ValueStream(this.database.values(this.#placed(range, prefix), this.#snapshot));
        this.#streams.push(stream);
        return stream;
      },
      put: refuseWrite,
      del: refuseWrite,
      lock: refuseWrite,
    };
  }

  #get(place: string): Item | undefined {
    if (!this.#items.has(place)) this.#items.set(place, parseItem(this.database.get(place, this.#snapshot)));
    return this.#items.get(place);
  }

  #placed({ gt, gte, lt, lte, reverse, limit }: Range, prefix: string): Range {
    const from = gte !== undefined ? { gte: prefix + gte } : { gt: prefix + this.bound(gt ?? "") };
    const to = lte !== undefined ? { lte: prefix + lte } : { lt: lt === undefined ? `${prefix}\x7f` : prefix + this.bound(lt) };
    return { ...from, ...to, reverse, limit };
  }
}

/**
 * Items in key order, in the kind of stream that dynalite expects.
 *
 * It is fed by our own loop, so that an error in a listener fails the request and closes the database's iterator. Iterators of
 * dynalite's own store stay open, each with a snapshot, until the database is closed.
 */
class ValueStream extends Stream {
  #ended = false;

  constructor(private readonly values: AsyncIterable<string>) {
    super();
  }

  async feed() {
    for await (const value of this.values) {
      if (this.#ended) break;
      this.emit("data", JSON.parse(value));
      if (this.#ended) break;
    }
    this.emit("end");
  }

  /** Called when the action has enough. */
  destroy() {
    this.#ended = true;
  }
}

const refuseWrite = (): never => {
  throw new Error("A read view is not written to.");
};

/** Runs `read` on the state as of now. */
const withReadView = async <T>(
  { tables, database }: { tables: Tables; database: Database },
  read: (view: ReadView) => Promise<T>,
  bound?: (bound: string) => string,
): Promise<T> => {
  const view = new ReadView(tables, database, bound);
  try {
    return await read(view);
  } finally {
    await view.close();
  }
};

export { withReadView };
