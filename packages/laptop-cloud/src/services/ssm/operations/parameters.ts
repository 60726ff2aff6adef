import { AwsError } from "../../../kernel/aws-error";
import type { Resource } from "../../../kernel/inventory";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { Operation } from "../../../kernel/service";
import type { Parameters } from "../store";

/** Behaves as GetParameter; differs: has no versions and labels. */
const getParameter =
  (parameters: Parameters): Operation =>
  async (input: { Name?: string; WithDecryption?: boolean }, call) => {
    refuseUnknownParameters(call, input, ["Name", "WithDecryption"]);
    const { Name = "", WithDecryption } = input;
    call.authorize("ssm:GetParameter", parameters.arnOf(Name));
    const found = parameters.find(Name);
    if (found === undefined) throw new AwsError("ParameterNotFound", `There is no parameter ${JSON.stringify(Name)}.`);
    return { Parameter: describe(parameters, found, WithDecryption) };
  };

/** Behaves as GetParameters: lists names that do not exist in `InvalidParameters`. */
const getParameters =
  (parameters: Parameters): Operation =>
  async (input: { Names?: string[]; WithDecryption?: boolean }, call) => {
    refuseUnknownParameters(call, input, ["Names", "WithDecryption"]);
    const { Names = [], WithDecryption } = input;
    if (Names.length < 1 || Names.length > 10)
      throw new AwsError("ValidationException", `Names has ${Names.length} entries: want 1 to 10.`);
    for (const name of Names) call.authorize("ssm:GetParameters", parameters.arnOf(name));
    return {
      Parameters: Names.flatMap(name => parameters.find(name) ?? []).map(found => describe(parameters, found, WithDecryption)),
      InvalidParameters: Names.filter(name => parameters.find(name) === undefined),
    };
  };

/** Hides the value of a SecureString that is read without decryption, where AWS would send ciphertext. */
const describe = ({ startedMs }: Parameters, { inputs, outputs }: Resource, withDecryption: boolean | undefined) => ({
  ARN: outputs["arn"],
  DataType: "text",
  LastModifiedDate: startedMs / 1000,
  Name: outputs["name"],
  Type: inputs["type"],
  Value: inputs["type"] === "SecureString" && withDecryption !== true ? "(encrypted)" : inputs["value"],
  Version: 1,
});

export { getParameter, getParameters };
