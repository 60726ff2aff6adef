import type { ActionStore, Callback, EntryStore } from "./action";
import { validationError } from "./action";
import type { AttributeValue, Item } from "./attribute-value";
import { type Change, type Database, expiryPrefix, indexPrefix, itemPrefix } from "./database";
import { expiryOf, sortableSeconds } from "./expiry-time";
import { checkIndexKeys, indexEntryOf } from "./item-keys";
import { itemSizeBytes, MAX_ITEM_BYTES } from "./item-size";
import { indexesOf, type Table, type TableDescription, type Tables } from "./store";

/**
 * The changes of one request. Actions use it as their store, and all their changes are written in one batch.
 *
 * Reads see the state before the request. The caller holds the locks of all keys that the request touches.
 */
class WriteSet implements ActionStore {
  readonly options = { maxItemSize: MAX_ITEM_BYTES };
  readonly #changes: Change[] = [];
  readonly #after = new Map<string, Item | undefined>();
  readonly #read = new Map<string, Item | undefined>();

  constructor(
    private readonly tables: Tables,
    private readonly database: Database,
  ) {}

  /** The item before the request. */
  before(table: string, key: string): Item | undefined {
    const place = itemPrefix(table) + key;
    if (!this.#read.has(place)) this.#read.set(place, parseItem(this.database.get(place)));
    return this.#read.get(place);
  }

  /** The item after the request. */
  after(table: string, key: string): Item | undefined {
    const place = itemPrefix(table) + key;
    return this.#after.has(place) ? this.#after.get(place) : this.before(table, key);
  }

  /** Puts the item, or deletes it, with its index entries. Throws ValidationException. */
  change(name: string, key: string, item: Item | undefined) {
    const table = this.tables.find(name);
    if (item !== undefined) {
      checkIndexKeys(table.description, item);
      checkValues(Object.values(item));
    }
    this.#after.set(itemPrefix(name) + key, item);
    const value = item === undefined ? undefined : encode(item);
    this.#changes.push(...changesOfItem(table, key, this.before(name, key), item), { key: itemPrefix(name) + key, value });
  }

  /** Adds another change to the batch. */
  add(change: Change) {
    this.#changes.push(change);
  }

  /** The total size of the items that are put. */
  sizeBytes(): number {
    return [...this.#after.values()].reduce((sum, item) => sum + (item === undefined ? 0 : itemSizeBytes(item)), 0);
  }

  async commit() {
    if (this.#changes.length > 0) await this.database.write(this.#changes);
  }

  getTable(name: string, checkStatus: boolean | Callback<TableDescription>, answer?: Callback<TableDescription>) {
    const reply = typeof checkStatus === "function" ? checkStatus : answer!;
    reply(null, this.tables.find(name).description);
  }

  getItemDb(table: string): EntryStore {
    return {
      get: (key, answer) => answer(null, this.before(table, key)),
      put: (key, item, answer) => {
        this.change(table, key, item);
        answer(null);
      },
      del: (key, answer) => {
        this.change(table, key, undefined);
        answer(null);
      },
      createValueStream: () => refuseStream(),
      lock: (_key, work) => work(answer => answer),
    };
  }

  /** Index entries are derived from the items: see `change`. */
  getIndexDb(): EntryStore {
    return {
      get: (_key, answer) => answer(null, undefined),
      put: (_key, _item, answer) => answer(null),
      del: (_key, answer) => answer(null),
      createValueStream: () => refuseStream(),
      lock: (_key, work) => work(answer => answer),
    };
  }
}

/** The changes of index and expiry entries that follow from a changed item. */
const changesOfItem = (
  { description, expiryAttribute }: Table,
  key: string,
  before: Item | undefined,
  after: Item | undefined,
): Change[] => {
  const changes = indexesOf(description).flatMap(index => {
    const place = indexPrefix(description.TableName, index.IndexName);
    const old = indexEntryOf(description, index, before);
    const next = indexEntryOf(description, index, after);
    return replace(old && place + old.key, next && { key: place + next.key, value: JSON.stringify(next.value) });
  });
  if (expiryAttribute === undefined) return changes;
  const entry = (seconds: number | undefined) =>
    seconds === undefined ? undefined : { key: `${expiryPrefix(description.TableName)}${sortableSeconds(seconds)}~${key}`, value: key };
  return [...changes, ...replace(entry(expiryOf(before, expiryAttribute))?.key, entry(expiryOf(after, expiryAttribute)))];
};

const replace = (oldKey: string | undefined, entry: Required<Change> | undefined): Change[] => [
  ...(oldKey !== undefined && oldKey !== entry?.key ? [{ key: oldKey }] : []),
  ...(entry === undefined ? [] : [entry]),
];

/** Throws ValidationException for an item that is too large. */
const encode = (item: Item): string => {
  const value = JSON.stringify(item);
  // The JSON is never smaller than the size that DynamoDB counts, so most items need no exact count.
  if (value.length * 3 > MAX_ITEM_BYTES && itemSizeBytes(item) > MAX_ITEM_BYTES)
    throw validationError("Item size has exceeded the maximum allowed size");
  return value;
};

/** Service quotas of DynamoDB, "Attributes" and "Data types". dynalite knows no limit of levels, and checks only the numbers of a request. */
const MAX_LEVELS = 32;
const MAX_DIGITS = 38;

/** Throws ValidationException for values that are nested too deeply, and for sums that are no valid numbers. */
const checkValues = (values: AttributeValue[], levels = 0) => {
  if (levels > MAX_LEVELS)
    throw validationError(
      "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit",
    );
  for (const { L, M, N } of values) {
    if (N !== undefined && N.length > MAX_DIGITS) checkNumber(N);
    if (L !== undefined || M !== undefined) checkValues(L ?? Object.values(M!), levels + 1);
  }
};

/** Checks a number without exponent. */
const checkNumber = (number: string) => {
  const [whole = "", fraction = ""] = number.replace(/^-?0*/, "").split(".");
  if (whole.length > 126) throw validationError("Number overflow. Attempting to store a number with magnitude larger than supported range");
  if (`${whole}${fraction}`.replace(/^0+|0+$/g, "").length > MAX_DIGITS)
    throw validationError("Attempting to store more than 38 significant digits in a Number");
};

const parseItem = (value: string | undefined): Item | undefined => (value === undefined ? undefined : (JSON.parse(value) as Item));

const refuseStream = (): never => {
  throw new Error("A write set is not read in ranges.");
};

export { parseItem, WriteSet };
