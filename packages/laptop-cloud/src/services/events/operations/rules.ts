import { paginate } from "../../../kernel/paginate";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { Call, OperationOf } from "../../../kernel/service";
import { readTags, type Tag } from "../../../kernel/tags";
import { busNameOf, invalid } from "../names";
import { parseRule, type Rule } from "../rule";
import type { Buses } from "../store";

interface Named {
  Name: string;
  EventBusName?: string;
}

/** Behaves as PutRule; differs: roles belong to targets only, and are noticed when an event is delivered. */
const putRule: OperationOf<Buses> = async (buses, input: Record<string, unknown>, call) => {
  const definition = parseRule(input);
  const RuleArn = buses.ruleArn(definition);
  call.authorize("events:PutRule", RuleArn);
  const isNew = buses.findRule(definition.EventBusName, definition.Name) === undefined;
  await buses.putRule(definition, isNew ? { tags: readTags(input["Tags"] as Tag[] | undefined) } : {});
  return { RuleArn };
};

/** Behaves as DeleteRule: a rule with targets stays, and a missing one is no error. */
const deleteRule: OperationOf<Buses> = async (buses, input: Named & { Force?: boolean }, call) => {
  refuseUnknownParameters(call, input, ["Name", "EventBusName", "Force"]);
  authorize(buses, call, "DeleteRule", input);
  const rule = buses.findRule(busNameOf(input.EventBusName), input.Name);
  if (rule === undefined) return {};
  if (rule.targets.length > 0) throw invalid("Rule can't be deleted since it has targets.");
  await buses.deleteRule(rule);
  return {};
};

const describeRule: OperationOf<Buses> = async (buses, input: Named, call) => {
  authorize(buses, call, "DescribeRule", input);
  return describe(buses, findRule(buses, call, input));
};

const listRules: OperationOf<Buses> = async (
  buses,
  input: { NamePrefix?: string; EventBusName?: string; NextToken?: string; Limit?: number },
  call,
) => {
  refuseUnknownParameters(call, input, ["NamePrefix", "EventBusName", "NextToken", "Limit"]);
  const bus = buses.bus(input.EventBusName);
  call.authorize("events:ListRules", buses.ruleArn({ EventBusName: bus.name, Name: "*" }));
  const chosen = buses.rulesOf(bus.name).filter(({ record }) => record.definition.Name.startsWith(input.NamePrefix ?? ""));
  const { page, NextToken } = paginate(chosen, ({ record }) => record.definition.Name, { ...input, MaxResults: input.Limit });
  return { Rules: page.map(rule => describe(buses, rule)), NextToken };
};

const listRuleNamesByTarget: OperationOf<Buses> = async (
  buses,
  input: { TargetArn: string; EventBusName?: string; NextToken?: string; Limit?: number },
  call,
) => {
  refuseUnknownParameters(call, input, ["TargetArn", "EventBusName", "NextToken", "Limit"]);
  const bus = buses.bus(input.EventBusName);
  call.authorize("events:ListRuleNamesByTarget", buses.ruleArn({ EventBusName: bus.name, Name: "*" }));
  const chosen = buses.rulesOf(bus.name).filter(({ targets }) => targets.some(({ Arn }) => Arn === input.TargetArn));
  const { page, NextToken } = paginate(chosen, ({ record }) => record.definition.Name, { ...input, MaxResults: input.Limit });
  return { RuleNames: page.map(({ record }) => record.definition.Name), NextToken };
};

const setRuleState =
  (State: "ENABLED" | "DISABLED"): OperationOf<Buses> =>
  async (buses, input: Named, call) => {
    authorize(buses, call, call.operation, input);
    await buses.putRule({ ...findRule(buses, call, input).record.definition, State }, {});
    return {};
  };

const enableRule = setRuleState("ENABLED");

const disableRule = setRuleState("DISABLED");

const findRule = (buses: Buses, call: Call, input: Named): Rule => {
  refuseUnknownParameters(call, input, ["Name", "EventBusName"]);
  return buses.rule(busNameOf(input.EventBusName), input.Name);
};

const authorize = (buses: Buses, call: Call, action: string, { Name, EventBusName }: Named) =>
  call.authorize(`events:${action}`, buses.ruleArn({ EventBusName: busNameOf(EventBusName), Name }));

const describe = (buses: Buses, { record }: Rule) => ({ ...record.definition, Arn: buses.ruleArn(record.definition) });

export { deleteRule, describeRule, disableRule, enableRule, listRuleNamesByTarget, listRules, putRule };
