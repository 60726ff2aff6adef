import { physicalName } from "../../kernel/declared";
import type { Inert, Place, ResourceKind } from "../../kernel/service";

const parameterType = "aws:ssm/parameter:Parameter";

/** SSM: "Standard parameters". */
const MAX_BYTES = 4096;

const inertFor = (reason: string, ...properties: string[]): Record<string, Inert> =>
  Object.fromEntries(properties.map(property => [property, { inert: reason }]));

/** `arn:...:parameter/NAME`, with one slash even if the name begins with a slash. */
const arnOf = (name: string, { region, account }: Place) => `arn:aws:ssm:${region}:${account}:parameter/${name.replace(/^\//, "")}`;

const parameter: ResourceKind = {
  properties: {
    ...inertFor("there is one region", "region"),
    ...inertFor("shown only", "description", "tags", "tagsAll"),
    ...inertFor("every start creates it again", "overwrite"),
    ...inertFor("nothing is encrypted on this machine", "keyId"),
    name: "acts",
    type: "acts",
    value: "acts",
  },
  check({ inputs: { type, value } }) {
    if (!["SecureString", "String", "StringList"].includes(type))
      return `type is ${JSON.stringify(type)}: want "SecureString", "String" or "StringList"`;
    if (typeof value !== "string" || value === "") return "value is missing: want text";
    const bytes = Buffer.byteLength(value);
    return bytes > MAX_BYTES ? `value has ${bytes} bytes: want at most ${MAX_BYTES}` : undefined;
  },
  outputs(declared, place) {
    const name = physicalName(declared);
    return { id: name, name, arn: arnOf(name, place), version: 1 };
  },
};

/** The resource types of `aws.ssm` that the laptop cloud imitates. */
const resources: Record<string, ResourceKind> = { [parameterType]: parameter };

export { arnOf, parameterType, resources };
