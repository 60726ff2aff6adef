import { AwsError } from "../../kernel/aws-error";
import type { Item } from "./attribute-value";
import type { Range } from "./database";
import type { TableDescription } from "./store";

/** An action of dynalite: reads and changes a store, then answers once. */
type Action = (store: ActionStore, request: object, answer: Callback<object>) => void;

type Callback<T> = (error: unknown, value?: T) => void;

/** The store that dynalite's actions work on. Ours calls back synchronously. */
interface ActionStore {
  options: { maxItemSize: number };
  /** `checkStatus` has no effect, because tables here are never in creation. */
  getTable(name: string, checkStatus: boolean | Callback<TableDescription>, answer?: Callback<TableDescription>): void;
  getItemDb(table: string): EntryStore;
  getIndexDb(kind: string, table: string, index: string): EntryStore;
}

interface EntryStore {
  get(key: string, answer: Callback<Item>): void;
  put(key: string, item: Item, answer: Callback<never>): void;
  del(key: string, answer: Callback<never>): void;
  createValueStream(range: Range): NodeJS.EventEmitter;
  lock(key: string, work: (release: <T>(answer: T) => T) => void): void;
}

/** Runs one action. Throws `AwsError`. */
const run = <T extends object>(action: Action, store: ActionStore, request: object): Promise<T> =>
  new Promise((resolve, reject) => {
    action(store, request, (error, value) => (error ? reject(toAwsError(error)) : resolve(value as T)));
  });

/** Converts dynalite's errors, which have the wire format `{__type: "NAMESPACE#Code", message}`. Returns other errors unchanged. */
const toAwsError = (error: unknown): unknown => {
  const { body, statusCode } = error as { body?: { __type: string; message?: string; Message?: string }; statusCode?: number };
  if (error instanceof AwsError || body === undefined) return error;
  return new AwsError(body.__type.split("#").at(-1)!, body.message ?? body.Message ?? "", statusCode);
};

const validationError = (message: string) => new AwsError("ValidationException", message);

export type { Action, ActionStore, Callback, EntryStore };
export { run, toAwsError, validationError };
