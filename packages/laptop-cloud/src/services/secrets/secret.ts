import { createHash, randomUUID } from "node:crypto";
import { AwsError } from "../../kernel/aws-error";
import type { Place, PolicyDocument } from "../../kernel/service";

/** A secret as it is stored. */
interface Secret {
  name: string;
  arn: string;
  description?: string;
  policy?: PolicyDocument;
  tags: Record<string, string>;
  versions: SecretVersion[];
  createdMs: number;
  changedMs: number;
  /** When it is to be deleted. Until then it can be restored. */
  deletedMs?: number;
  /** Whether the program declares it. If so, it is deleted when the program no longer does. */
  declared: boolean;
}

interface SecretVersion {
  id: string;
  stages: string[];
  createdMs: number;
  value: SecretValue;
}

interface SecretValue {
  SecretString?: string;
  /** Base64. */
  SecretBinary?: string;
}

/** PutSecretValue, Secrets Manager API reference. */
const MAX_VALUE_BYTES = 65_536;

const CURRENT = "AWSCURRENT";
const PREVIOUS = "AWSPREVIOUS";

/** AWS appends six random characters. Here they follow from the name, so that they stay the same at each start. */
const secretArn = (name: string, { region, account }: Place) =>
  `arn:aws:secretsmanager:${region}:${account}:secret:${name}-${createHash("sha256").update(name).digest("hex").slice(0, 6)}`;

const isSecretName = (name: unknown): name is string => typeof name === "string" && /^[A-Za-z0-9/_+=.@-]{1,512}$/.test(name);

/** Throws `AwsError` InvalidParameterException. */
const parseValue = ({ SecretString, SecretBinary }: SecretValue): SecretValue => {
  if ((SecretString === undefined) === (SecretBinary === undefined))
    throw new AwsError("InvalidParameterException", "You must provide either SecretString or SecretBinary.");
  const bytes = Buffer.byteLength(SecretString ?? SecretBinary!, SecretString === undefined ? "base64" : "utf8");
  if (bytes < 1 || bytes > MAX_VALUE_BYTES)
    throw new AwsError("InvalidParameterException", `The secret value has ${bytes} bytes, but must have 1 to ${MAX_VALUE_BYTES}.`);
  return { SecretString, SecretBinary };
};

interface NewVersion {
  value: SecretValue;
  id?: string;
  stages?: string[];
  nowMs: number;
}

/**
 * Adds a version. A stage belongs to one version: it moves to the new one, and the version that was current becomes the previous one.
 * Repeating a version id with the same value changes nothing. Throws `AwsError` ResourceExistsException for another value.
 */
const addVersion = (versions: SecretVersion[], { value, id = randomUUID(), stages = [CURRENT], nowMs }: NewVersion): SecretVersion[] => {
  const existing = versions.find(version => version.id === id);
  if (existing !== undefined) {
    if (isSameValue(existing.value, value)) return versions;
    throw new AwsError("ResourceExistsException", `You can't use ClientRequestToken ${id} because that value is already in use.`);
  }
  const moved = versions.map(version => ({ ...version, stages: stagesAfter(version, stages) }));
  return [...moved, { id, stages, createdMs: nowMs, value }];
};

const stagesAfter = ({ stages }: SecretVersion, taken: string[]): string[] => {
  const isReplaced = taken.includes(CURRENT) && stages.includes(CURRENT);
  const kept = stages.filter(stage => !taken.includes(stage) && !(taken.includes(CURRENT) && stage === PREVIOUS));
  return isReplaced ? [...kept, PREVIOUS] : kept;
};

interface StageMove {
  stage: string;
  to?: string;
  from?: string;
}

/**
 * Moves or removes a stage. The version that loses AWSCURRENT becomes the previous one. Throws `AwsError` InvalidParameterException,
 * ResourceNotFoundException.
 */
const moveStage = (versions: SecretVersion[], { stage, to, from }: StageMove): SecretVersion[] => {
  const missing = [to, from].find(id => id !== undefined && !versions.some(version => version.id === id));
  if (missing !== undefined)
    throw new AwsError("ResourceNotFoundException", `Secrets Manager can't find the specified secret value for VersionId: ${missing}`);
  const holder = versions.find(({ stages }) => stages.includes(stage))?.id;
  if (holder !== from && holder !== to)
    throw new AwsError(
      "InvalidParameterException",
      `The staging label ${stage} is attached to ${holder ?? "no version"}: name this version in RemoveFromVersionId.`,
    );
  if (to === undefined && stage === CURRENT)
    throw new AwsError("InvalidParameterException", `You can only move the staging label ${CURRENT} to a different secret version.`);
  if (to === holder) return versions;
  return versions.map(version => ({
    ...version,
    stages:
      version.id === to ? [...version.stages.filter(each => stage !== CURRENT || each !== PREVIOUS), stage] : stagesAfter(version, [stage]),
  }));
};

const isSameValue = (a: SecretValue, b: SecretValue) => a.SecretString === b.SecretString && a.SecretBinary === b.SecretBinary;

export type { Secret, SecretValue, SecretVersion };
export { addVersion, CURRENT, isSecretName, moveStage, parseValue, secretArn };
