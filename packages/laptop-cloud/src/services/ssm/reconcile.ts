import { readDraft } from "./resources";
import type { Parameters } from "./store";

/** Creates the parameters that the program declares, with the values that it declares, and deletes those that it no longer declares. */
const reconcile = async (parameters: Parameters) => {
  const declared = parameters.cloud.inventory.ofType("aws:ssm/parameter:Parameter");
  for (const resource of declared) await parameters.declare(readDraft(resource), resource.inputs["tags"] ?? {});
  const names = new Set(declared.map(({ outputs }) => outputs["name"]));
  for (const parameter of parameters.all()) if (parameter.declared && !names.has(parameter.name)) await parameters.delete(parameter);
};

export { reconcile };
