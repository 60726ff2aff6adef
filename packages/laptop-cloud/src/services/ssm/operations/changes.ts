import { AwsError, notImitated } from "../../../kernel/aws-error";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { OperationOf } from "../../../kernel/service";
import { readTags, type Tag } from "../../../kernel/tags";
import { addVersion, invalid, latestOf, type Parameter, verifyDraft } from "../parameter";
import type { Parameters } from "../store";

interface PutInput {
  Name: string;
  Value: string;
  Type?: string;
  Description?: string;
  Overwrite?: boolean;
  AllowedPattern?: string;
  Tier?: string;
  DataType?: string;
  Tags?: Tag[];
}

const PUT_PARTS = ["Name", "Value", "Type", "Description", "Overwrite", "AllowedPattern", "Tier", "DataType", "Tags", "KeyId"];

/** Behaves as PutParameter; differs: values are not encrypted, and have no policies. A restart restores a declared value. */
const putParameter: OperationOf<Parameters> = async (parameters, input: PutInput, call) => {
  refuseUnknownParameters(call, input, PUT_PARTS);
  const { Name, DataType = "text", Overwrite = false, Tags } = input;
  call.authorize("ssm:PutParameter", parameters.arnOf(Name));
  if (DataType !== "text") throw notImitated(`the data type ${DataType} of parameters`);
  if (Tags !== undefined && Overwrite) throw invalid("Tags and Overwrite can't be used together: use AddTagsToResource.");
  const existing = parameters.find(Name);
  if (existing !== undefined && !Overwrite)
    throw new AwsError(
      "ParameterAlreadyExists",
      "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
    );
  const parameter = change(existing, input, parameters.cloud.clock.nowMs());
  await parameters.put(parameter);
  return { Version: latestOf(parameter).version, Tier: parameter.tier };
};

const change = (existing: Parameter | undefined, input: PutInput, nowMs: number): Parameter => {
  const { Name: name, Value: value, Type: type = existing?.type } = input;
  if (type === undefined) throw invalid("A parameter type is required when you create a parameter.");
  if (existing !== undefined && existing.type !== type)
    throw new AwsError("HierarchyTypeMismatch", `The parameter ${name} has the type ${existing.type}, which can't be changed to ${type}.`);
  const draft = {
    name: existing?.name ?? name,
    type,
    tier: input.Tier ?? existing?.tier ?? "Standard",
    description: input.Description ?? existing?.description,
    allowedPattern: input.AllowedPattern ?? existing?.allowedPattern,
  };
  verifyDraft({ ...draft, value });
  const tags = existing?.tags ?? readTags(input.Tags);
  return { ...draft, tags, versions: addVersion(existing?.versions ?? [], value, nowMs), declared: existing?.declared ?? false };
};

/** Behaves as DeleteParameter; a restart restores a declared parameter. */
const deleteParameter: OperationOf<Parameters> = async (parameters, input: { Name: string }, call) => {
  refuseUnknownParameters(call, input, ["Name"]);
  call.authorize("ssm:DeleteParameter", parameters.arnOf(input.Name));
  await parameters.delete(parameters.get(input.Name));
  return {};
};

const deleteParameters: OperationOf<Parameters> = async (parameters, input: { Names: string[] }, call) => {
  refuseUnknownParameters(call, input, ["Names"]);
  for (const name of input.Names) call.authorize("ssm:DeleteParameters", parameters.arnOf(name));
  const found = input.Names.filter(name => parameters.find(name) !== undefined);
  for (const name of found) await parameters.delete(parameters.get(name));
  return { DeletedParameters: found, InvalidParameters: input.Names.filter(name => !found.includes(name)) };
};

export { deleteParameter, deleteParameters, putParameter };
