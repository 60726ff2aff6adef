import type { AwsError } from "../../kernel/aws-error";
import type { Call } from "../../kernel/service";
import type { Charge } from "./capacity";
import { type Engine, throttled } from "./engine";
import { Spending } from "./spending";
import type { TableDescription } from "./store";

/** The part of a batch that concerns one table. */
interface TablePart<Entry> {
  table: TableDescription;
  entries: { entry: Entry; charges: Charge[] }[];
}

type ByTable<Entry> = Record<string, Entry[]>;

/** Separates what is processed from what is throttled and so stays unprocessed. Throws `throttled` only if nothing would be processed. */
const splitBatch = <Entry>(engine: Engine, call: Call, parts: TablePart<Entry>[]): { taken: ByTable<Entry>; putOff: ByTable<Entry> } => {
  const spending = new Spending(engine, call);
  const [taken, putOff]: [ByTable<Entry>, ByTable<Entry>] = [{}, {}];
  let firstRefusal: AwsError | undefined;
  for (const { table, entries } of parts) {
    // The weather throttles a whole table.
    const strike = engine.weather.strikes("throttle") ? throttled(table) : undefined;
    for (const { entry, charges } of entries) {
      const refusal = strike ?? spending.refusalOf(charges);
      if (refusal === undefined) spending.take(charges);
      firstRefusal ??= refusal;
      const group = refusal === undefined ? taken : putOff;
      group[table.TableName] = [...(group[table.TableName] ?? []), entry];
    }
  }
  if (firstRefusal !== undefined && Object.keys(taken).length === 0) throw firstRefusal;
  return { taken, putOff };
};

export { splitBatch };
