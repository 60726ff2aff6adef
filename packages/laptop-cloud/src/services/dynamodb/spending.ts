import type { AwsError } from "../../kernel/aws-error";
import type { ConsumedUnits } from "../../kernel/calls";
import type { Call } from "../../kernel/service";
import type { Charge } from "./capacity";
import { arnOf, type Engine, throttled } from "./engine";

/** Adds up the units that one request consumes, and records them with its call. */
class Spending {
  readonly #units = new Map<string, ConsumedUnits>();

  constructor(
    private readonly engine: Engine,
    private readonly call: Call,
  ) {}

  /** The error if one of the partition keys has reached its limit. */
  refusalOf(charges: Charge[]): AwsError | undefined {
    const exceeded = this.#isByPage ? undefined : this.engine.limits.findExceeded(charges);
    if (exceeded === undefined) return undefined;
    const { table, index, key, kind } = exceeded;
    const resource = arnOf(this.engine.place, table.TableName, index);
    this.call.note({ throttledBy: { resource, key } });
    const reason = `${index === undefined ? "Table" : "Index"}${kind === "read" ? "Read" : "Write"}KeyRangeThroughputExceeded`;
    return throttled(table, index, { ThrottlingReasons: [{ reason, resource }] });
  }

  take(charges: Charge[]) {
    if (!this.#isByPage) this.engine.limits.take(charges);
    for (const charge of charges) this.#add(charge);
    this.call.note({ units: [...this.#units.values()] });
  }

  #add({ table, index, key, kind, units }: Charge) {
    const resource = arnOf(this.engine.place, table.TableName, index);
    const sum = this.#units.get(resource) ?? { resource, read: 0, write: 0, keys: [] };
    sum[kind] += units;
    const known = sum.keys.find(each => each.key === key);
    if (known === undefined) sum.keys.push({ key, units });
    else known.units += units;
    this.#units.set(resource, sum);
  }

  /** The page's own reads don't count towards the program's limits. */
  get #isByPage(): boolean {
    const { caller } = this.call;
    return caller.kind === "administrator" && caller.isPage === true;
  }
}

/** Takes the units of a request. Throws ThrottlingException (or ProvisionedThroughputExceededException, by billing mode). */
const spend = (engine: Engine, call: Call, charges: Charge[]) => {
  const spending = new Spending(engine, call);
  const refusal = spending.refusalOf(charges);
  if (refusal !== undefined) throw refusal;
  spending.take(charges);
};

export { Spending, spend };
