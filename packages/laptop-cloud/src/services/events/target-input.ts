import type { BusEvent } from "./bus-event";
import { valueAt } from "./event-path";
import type { Target } from "./target";

/** What an input template may refer to in addition to the event. */
interface InputContext {
  ruleArn: string;
  ruleName: string;
  ingestedMs: number;
}

/** Builds the text that a target receives: the event, a part of it, a constant, or a filled-in template. */
const buildTargetInput = ({ Input, InputPath, InputTransformer }: Target, event: BusEvent, context: InputContext): string => {
  if (Input !== undefined) return Input;
  if (InputPath !== undefined) return JSON.stringify(valueAt(event, InputPath) ?? null);
  if (InputTransformer === undefined) return JSON.stringify(event);
  const { InputPathsMap = {}, InputTemplate } = InputTransformer;
  const variables = new Map(Object.entries(InputPathsMap).map(([name, path]) => [name, valueAt(event, path)]));
  for (const [name, value] of Object.entries(reservedVariables(event, context))) variables.set(name, value);
  return fillIn(InputTemplate, variables);
};

/** "Predefined variables", input transformation. */
const reservedVariables = (event: BusEvent, { ruleArn, ruleName, ingestedMs }: InputContext) => {
  const { detail: _detail, ...withoutDetail } = event;
  return {
    "aws.events.rule-arn": ruleArn,
    "aws.events.rule-name": ruleName,
    "aws.events.event.ingestion-time": new Date(ingestedMs).toISOString(),
    "aws.events.event": withoutDetail,
    "aws.events.event.json": event,
  };
};

/**
 * Inside quotes, a variable becomes text; outside, it becomes JSON. A variable without a value becomes empty text.
 *
 * Behaves as "Amazon EventBridge input transformation"; differs: JSON inside quotes is escaped.
 */
const fillIn = (template: string, variables: ReadonlyMap<string, unknown>): string => {
  let isQuoted = false;
  return template.replace(/\\.|"|<([A-Za-z0-9_.-]+)>/gs, (match, name: string | undefined) => {
    if (match === '"') isQuoted = !isQuoted;
    if (name === undefined || !variables.has(name)) return match;
    const value = variables.get(name) ?? "";
    return isQuoted ? JSON.stringify(textOf(value)).slice(1, -1) : JSON.stringify(value);
  });
};

const textOf = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

export { buildTargetInput };
