import { AwsError } from "../../kernel/aws-error";
import { physicalName } from "../../kernel/declared";
import type { Resource } from "../../kernel/inventory";
import { refuseUnknownParameters } from "../../kernel/parameters";
import type { Call, Inert, Place, ResourceKind, Service, ServiceDefinition } from "../../kernel/service";

const parameterType = "aws:ssm/parameter:Parameter";

/** SSM: "Standard parameters". */
const mostBytes = 4096;

const inertFor = (reason: string, ...properties: string[]): Record<string, Inert> =>
  Object.fromEntries(properties.map(property => [property, { inert: reason }]));

/** `arn:...:parameter/NAME`; a name that begins with a slash brings its own. */
const arnOf = (name: string, { region, account }: Place) => `arn:aws:ssm:${region}:${account}:parameter/${name.replace(/^\//, "")}`;

const parameter: ResourceKind = {
  properties: {
    ...inertFor("there is one region", "region"),
    ...inertFor("shown only", "description", "tags", "tagsAll"),
    ...inertFor("every start makes it anew", "overwrite"),
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
    return bytes > mostBytes ? `value has ${bytes} bytes: want at most ${mostBytes}` : undefined;
  },
  outputs(declared, place) {
    const name = physicalName(declared);
    return { id: name, name, arn: arnOf(name, place), version: 1 };
  },
};

/** SSM's parameters, as the program declares them: read by name or ARN. Values can't be changed by API. */
const ssm: ServiceDefinition = {
  name: "ssm",
  wire: { protocol: "aws-json", version: "1.1", target: "AmazonSSM" },
  resources: { [parameterType]: parameter },
  create: ({ inventory, place, clock }) => {
    const startedMs = clock.nowMs();
    const find = (nameOrArn: string): Resource | undefined =>
      inventory.ofType(parameterType).find(({ outputs }) => [outputs["name"], outputs["arn"]].includes(nameOrArn));
    const arnToAuthorize = (nameOrArn: string) => (nameOrArn.startsWith("arn:") ? nameOrArn : arnOf(nameOrArn, place));

    /** A SecureString that is read without decryption comes as AWS would send it: as something that says nothing. */
    const describe = ({ inputs, outputs }: Resource, withDecryption: boolean | undefined) => ({
      ARN: outputs["arn"],
      DataType: "text",
      LastModifiedDate: startedMs / 1000,
      Name: outputs["name"],
      Type: inputs["type"],
      Value: inputs["type"] === "SecureString" && withDecryption !== true ? "(encrypted)" : inputs["value"],
      Version: 1,
    });

    const operations: Service["operations"] = {
      /** Behaves as GetParameter; differs: versions and labels are not imitated. */
      GetParameter: async (input: { Name?: string; WithDecryption?: boolean }, call: Call) => {
        refuseUnknownParameters(call, input, ["Name", "WithDecryption"]);
        const { Name = "", WithDecryption } = input;
        call.authorize("ssm:GetParameter", arnToAuthorize(Name));
        const found = find(Name);
        if (found === undefined) throw new AwsError("ParameterNotFound", `There is no parameter ${JSON.stringify(Name)}.`);
        return { Parameter: describe(found, WithDecryption) };
      },

      /** Behaves as GetParameters: what is not there is listed in `InvalidParameters`. */
      GetParameters: async (input: { Names?: string[]; WithDecryption?: boolean }, call: Call) => {
        refuseUnknownParameters(call, input, ["Names", "WithDecryption"]);
        const { Names = [], WithDecryption } = input;
        if (Names.length < 1 || Names.length > 10)
          throw new AwsError("ValidationException", `Names holds ${Names.length} names: want 1 to 10.`);
        for (const name of Names) call.authorize("ssm:GetParameters", arnToAuthorize(name));
        return {
          Parameters: Names.flatMap(name => find(name) ?? []).map(found => describe(found, WithDecryption)),
          InvalidParameters: Names.filter(name => find(name) === undefined),
        };
      },
    };
    return { start: async () => {}, stop: async () => {}, operations };
  },
};

export { ssm };
