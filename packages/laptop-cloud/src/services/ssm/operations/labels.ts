import { AwsError } from "../../../kernel/aws-error";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { OperationOf } from "../../../kernel/service";
import { latestOf, type Parameter, type ParameterVersion } from "../parameter";
import type { Parameters } from "../store";

interface LabelInput {
  Name: string;
  ParameterVersion?: number;
  Labels: string[];
}

/** LabelParameterVersion: labels of one version. */
const MAX_LABELS = 10;

/** Behaves as LabelParameterVersion: a label belongs to one version, and moves to another. */
const labelParameterVersion: OperationOf<Parameters> = async (parameters, input: LabelInput, call) => {
  refuseUnknownParameters(call, input, ["Name", "ParameterVersion", "Labels"]);
  call.authorize("ssm:LabelParameterVersion", parameters.arnOf(input.Name));
  const parameter = parameters.get(input.Name);
  const version = findVersion(parameter, input.ParameterVersion ?? latestOf(parameter).version);
  const labels = input.Labels.filter(isLabel);
  const others = version.labels.filter(label => !labels.includes(label));
  if (others.length + labels.length > MAX_LABELS)
    throw new AwsError("ParameterVersionLabelLimitExceeded", `A parameter version can have a maximum of ${MAX_LABELS} labels.`);
  const versions = parameter.versions.map(each =>
    each === version
      ? { ...each, labels: [...others, ...labels] }
      : { ...each, labels: each.labels.filter(label => !labels.includes(label)) },
  );
  await parameters.put({ ...parameter, versions });
  return { InvalidLabels: input.Labels.filter(label => !isLabel(label)), ParameterVersion: version.version };
};

const unlabelParameterVersion: OperationOf<Parameters> = async (parameters, input: LabelInput & { ParameterVersion: number }, call) => {
  refuseUnknownParameters(call, input, ["Name", "ParameterVersion", "Labels"]);
  call.authorize("ssm:UnlabelParameterVersion", parameters.arnOf(input.Name));
  const parameter = parameters.get(input.Name);
  const version = findVersion(parameter, input.ParameterVersion);
  const RemovedLabels = input.Labels.filter(label => version.labels.includes(label));
  const labels = version.labels.filter(label => !RemovedLabels.includes(label));
  await parameters.put({ ...parameter, versions: parameter.versions.map(each => (each === version ? { ...each, labels } : each)) });
  return { RemovedLabels, InvalidLabels: input.Labels.filter(label => !RemovedLabels.includes(label)) };
};

/** Throws `AwsError` ParameterVersionNotFound. */
const findVersion = ({ name, versions }: Parameter, wanted: number): ParameterVersion => {
  const version = versions.find(each => each.version === wanted);
  if (version === undefined)
    throw new AwsError(
      "ParameterVersionNotFound",
      `Systems Manager could not find version ${wanted} of ${name}. Verify the version and try again.`,
    );
  return version;
};

const isLabel = (label: string) => /^(?!aws|ssm|\d)[\w.-]{1,100}$/i.test(label);

export { labelParameterVersion, unlabelParameterVersion };
