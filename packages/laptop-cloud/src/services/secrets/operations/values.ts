import { AwsError } from "../../../kernel/aws-error";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { Operation } from "../../../kernel/service";
import { addVersion, CURRENT, parseValue, type Secret, type SecretValue, type SecretVersion } from "../secret";
import type { Secrets } from "../store";

interface VersionAddress {
  SecretId: string;
  VersionId?: string;
  VersionStage?: string;
}

/** Behaves as GetSecretValue. */
const getSecretValue =
  (secrets: Secrets): Operation =>
  async (input: VersionAddress, call) => {
    refuseUnknownParameters(call, input, ["SecretId", "VersionId", "VersionStage"]);
    const secret = secrets.openActive(call, input.SecretId);
    const { id, stages, createdMs, value } = findVersion(secret, input);
    return { ARN: secret.arn, Name: secret.name, VersionId: id, VersionStages: stages, CreatedDate: createdMs / 1000, ...value };
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

/** Behaves as PutSecretValue. */
const putSecretValue =
  (secrets: Secrets): Operation =>
  async (input: PutInput, call) => {
    refuseUnknownParameters(call, input, ["SecretId", "ClientRequestToken", "SecretString", "SecretBinary", "VersionStages"]);
    const { name, arn, versions } = secrets.openActive(call, input.SecretId);
    const { ClientRequestToken: id, VersionStages: stages } = input;
    const changed = addVersion(versions, { value: parseValue(input), id, stages, nowMs: secrets.cloud.clock.nowMs() });
    await secrets.put(name, { versions: changed });
    const version = changed.find(each => each.id === id) ?? changed.at(-1)!;
    return { ARN: arn, Name: name, VersionId: version.id, VersionStages: version.stages };
  };

export { getSecretValue, putSecretValue };
