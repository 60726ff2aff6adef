import { AwsError } from "../../../kernel/aws-error";
import { paginate } from "../../../kernel/paginate";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { OperationOf } from "../../../kernel/service";
import { listTags, readTags, type Tag } from "../../../kernel/tags";
import { addVersion, parseValue, type Secret, type SecretValue, secretArn } from "../secret";
import type { Secrets } from "../store";
import { type SecretFilter, selects } from "./filters";

interface Draft extends SecretValue {
  ClientRequestToken?: string;
  Description?: string;
}

const DAY_MS = 86_400_000;

/** DeleteSecret: the recovery window is 7 to 30 days. */
const DEFAULT_WINDOW_DAYS = 30;
const MIN_WINDOW_DAYS = 7;

/** Behaves as CreateSecret; differs: no replicas. */
const createSecret: OperationOf<Secrets> = async (secrets, input: Draft & { Name: string; Tags?: Tag[] }, call) => {
  refuseUnknownParameters(call, input, ["Name", "ClientRequestToken", "Description", "SecretString", "SecretBinary", "Tags"]);
  const { Name, Description: description, Tags = [] } = input;
  call.authorize("secretsmanager:CreateSecret", secretArn(Name, secrets.cloud.place));
  if (secrets.find(Name) !== undefined)
    throw new AwsError("ResourceExistsException", `The operation failed because the secret ${Name} already exists.`);
  const tags = readTags(Tags);
  const secret = await secrets.put(Name, { description, tags, versions: versionsAfter(secrets, [], input) });
  return { ARN: secret.arn, Name, VersionId: secret.versions.at(-1)?.id };
};

const updateSecret: OperationOf<Secrets> = async (secrets, input: Draft & { SecretId: string }, call) => {
  refuseUnknownParameters(call, input, ["SecretId", "ClientRequestToken", "Description", "SecretString", "SecretBinary"]);
  const before = secrets.openActive(call, input.SecretId);
  const versions = versionsAfter(secrets, before.versions, input);
  await secrets.put(before.name, { versions, description: input.Description ?? before.description });
  return { ARN: before.arn, Name: before.name, VersionId: versions === before.versions ? undefined : versions.at(-1)!.id };
};

/** A draft without a value adds no version. */
const versionsAfter = (secrets: Secrets, versions: Secret["versions"], draft: Draft) =>
  draft.SecretString === undefined && draft.SecretBinary === undefined
    ? versions
    : addVersion(versions, { value: parseValue(draft), id: draft.ClientRequestToken, nowMs: secrets.cloud.clock.nowMs() });

/** Behaves as DescribeSecret; differs: no rotation. */
const describeSecret: OperationOf<Secrets> = async (secrets, input: { SecretId: string }, call) => {
  refuseUnknownParameters(call, input, ["SecretId"]);
  const secret = secrets.open(call, input.SecretId);
  return { ...describe(secret), VersionIdsToStages: stagesOf(secret) };
};

interface ListInput {
  Filters?: SecretFilter[];
  IncludePlannedDeletion?: boolean;
  MaxResults?: number;
  NextToken?: string;
}

/** Behaves as ListSecrets; differs: secrets are sorted by name. */
const listSecrets: OperationOf<Secrets> = async (secrets, input: ListInput, call) => {
  refuseUnknownParameters(call, input, ["Filters", "IncludePlannedDeletion", "MaxResults", "NextToken"]);
  call.authorize("secretsmanager:ListSecrets", "*");
  const { Filters = [], IncludePlannedDeletion = false } = input;
  const chosen = secrets.all().filter(secret => (secret.deletedMs === undefined || IncludePlannedDeletion) && selects(Filters, secret));
  const { page, NextToken } = paginate(chosen, ({ name }) => name, input);
  return { SecretList: page.map(secret => ({ ...describe(secret), SecretVersionsToStages: stagesOf(secret) })), NextToken };
};

interface DeleteInput {
  SecretId: string;
  RecoveryWindowInDays?: number;
  ForceDeleteWithoutRecovery?: boolean;
}

const deleteSecret: OperationOf<Secrets> = async (secrets, input: DeleteInput, call) => {
  refuseUnknownParameters(call, input, ["SecretId", "RecoveryWindowInDays", "ForceDeleteWithoutRecovery"]);
  const { name, arn } = secrets.openActive(call, input.SecretId);
  const nowMs = secrets.cloud.clock.nowMs();
  if (input.ForceDeleteWithoutRecovery === true) {
    await secrets.delete(name);
    return { ARN: arn, Name: name, DeletionDate: nowMs / 1000 };
  }
  const days = input.RecoveryWindowInDays ?? DEFAULT_WINDOW_DAYS;
  if (!(days >= MIN_WINDOW_DAYS && days <= DEFAULT_WINDOW_DAYS))
    throw new AwsError(
      "InvalidParameterException",
      `RecoveryWindowInDays is ${days}, but must be ${MIN_WINDOW_DAYS} to ${DEFAULT_WINDOW_DAYS}.`,
    );
  const deletedMs = nowMs + days * DAY_MS;
  await secrets.put(name, { deletedMs });
  return { ARN: arn, Name: name, DeletionDate: deletedMs / 1000 };
};

const restoreSecret: OperationOf<Secrets> = async (secrets, input: { SecretId: string }, call) => {
  refuseUnknownParameters(call, input, ["SecretId"]);
  const { name, arn } = secrets.open(call, input.SecretId);
  await secrets.put(name, { deletedMs: undefined });
  return { ARN: arn, Name: name };
};

const describe = ({ arn, name, description, tags, createdMs, changedMs, deletedMs }: Secret) => ({
  ARN: arn,
  Name: name,
  Description: description,
  CreatedDate: createdMs / 1000,
  LastChangedDate: changedMs / 1000,
  DeletedDate: deletedMs === undefined ? undefined : deletedMs / 1000,
  Tags: listTags(tags),
});

/** Without deprecated versions, which have no stage. */
const stagesOf = ({ versions }: Secret) =>
  Object.fromEntries(versions.filter(({ stages }) => stages.length > 0).map(({ id, stages }) => [id, stages]));

export { createSecret, deleteSecret, describeSecret, listSecrets, restoreSecret, updateSecret };
