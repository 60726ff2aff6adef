import { paginate } from "../../../kernel/paginate";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { Call, OperationOf } from "../../../kernel/service";
import { busNameOf, invalid } from "../names";
import type { Rule } from "../rule";
import type { Buses } from "../store";
import { failureOf, parseTarget, type Target } from "../target";

interface OfRule {
  Rule: string;
  EventBusName?: string;
}

/** "EventBridge quotas". */
const MAX_TARGETS = 5;

/** Behaves as PutTargets; differs: the whole request fails over the limit of targets. */
const putTargets: OperationOf<Buses> = async (buses, input: OfRule & { Targets?: unknown[] }, call) => {
  refuseUnknownParameters(call, input, ["Rule", "EventBusName", "Targets"]);
  const rule = findRule(buses, call, input);
  const outcomes = (input.Targets ?? []).map(target => parse(target, call));
  const parsed = outcomes.flatMap(outcome => ("target" in outcome ? [outcome.target] : []));
  const FailedEntries = outcomes.flatMap(outcome => ("failed" in outcome ? [outcome.failed] : []));
  await changeTargets(buses, rule, parsed);
  return { FailedEntryCount: FailedEntries.length, FailedEntries };
};

type Outcome = { target: Target } | { failed: object };

const parse = (input: unknown, call: Call): Outcome => {
  try {
    const target = parseTarget(input);
    if (target.RoleArn !== undefined)
      call.authorize("iam:PassRole", target.RoleArn, { context: { "iam:PassedToService": "events.amazonaws.com" } });
    return { target };
  } catch (error) {
    return { failed: { TargetId: (input as Partial<Target>).Id, ...failureOf(error) } };
  }
};

const changeTargets = async (buses: Buses, { record }: Rule, changed: Target[]) => {
  const targets = new Map(record.targets.map(each => [each.target.Id, each]));
  for (const target of changed) targets.set(target.Id, { declared: false, ...targets.get(target.Id), target });
  if (targets.size > MAX_TARGETS) throw invalid(`The rule ${record.definition.Name} would have more than ${MAX_TARGETS} targets.`);
  await buses.putRule(record.definition, { targets: [...targets.values()] });
};

const removeTargets: OperationOf<Buses> = async (buses, input: OfRule & { Ids?: string[]; Force?: boolean }, call) => {
  refuseUnknownParameters(call, input, ["Rule", "EventBusName", "Ids", "Force"]);
  const { record } = findRule(buses, call, input);
  await buses.putRule(record.definition, { targets: record.targets.filter(({ target }) => !(input.Ids ?? []).includes(target.Id)) });
  return { FailedEntryCount: 0, FailedEntries: [] };
};

const listTargetsByRule: OperationOf<Buses> = async (buses, input: OfRule & { NextToken?: string; Limit?: number }, call) => {
  refuseUnknownParameters(call, input, ["Rule", "EventBusName", "NextToken", "Limit"]);
  const { page, NextToken } = paginate(findRule(buses, call, input).targets, ({ Id }) => Id, { ...input, MaxResults: input.Limit });
  return { Targets: page, NextToken };
};

const findRule = (buses: Buses, call: Call, { Rule: Name, EventBusName }: OfRule): Rule => {
  const bus = busNameOf(EventBusName);
  call.authorize(`events:${call.operation}`, buses.ruleArn({ EventBusName: bus, Name }));
  return buses.rule(bus, Name);
};

export { listTargetsByRule, putTargets, removeTargets };
