import { AwsError } from "../../../kernel/aws-error";
import { paginate } from "../../../kernel/paginate";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { Call, OperationOf } from "../../../kernel/service";
import { addVersion, CURRENT, parseValue, type Secret, type SecretValue, type SecretVersion } from "../secret";
import type { Secrets } from "../store";
import { type SecretFilter, selects } from "./filters";

interface VersionAddress {
  SecretId: string;
  VersionId?: string;
  VersionStage?: string;
}

const getSecretValue: OperationOf<Secrets> = async (secrets, input: VersionAddress, call) => {
  refuseUnknownParameters(call, input, ["SecretId", "VersionId", "VersionStage"]);
  return readValue(secrets, call, input);
};

const readValue = (secrets: Secrets, call: Call, address: VersionAddress) => {
  const secret = secrets.openActive(call, address.SecretId, "GetSecretValue");
  const { id, stages, createdMs, value } = findVersion(secret, address);
  return { ARN: secret.arn, Name: secret.name, VersionId: id, VersionStages: stages, CreatedDate: createdMs / 1000, ...value };
};

interface BatchInput {
  SecretIdList?: string[];
  Filters?: SecretFilter[];
  MaxResults?: number;
  NextToken?: string;
}

/** Behaves as BatchGetSecretValue: a secret that can't be read is listed in `Errors`. */
const batchGetSecretValue: OperationOf<Secrets> = async (secrets, input: BatchInput, call) => {
  refuseUnknownParameters(call, input, ["SecretIdList", "Filters", "MaxResults", "NextToken"]);
  call.authorize("secretsmanager:BatchGetSecretValue", "*");
  const { SecretIdList, Filters = [] } = input;
  if ((SecretIdList === undefined) === (Filters.length === 0))
    throw new AwsError("InvalidParameterException", "You must provide either SecretIdList or Filters.");
  const chosen =
    SecretIdList ??
    secrets
      .all()
      .filter(secret => secret.deletedMs === undefined && selects(Filters, secret))
      .map(({ name }) => name);
  const { page, NextToken } = paginate(chosen, id => id, input);
  const read = page.map(id => readOrError(secrets, call, id));
  return {
    SecretValues: read.flatMap(each => ("value" in each ? [each.value] : [])),
    Errors: read.flatMap(each => ("error" in each ? [each.error] : [])),
    NextToken,
  };
};

const readOrError = (secrets: Secrets, call: Call, SecretId: string) => {
  try {
    return { value: readValue(secrets, call, { SecretId }) };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { error: { SecretId, ErrorCode: error.code, Message: error.message } };
  }
};

const findVersion = ({ versions }: Secret, { VersionId, VersionStage }: VersionAddress): SecretVersion => {
  const stage = VersionStage ?? (VersionId === undefined ? CURRENT : undefined);
  const found = versions.find(
    ({ id, stages }) => (VersionId === undefined || id === VersionId) && (stage === undefined || stages.includes(stage)),
  );
  if (found !== undefined) return found;
  const which = stage === undefined ? `VersionId: ${VersionId}` : `staging label: ${stage}`;
  throw new AwsError("ResourceNotFoundException", `Secrets Manager can't find the specified secret value for ${which}`);
};

interface PutInput extends SecretValue {
  SecretId: string;
  ClientRequestToken?: string;
  VersionStages?: string[];
}

const putSecretValue: OperationOf<Secrets> = async (secrets, input: PutInput, call) => {
  refuseUnknownParameters(call, input, ["SecretId", "ClientRequestToken", "SecretString", "SecretBinary", "VersionStages"]);
  const { name, arn, versions } = secrets.openActive(call, input.SecretId);
  const { ClientRequestToken: id, VersionStages: stages } = input;
  const changed = addVersion(versions, { value: parseValue(input), id, stages, nowMs: secrets.cloud.clock.nowMs() });
  await secrets.put(name, { versions: changed });
  const version = changed.find(each => each.id === id) ?? changed.at(-1)!;
  return { ARN: arn, Name: name, VersionId: version.id, VersionStages: version.stages };
};

export { batchGetSecretValue, getSecretValue, putSecretValue };
