import { busNameOf, DEFAULT_BUS } from "./names";
import { withStatement } from "./policy";
import { readPolicy, readRule, readStatement, readTarget } from "./resources";
import type { Rule } from "./rule";
import type { Buses } from "./store";

/** Creates what the program declares, and deletes what it no longer declares. Buses, rules and targets of API calls stay. */
const reconcile = async (buses: Buses) => {
  await putBuses(buses);
  await putPolicies(buses);
  await putRules(buses);
  for (const rule of buses.rules()) await putTargets(buses, rule);
};

const putBuses = async (buses: Buses) => {
  const declared = buses.cloud.inventory.ofType("aws:cloudwatch/eventBus:EventBus");
  for (const { id, inputs } of declared)
    await buses.putBus(id, { declared: true, description: inputs["description"], tags: inputs["tags"] ?? {} });
  const names = new Set(declared.map(({ id }) => id));
  for (const { name, ...bus } of buses.buses()) if (bus.declared && !names.has(name)) await buses.deleteBus(name);
};

/** The policy of a declared bus is what the program says; that of the default bus only if the program says anything about it. */
const putPolicies = async (buses: Buses) => {
  const { inventory } = buses.cloud;
  const permissions = inventory.ofType("aws:cloudwatch/eventPermission:EventPermission");
  const policies = inventory.ofType("aws:cloudwatch/eventBusPolicy:EventBusPolicy");
  for (const { name, declared } of buses.buses()) {
    const isOwn = ({ inputs }: { inputs: Record<string, unknown> }) => busNameOf(inputs["eventBusName"]) === name;
    const whole = policies.filter(isOwn).map(readPolicy).at(-1);
    const statements = permissions.filter(isOwn).map(permission => readStatement(permission, buses.busArn(name)));
    const policy = statements.reduce((sum, statement) => withStatement(sum, statement), whole);
    if (declared || policy !== undefined) await buses.putBus(name, { policy });
  }
};

const putRules = async (buses: Buses) => {
  const declared = buses.cloud.inventory.ofType("aws:cloudwatch/eventRule:EventRule");
  for (const resource of declared) await buses.putRule(readRule(resource), { declared: true, tags: resource.inputs["tags"] ?? {} });
  const arns = new Set(declared.map(({ outputs }) => outputs["arn"]));
  for (const rule of buses.rules())
    if (rule.record.declared && !arns.has(buses.ruleArn(rule.record.definition))) await buses.deleteRule(rule);
};

const putTargets = async (buses: Buses, { record }: Rule) => {
  const { Name, EventBusName } = record.definition;
  const declared = buses.cloud.inventory
    .ofType("aws:cloudwatch/eventTarget:EventTarget")
    .filter(({ inputs }) => ruleNameOf(inputs["rule"]) === Name && busNameOf(inputs["eventBusName"] ?? DEFAULT_BUS) === EventBusName)
    .map(resource => ({ target: readTarget(resource), declared: true }));
  const ids = new Set(declared.map(({ target }) => target.Id));
  const others = record.targets.filter(each => !each.declared && !ids.has(each.target.Id));
  await buses.putRule(record.definition, { targets: [...others, ...declared] });
};

/** The name of a rule that is given by name, or by the id of a rule on another bus. */
const ruleNameOf = (rule: string) => rule.split("/").at(-1);

export { reconcile };
