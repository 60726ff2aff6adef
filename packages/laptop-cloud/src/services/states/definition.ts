import { choiceOperators } from "./choice";
import { parseExpression } from "./expression";
import { isJsonObject, type Json, type JsonObject } from "./json";
import { parseJsonPath } from "./json-path";
import { findTaskResource } from "./task-resources";

/** A state machine in the Amazon States Language, JSONPath dialect, as `parseDefinition` has checked it. */
interface Machine {
  StartAt: string;
  States: Record<string, State>;
  /** The timeout of the whole execution. */
  TimeoutSeconds?: number;
}

interface StateBase {
  Type: string;
  Next?: string;
  End?: boolean;
  InputPath?: string | null;
  OutputPath?: string | null;
  Parameters?: Json;
  ResultSelector?: Json;
  ResultPath?: string | null;
  Retry?: Retrier[];
  Catch?: Catcher[];
}

interface Retrier {
  ErrorEquals: string[];
  IntervalSeconds?: number;
  MaxAttempts?: number;
  BackoffRate?: number;
  MaxDelaySeconds?: number;
  JitterStrategy?: "FULL" | "NONE";
}

interface Catcher {
  ErrorEquals: string[];
  Next: string;
  ResultPath?: string | null;
}

interface TaskState extends StateBase {
  Type: "Task";
  Resource: string;
  TimeoutSeconds?: number;
  TimeoutSecondsPath?: string;
  HeartbeatSeconds?: number;
  HeartbeatSecondsPath?: string;
}

interface MapState extends StateBase {
  Type: "Map";
  ItemsPath?: string;
  ItemSelector?: Json;
  ItemProcessor?: Machine;
  Iterator?: Machine;
  MaxConcurrency?: number;
  MaxConcurrencyPath?: string;
}

interface ParallelState extends StateBase {
  Type: "Parallel";
  Branches: Machine[];
}

interface PassState extends StateBase {
  Type: "Pass";
  Result?: Json;
}

interface ChoiceState extends StateBase {
  Type: "Choice";
  Choices: (JsonObject & { Next: string })[];
  Default?: string;
}

interface WaitState extends StateBase {
  Type: "Wait";
  Seconds?: number;
  SecondsPath?: string;
  Timestamp?: string;
  TimestampPath?: string;
}

interface SucceedState extends StateBase {
  Type: "Succeed";
}

interface FailState extends StateBase {
  Type: "Fail";
  Error?: string;
  ErrorPath?: string;
  Cause?: string;
  CausePath?: string;
}

type State = TaskState | MapState | ParallelState | PassState | ChoiceState | WaitState | SucceedState | FailState;

/** The fields of each type of state, except Type and Comment. A Map state's `Parameters` and `Iterator` are older names. */
const transition = ["Next", "End"];
const paths = ["InputPath", "OutputPath"];
const results = ["ResultSelector", "ResultPath"];
const errors = ["Retry", "Catch"];
const fieldsOf: Record<string, string[]> = {
  Task: [
    ...transition,
    ...paths,
    ...results,
    ...errors,
    "Parameters",
    "Resource",
    "TimeoutSeconds",
    "TimeoutSecondsPath",
    "HeartbeatSeconds",
    "HeartbeatSecondsPath",
  ],
  Map: [
    ...transition,
    ...paths,
    ...results,
    ...errors,
    "Parameters",
    "ItemsPath",
    "ItemSelector",
    "ItemProcessor",
    "Iterator",
    "MaxConcurrency",
    "MaxConcurrencyPath",
  ],
  Parallel: [...transition, ...paths, ...results, ...errors, "Parameters", "Branches"],
  Pass: [...transition, ...paths, "Parameters", "Result", "ResultPath"],
  Choice: [...paths, "Choices", "Default"],
  Wait: [...transition, ...paths, "Seconds", "SecondsPath", "Timestamp", "TimestampPath"],
  Succeed: paths,
  Fail: ["Error", "ErrorPath", "Cause", "CausePath"],
};

/** A definition that is invalid or uses a feature that is not imitated. The message says where. */
class BadDefinition extends Error {
  override name = "BadDefinition";
}

/** "Quotas related to state machines": 1 MB. */
const MAX_DEFINITION_BYTES = 1024 * 1024;

/** Parses and checks a definition. Throws `BadDefinition`. */
const parseDefinition = (text: string): Machine => {
  if (Buffer.byteLength(text) > MAX_DEFINITION_BYTES)
    throw new BadDefinition(`The definition has more than ${MAX_DEFINITION_BYTES} bytes.`);
  return checkMachine(parseText(text), "", ["Version", "TimeoutSeconds"]);
};

const parseText = (text: string): Json => {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    throw new BadDefinition(`The definition is not JSON: ${(error as Error).message}.`);
  }
};

const checkMachine = (machine: Json | undefined, at: string, more: string[]): Machine => {
  if (!isJsonObject(machine)) throw new BadDefinition(`${at || "The definition"} is not an object.`);
  refuseJsonata(machine, at);
  const processor = machine["ProcessorConfig"];
  if (isJsonObject(processor) && processor["Mode"] !== undefined && processor["Mode"] !== "INLINE")
    throw new BadDefinition(`${at}/ProcessorConfig/Mode is ${JSON.stringify(processor["Mode"])}: the laptop cloud imitates INLINE only.`);
  refuseUnknown(machine, at, ["StartAt", "States", "Comment", "QueryLanguage", "ProcessorConfig", ...more]);
  const states = machine["States"];
  if (!isJsonObject(states) || Object.keys(states).length === 0) throw new BadDefinition(`${at}/States is missing or empty.`);
  refuseTarget(machine["StartAt"], states, `${at}/StartAt`);
  for (const [name, state] of Object.entries(states)) checkState(state, states, `${at}/States/${name}`);
  refuseUnreachable(machine as unknown as Machine, at);
  return machine as unknown as Machine;
};

/** CreateStateMachine refuses a state to which nothing leads (MISSING_TRANSITION_TARGET). */
const refuseUnreachable = ({ StartAt, States }: Machine, at: string) => {
  const reached = new Set([StartAt]);
  // A set's loop also visits what is added meanwhile.
  for (const name of reached) for (const target of targetsOf(States[name]!)) reached.add(target);
  const missed = Object.keys(States).find(name => !reached.has(name));
  if (missed !== undefined) throw new BadDefinition(`${at}/States/${missed} is not reachable.`);
};

const targetsOf = (state: State): string[] => {
  const { Next, Catch = [] } = state;
  const choices = state.Type === "Choice" ? [...state.Choices.map(choice => choice.Next), state.Default] : [];
  return [Next, ...Catch.map(catcher => catcher.Next), ...choices].filter(target => target !== undefined);
};

const checkState = (state: Json, siblings: JsonObject, at: string) => {
  if (!isJsonObject(state)) throw new BadDefinition(`${at} is not an object.`);
  const type = String(state["Type"]);
  if (!Object.hasOwn(fieldsOf, type))
    throw new BadDefinition(`${at}/Type is ${JSON.stringify(state["Type"])}, but must be one of ${Object.keys(fieldsOf).join(", ")}.`);
  refuseJsonata(state, at);
  refuseUnknown(state, at, ["Type", "Comment", "QueryLanguage", ...fieldsOf[type]!]);
  if (fieldsOf[type]!.includes("Next")) checkTransition(state, siblings, at);
  checkPaths(state, at);
  checkErrorRules(state, siblings, at);
  checkByType[type]?.(state, siblings, at);
};

const checkByType: Record<string, (state: JsonObject, siblings: JsonObject, at: string) => void> = {
  Task: (state, _, at) => {
    const { refusal } = findTaskResource(state["Resource"]);
    if (refusal !== undefined) throw new BadDefinition(`${at}/Resource is ${JSON.stringify(state["Resource"])}, ${refusal}`);
    const unknown = findTaskResource(state["Resource"]).resource?.unknownParameter?.(state["Parameters"]);
    if (unknown !== undefined) throw new BadDefinition(`${at}/Parameters sets ${unknown}, which the laptop cloud does not imitate.`);
  },
  Map: (state, _, at) => {
    const field = state["ItemProcessor"] === undefined ? "Iterator" : "ItemProcessor";
    checkMachine(state[field], `${at}/${field}`, []);
  },
  Parallel: (state, _, at) => {
    const branches = state["Branches"];
    if (!Array.isArray(branches) || branches.length === 0) throw new BadDefinition(`${at}/Branches is missing or empty.`);
    for (const [index, branch] of branches.entries()) checkMachine(branch, `${at}/Branches/${index}`, []);
  },
  Choice: (state, siblings, at) => {
    const choices = state["Choices"];
    if (!Array.isArray(choices) || choices.length === 0) throw new BadDefinition(`${at}/Choices is missing or empty.`);
    for (const [index, choice] of choices.entries()) {
      checkRule(choice, `${at}/Choices/${index}`, ["Next", "Comment"]);
      refuseTarget((choice as JsonObject)["Next"], siblings, `${at}/Choices/${index}/Next`);
    }
    if (state["Default"] !== undefined) refuseTarget(state["Default"], siblings, `${at}/Default`);
  },
  Wait: (state, _, at) => {
    const said = ["Seconds", "SecondsPath", "Timestamp", "TimestampPath"].filter(field => state[field] !== undefined);
    if (said.length !== 1)
      throw new BadDefinition(
        `${at} has ${said.join(" and ") || "no duration"}, but must have one of Seconds, SecondsPath, Timestamp, TimestampPath.`,
      );
  },
};

const checkTransition = (state: JsonObject, siblings: JsonObject, at: string) => {
  if (state["End"] === true && state["Next"] === undefined) return;
  if (state["Next"] === undefined || state["End"] === true) throw new BadDefinition(`${at} needs either Next or End.`);
  refuseTarget(state["Next"], siblings, `${at}/Next`);
};

const checkRule = (rule: Json, at: string, more: string[]) => {
  if (!isJsonObject(rule)) throw new BadDefinition(`${at} is not an object.`);
  const operators = Object.keys(rule).filter(key => !more.includes(key) && key !== "Variable");
  const [operator] = operators;
  if (operators.length !== 1 || operator === undefined)
    throw new BadDefinition(`${at} has ${operators.length} operators, but must have one.`);
  const operand = rule[operator]!;
  if (operator === "And" || operator === "Or") {
    if (!Array.isArray(operand)) throw new BadDefinition(`${at}/${operator} is not a list.`);
    for (const [index, inner] of operand.entries()) checkRule(inner, `${at}/${operator}/${index}`, ["Comment"]);
  } else if (operator === "Not") checkRule(operand, `${at}/Not`, ["Comment"]);
  else if (choiceOperators.includes(operator)) checkPath(rule["Variable"], `${at}/Variable`);
  else throw new BadDefinition(`${at} has the operator ${JSON.stringify(operator)}, which is not one of ${choiceOperators.join(", ")}.`);
};

const checkPaths = (state: JsonObject, at: string) => {
  for (const [field, value] of Object.entries(state)) {
    if (field === "ResultPath") checkReferencePath(value, `${at}/${field}`);
    else if (field.endsWith("Path") && value !== null) checkPath(value, `${at}/${field}`);
    else if (["Parameters", "ResultSelector", "ItemSelector"].includes(field)) checkTemplate(value, `${at}/${field}`);
  }
};

const checkTemplate = (template: Json, at: string) => {
  if (typeof template !== "object" || template === null) return;
  for (const [key, value] of Object.entries(template)) {
    if (key.endsWith(".$")) checkPath(value, `${at}/${key}`);
    else checkTemplate(value, `${at}/${key}`);
  }
};

const checkPath = (path: Json | undefined, at: string) => {
  if (typeof path !== "string") throw new BadDefinition(`${at} is ${JSON.stringify(path)}, but must be a path.`);
  sayWhere(at, () => parseExpression(path));
};

const checkReferencePath = (path: Json, at: string) => {
  if (path === null) return;
  const isReference = typeof path === "string" && !path.startsWith("$$") && sayWhere(at, () => parseJsonPath(path).isDefinite);
  if (!isReference) throw new BadDefinition(`${at} is ${JSON.stringify(path)}, but must be a reference path or null.`);
};

const checkErrorRules = (state: JsonObject, siblings: JsonObject, at: string) => {
  for (const field of ["Retry", "Catch"]) {
    const rules = state[field] ?? [];
    if (!Array.isArray(rules)) throw new BadDefinition(`${at}/${field} is not a list.`);
    for (const [index, rule] of rules.entries())
      checkErrorRule(rule, siblings, `${at}/${field}/${index}`, field, index === rules.length - 1);
  }
};

const ruleFields: Record<string, string[]> = {
  Retry: ["ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds", "JitterStrategy", "Comment"],
  Catch: ["ErrorEquals", "Next", "ResultPath", "Comment"],
};

const checkErrorRule = (rule: Json, siblings: JsonObject, at: string, field: string, isLast: boolean) => {
  if (!isJsonObject(rule)) throw new BadDefinition(`${at} is not an object.`);
  refuseUnknown(rule, at, ruleFields[field]!);
  const names = rule["ErrorEquals"];
  if (!Array.isArray(names) || names.length === 0) throw new BadDefinition(`${at}/ErrorEquals is missing or empty.`);
  if (names.includes("States.ALL") && (names.length > 1 || !isLast))
    throw new BadDefinition(`${at}: States.ALL must stand alone, and last.`);
  if (field === "Catch") {
    refuseTarget(rule["Next"], siblings, `${at}/Next`);
    if (rule["ResultPath"] !== undefined) checkReferencePath(rule["ResultPath"], `${at}/ResultPath`);
  }
};

const refuseJsonata = ({ QueryLanguage }: JsonObject, at: string) => {
  if (QueryLanguage !== undefined && QueryLanguage !== "JSONPath")
    throw new BadDefinition(`${at}/QueryLanguage is ${JSON.stringify(QueryLanguage)}: the laptop cloud imitates JSONPath only.`);
};

const refuseUnknown = (object: JsonObject, at: string, known: string[]) => {
  const unknown = Object.keys(object).find(key => !known.includes(key));
  if (unknown !== undefined)
    throw new BadDefinition(`${at} has ${JSON.stringify(unknown)}, which is not imitated there. Known: ${known.join(", ")}.`);
};

const refuseTarget = (target: Json | undefined, states: JsonObject, at: string) => {
  if (typeof target !== "string" || !Object.hasOwn(states, target))
    throw new BadDefinition(`${at} is ${JSON.stringify(target)}, which is not a state here.`);
};

const sayWhere = <T>(at: string, parse: () => T): T => {
  try {
    return parse();
  } catch (error) {
    throw new BadDefinition(`${at}: ${(error as Error).message}`);
  }
};

export type {
  Catcher,
  ChoiceState,
  FailState,
  Machine,
  MapState,
  ParallelState,
  PassState,
  Retrier,
  State,
  StateBase,
  TaskState,
  WaitState,
};
export { BadDefinition, parseDefinition };
