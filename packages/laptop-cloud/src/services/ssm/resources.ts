import { physicalName, refusalOf } from "../../kernel/declared";
import type { Declared, Inert, ResourceKind } from "../../kernel/service";
import { arnOf, type Draft, verifyDraft } from "./parameter";

const inertFor = (reason: string, ...properties: string[]): Record<string, Inert> =>
  Object.fromEntries(properties.map(property => [property, { inert: reason }]));

const parameter: ResourceKind = {
  properties: {
    ...inertFor("there is one region", "region"),
    ...inertFor("every start restores it", "overwrite"),
    ...inertFor("nothing is encrypted on this machine", "keyId"),
    allowedPattern: "acts",
    dataType: "acts",
    description: "acts",
    insecureValue: "acts",
    name: "acts",
    tags: "acts",
    tagsAll: { inert: "tags are enough" },
    tier: "acts",
    type: "acts",
    value: "acts",
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
