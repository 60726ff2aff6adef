import { acts, inert, physicalName, refusalOf } from "../../kernel/declared";
import type { Declared, ResourceKind } from "../../kernel/service";
import { arnOf, type Draft, verifyDraft } from "./parameter";

const parameter: ResourceKind = {
  properties: {
    ...acts("allowedPattern", "dataType", "description", "insecureValue", "name", "tags", "tier", "type", "value"),
    ...inert("every start restores it", "overwrite"),
    ...inert("nothing is encrypted on this machine", "keyId"),
    ...inert("tags are enough", "tagsAll"),
  },
  check: declared => {
    const { dataType = "text" } = declared.inputs;
    if (dataType !== "text") return `dataType is ${JSON.stringify(dataType)}: the laptop cloud imitates "text" only.`;
    return refusalOf(() => verifyDraft(readDraft(declared)));
  },
  outputs(declared, place) {
    const { name, tier, value } = readDraft(declared);
    return { id: name, name, arn: arnOf(name, place), dataType: "text", tier, value, version: 1, tagsAll: declared.inputs["tags"] ?? {} };
  },
};

/** A declared parameter. */
const readDraft = (declared: Pick<Declared, "name" | "inputs" | "type">): Draft => {
  const { type, tier = "Standard", description, allowedPattern, value, insecureValue } = declared.inputs;
  return { name: physicalName(declared), type, tier, description, allowedPattern, value: value ?? insecureValue };
};

/** The resource types of `aws.ssm` that the laptop cloud imitates. */
const resources: Record<string, ResourceKind> = { "aws:ssm/parameter:Parameter": parameter };

export { readDraft, resources };
