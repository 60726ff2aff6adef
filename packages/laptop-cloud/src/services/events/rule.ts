import { type Expression, ExpressionError, parseExpression } from "../../kernel/schedule-expression";
import type { BusEvent } from "./bus-event";
import { busNameOf, DEFAULT_BUS, invalid, isName } from "./names";
import { parseEventPattern } from "./pattern";
import type { Target } from "./target";

/** A rule in the format of PutRule, without its targets. */
interface RuleDefinition {
  Name: string;
  EventBusName: string;
  State: "ENABLED" | "DISABLED";
  EventPattern?: string;
  ScheduleExpression?: string;
  Description?: string;
  RoleArn?: string;
}

/** A rule as it is stored. */
interface RuleRecord {
  definition: RuleDefinition;
  targets: StoredTarget[];
  /** When the schedule was put; a rate counts from it. */
  anchorMs: number;
  /** When the schedule is due next; null if there is none. */
  nextMs: number | null;
  tags: Record<string, string>;
  /** Whether the program declares it. If so, it is deleted when the program no longer does. */
  declared: boolean;
}

interface StoredTarget {
  target: Target;
  /** Whether the program declares it, as for a rule. */
  declared: boolean;
}

/** A rule with its compiled pattern and schedule. */
class Rule {
  readonly #matches: (event: BusEvent) => boolean;
  readonly #expression: Expression | undefined;

  constructor(readonly record: Readonly<RuleRecord>) {
    const { EventPattern, ScheduleExpression } = record.definition;
    this.#matches = EventPattern === undefined ? () => false : parseEventPattern(EventPattern);
    this.#expression = ScheduleExpression === undefined ? undefined : parseSchedule(ScheduleExpression);
  }

  get isEnabled() {
    return this.record.definition.State === "ENABLED";
  }

  get targets(): Target[] {
    return this.record.targets.map(({ target }) => target);
  }

  matches(event: BusEvent): boolean {
    return this.isEnabled && this.#matches(event);
  }

  /** When the schedule is due after `afterMs`; null if the rule is disabled or has no schedule. */
  nextAfter(afterMs: number): number | null {
    // The clock may have gone back since the rule was put.
    const anchorMs = Math.min(this.record.anchorMs, afterMs);
    return this.isEnabled ? (this.#expression?.next(afterMs, anchorMs) ?? null) : null;
  }
}

const known = ["Name", "EventBusName", "State", "EventPattern", "ScheduleExpression", "Description", "RoleArn", "Tags"];

/** Parses the input of PutRule. Throws `AwsError` ValidationException or InvalidEventPatternException. */
const parseRule = (input: Record<string, unknown>): RuleDefinition => {
  const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined && value !== null && value !== ""));
  const unknown = Object.keys(given).find(name => !known.includes(name));
  if (unknown !== undefined) throw invalid(`The laptop cloud does not imitate ${unknown} of a rule. It knows ${known.join(", ")}.`);
  const { Tags: _tags, ...definition } = { State: "ENABLED", ...given, EventBusName: busNameOf(given["EventBusName"]) } as Partial<
    RuleDefinition & { Tags: unknown }
  >;
  verifyRule(definition);
  return definition as RuleDefinition;
};

const verifyRule = ({ Name, State, EventPattern, ScheduleExpression, EventBusName }: Partial<RuleDefinition>) => {
  if (!isName(Name, 64)) throw invalid(`The rule's name is ${JSON.stringify(Name)}, but must be 1 to 64 letters, digits, . - or _.`);
  if (State !== "ENABLED" && State !== "DISABLED") throw invalid(`State is ${JSON.stringify(State)}, but must be ENABLED or DISABLED.`);
  if (EventPattern === undefined && ScheduleExpression === undefined)
    throw invalid("Parameter(s) EventPattern or ScheduleExpression must be specified.");
  if (EventPattern !== undefined) parseEventPattern(EventPattern);
  if (ScheduleExpression === undefined) return;
  if (EventBusName !== DEFAULT_BUS) throw invalid("ScheduleExpression is supported only on the default event bus.");
  parseSchedule(ScheduleExpression);
};

/** "If the value is equal to 1, then the unit must be singular", and otherwise plural. Source: EventBridge User Guide, "Rate expressions" */
const isWrongNumber = (text: string): boolean => /^rate\(0*1 \w+s\)$|^rate\((?!0*1 )\d+ \w+(?<!s)\)$/.test(text);

/** Rules have `rate` and `cron`, in UTC. */
const parseSchedule = (text: string): Expression => {
  try {
    const expression = parseExpression(text);
    if (isWrongNumber(text)) throw new ExpressionError(`In ${text}, the unit must be ${/\b0*1 /.test(text) ? "singular" : "plural"}.`);
    if (!expression.once) return expression;
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw invalid(`Parameter ScheduleExpression is not valid. ${error.message}`);
  }
  throw invalid(`Parameter ScheduleExpression is not valid. It is ${text}, but must be rate(...) or cron(...).`);
};

export type { RuleDefinition, RuleRecord, StoredTarget };
export { parseRule, Rule };
