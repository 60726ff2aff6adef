import { paginate } from "../../../kernel/paginate";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { OperationOf } from "../../../kernel/service";
import { arnOf, invalid, latestOf, type Parameter } from "../parameter";
import type { Parameters } from "../store";
import { type ParameterFilter, selects } from "./filters";

/** DescribeParameters: "MaxResults". */
const MAX_PAGE_SIZE = 50;

/** Behaves as DescribeParameters; differs: only `ParameterFilters`. */
const describeParameters: OperationOf<Parameters> = async (
  parameters,
  input: { ParameterFilters?: ParameterFilter[]; MaxResults?: number; NextToken?: string },
  call,
) => {
  refuseUnknownParameters(call, input, ["ParameterFilters", "MaxResults", "NextToken"]);
  call.authorize("ssm:DescribeParameters", "*");
  const { ParameterFilters = [], MaxResults = MAX_PAGE_SIZE, NextToken } = input;
  if (!(MaxResults >= 1 && MaxResults <= MAX_PAGE_SIZE)) throw invalid(`MaxResults is ${MaxResults}, but must be 1 to ${MAX_PAGE_SIZE}.`);
  const found = parameters.all().filter(parameter => selects(ParameterFilters, parameter));
  const { page, NextToken: next } = paginate(found, ({ name }) => name, { MaxResults, NextToken });
  return { Parameters: page.map(parameter => describe(parameters, parameter)), NextToken: next };
};

const describe = ({ cloud }: Parameters, parameter: Parameter) => {
  const { version, changedMs } = latestOf(parameter);
  return {
    Name: parameter.name,
    ARN: arnOf(parameter.name, cloud.place),
    Type: parameter.type,
    ...(parameter.type === "SecureString" ? { KeyId: "alias/aws/ssm" } : {}),
    LastModifiedDate: changedMs / 1000,
    Description: parameter.description,
    AllowedPattern: parameter.allowedPattern,
    Version: version,
    Tier: parameter.tier,
    Policies: [],
    DataType: "text",
  };
};

export { describeParameters };
