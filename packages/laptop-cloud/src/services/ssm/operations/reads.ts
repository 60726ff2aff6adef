import { AwsError } from "../../../kernel/aws-error";
import { paginate } from "../../../kernel/paginate";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { OperationOf } from "../../../kernel/service";
import { arnOf, invalid, latestOf, shownValue } from "../parameter";
import type { Found, Parameters } from "../store";
import { isBelow, type ParameterFilter, selects } from "./filters";

interface Decrypting {
  WithDecryption?: boolean;
}

interface Paging {
  MaxResults?: number;
  NextToken?: string;
}

/** GetParameters: "Names". */
const MAX_NAMES = 10;

/** GetParametersByPath and GetParameterHistory: "MaxResults". */
const PATH_PAGE_SIZE = 10;
const HISTORY_PAGE_SIZE = 50;

const getParameter: OperationOf<Parameters> = async (parameters, input: Decrypting & { Name: string }, call) => {
  refuseUnknownParameters(call, input, ["Name", "WithDecryption"]);
  call.authorize("ssm:GetParameter", parameters.arnOf(input.Name));
  return { Parameter: describe(parameters, parameters.select(input.Name), input) };
};

/** Behaves as GetParameters: lists names that do not exist in `InvalidParameters`. */
const getParameters: OperationOf<Parameters> = async (parameters, input: Decrypting & { Names?: string[] }, call) => {
  refuseUnknownParameters(call, input, ["Names", "WithDecryption"]);
  const { Names = [] } = input;
  if (Names.length < 1 || Names.length > MAX_NAMES) throw invalid(`Names has ${Names.length} entries, but must have 1 to ${MAX_NAMES}.`);
  for (const name of Names) call.authorize("ssm:GetParameters", parameters.arnOf(name));
  const found = Names.map(name => findOrUndefined(parameters, name));
  return {
    Parameters: found.flatMap(each => (each === undefined ? [] : [describe(parameters, each, input)])),
    InvalidParameters: Names.filter((_, index) => found[index] === undefined),
  };
};

const findOrUndefined = (parameters: Parameters, name: string): Found | undefined => {
  try {
    return parameters.select(name);
  } catch (error) {
    if (error instanceof AwsError) return undefined;
    throw error;
  }
};

type ByPathInput = Decrypting & Paging & { Path: string; Recursive?: boolean; ParameterFilters?: ParameterFilter[] };

const getParametersByPath: OperationOf<Parameters> = async (parameters, input: ByPathInput, call) => {
  refuseUnknownParameters(call, input, ["Path", "Recursive", "WithDecryption", "ParameterFilters", "MaxResults", "NextToken"]);
  const { Path, Recursive = false, ParameterFilters = [], MaxResults = PATH_PAGE_SIZE, NextToken } = input;
  call.authorize("ssm:GetParametersByPath", parameters.arnOf(Path));
  if (!Path.startsWith("/")) throw invalid(`Path is ${JSON.stringify(Path)}, but must be a path that begins with a slash.`);
  if (!(MaxResults >= 1 && MaxResults <= PATH_PAGE_SIZE)) throw invalid(`MaxResults is ${MaxResults}, but must be 1 to ${PATH_PAGE_SIZE}.`);
  const found = parameters.all().filter(parameter => isBelow(parameter, Path, Recursive) && selects(ParameterFilters, parameter));
  const { page, NextToken: next } = paginate(found, ({ name }) => name, { MaxResults, NextToken });
  return {
    Parameters: page.map(parameter => describe(parameters, { parameter, version: latestOf(parameter) }, input)),
    NextToken: next,
  };
};

const getParameterHistory: OperationOf<Parameters> = async (parameters, input: Decrypting & Paging & { Name: string }, call) => {
  refuseUnknownParameters(call, input, ["Name", "WithDecryption", "MaxResults", "NextToken"]);
  call.authorize("ssm:GetParameterHistory", parameters.arnOf(input.Name));
  const parameter = parameters.get(input.Name);
  const { MaxResults = HISTORY_PAGE_SIZE, NextToken } = input;
  // Padded, so that versions sort as numbers.
  const { page, NextToken: next } = paginate(parameter.versions, ({ version }) => String(version).padStart(9, "0"), {
    MaxResults,
    NextToken,
  });
  return {
    Parameters: page.map(version => ({
      Name: parameter.name,
      Type: parameter.type,
      Description: parameter.description,
      AllowedPattern: parameter.allowedPattern,
      LastModifiedDate: version.changedMs / 1000,
      Value: shownValue(parameter, version, input.WithDecryption),
      Version: version.version,
      Labels: version.labels,
      Tier: parameter.tier,
      Policies: [],
      DataType: "text",
    })),
    NextToken: next,
  };
};

const describe = ({ cloud }: Parameters, { parameter, version, selector }: Found, { WithDecryption }: Decrypting) => ({
  ARN: arnOf(parameter.name, cloud.place),
  DataType: "text",
  LastModifiedDate: version.changedMs / 1000,
  Name: parameter.name,
  ...(selector === undefined ? {} : { Selector: selector }),
  Type: parameter.type,
  Value: shownValue(parameter, version, WithDecryption),
  Version: version.version,
});

export { getParameter, getParameterHistory, getParameters, getParametersByPath };
