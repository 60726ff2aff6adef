import { paginate } from "../../../kernel/paginate";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { OperationOf } from "../../../kernel/service";
import { moveStage } from "../secret";
import type { Secrets } from "../store";

interface ListInput {
  SecretId: string;
  IncludeDeprecated?: boolean;
  MaxResults?: number;
  NextToken?: string;
}

const listSecretVersionIds: OperationOf<Secrets> = async (secrets, input: ListInput, call) => {
  refuseUnknownParameters(call, input, ["SecretId", "IncludeDeprecated", "MaxResults", "NextToken"]);
  const { name, arn, versions } = secrets.open(call, input.SecretId);
  const listed = versions.filter(({ stages }) => stages.length > 0 || input.IncludeDeprecated === true);
  const { page, NextToken } = paginate(listed, ({ id }) => id, input);
  return {
    ARN: arn,
    Name: name,
    Versions: page.map(({ id, stages, createdMs }) => ({ VersionId: id, VersionStages: stages, CreatedDate: createdMs / 1000 })),
    NextToken,
  };
};

interface MoveInput {
  SecretId: string;
  VersionStage: string;
  MoveToVersionId?: string;
  RemoveFromVersionId?: string;
}

const updateSecretVersionStage: OperationOf<Secrets> = async (secrets, input: MoveInput, call) => {
  refuseUnknownParameters(call, input, ["SecretId", "VersionStage", "MoveToVersionId", "RemoveFromVersionId"]);
  const { name, arn, versions } = secrets.openActive(call, input.SecretId);
  const { VersionStage: stage, MoveToVersionId: to, RemoveFromVersionId: from } = input;
  await secrets.put(name, { versions: moveStage(versions, { stage, to, from }) });
  return { ARN: arn, Name: name };
};

export { listSecretVersionIds, updateSecretVersionStage };
