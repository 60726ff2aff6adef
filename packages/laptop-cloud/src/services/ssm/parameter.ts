import { AwsError } from "../../kernel/aws-error";
import type { Place } from "../../kernel/service";

/** A parameter as it is stored. */
interface Parameter {
  name: string;
  type: string;
  tier: string;
  description?: string;
  /** A regular expression that values have to match. */
  allowedPattern?: string;
  tags: Record<string, string>;
  /** Oldest first. */
  versions: ParameterVersion[];
  /** Whether the program declares it. If so, it is deleted when the program no longer does. */
  declared: boolean;
}

interface ParameterVersion {
  version: number;
  value: string;
  changedMs: number;
  labels: string[];
}

/** What PutParameter and declarations have in common. */
type Draft = Pick<Parameter, "name" | "type" | "tier" | "description" | "allowedPattern"> & { value: string };

const TYPES = ["SecureString", "String", "StringList"];

/** "Managing parameter tiers": bytes of a value. */
const MAX_BYTES: Record<string, number> = { Standard: 4096, Advanced: 8192, "Intelligent-Tiering": 8192 };

/** PutParameter, Systems Manager API reference. */
const MAX_LEVELS = 15;
const MAX_NAME_LENGTH = 1011;
const MAX_VERSIONS = 100;

/** `arn:...:parameter/NAME`, with one slash even if the name begins with a slash. */
const arnOf = (name: string, { region, account }: Pick<Place, "region" | "account">) =>
  `arn:aws:ssm:${region}:${account}:parameter/${name.replace(/^\//, "")}`;

/** Throws `AwsError` AccessDeniedException, ValidationException, HierarchyLevelLimitExceededException. */
const verifyName = (name: unknown): void => {
  if (typeof name !== "string" || name.length > MAX_NAME_LENGTH || !/^\/?[\w.-]+$|^(\/[\w.-]+)+$/.test(name))
    throw invalid(`Name is ${JSON.stringify(name)}, but must be letters, digits and .-_, and a slash before each level of a hierarchy.`);
  // AWS's own public parameters.
  if (/^\/aws[^/]*\//i.test(name)) throw new AwsError("AccessDeniedException", `No access to reserved parameter name: ${name}.`);
  if (/^\/?(aws|ssm)/i.test(name)) throw invalid(`Name is ${JSON.stringify(name)}: a name can't begin with "aws" or "ssm".`);
  if (name.split("/").length > MAX_LEVELS + 1)
    throw new AwsError("HierarchyLevelLimitExceededException", `A hierarchy can have at most ${MAX_LEVELS} levels.`);
};

/** Throws `AwsError` ValidationException, InvalidAllowedPatternException, ParameterPatternMismatchException. */
const verifyDraft = ({ name, type, tier, value, allowedPattern }: Draft): void => {
  verifyName(name);
  if (!TYPES.includes(type)) throw invalid(`Type is ${JSON.stringify(type)}, but must be one of ${TYPES.join(", ")}.`);
  const most = Object.hasOwn(MAX_BYTES, tier) ? MAX_BYTES[tier]! : undefined;
  if (most === undefined) throw invalid(`Tier is ${JSON.stringify(tier)}, but must be one of ${Object.keys(MAX_BYTES).join(", ")}.`);
  if (typeof value !== "string" || value === "") throw invalid("Value is missing. It must be text.");
  const bytes = Buffer.byteLength(value);
  if (bytes > most) throw invalid(`Value has ${bytes} bytes, but must have at most ${most} in the tier ${tier}.`);
  if (allowedPattern !== undefined && !parsePattern(allowedPattern).test(value))
    throw new AwsError("ParameterPatternMismatchException", `Value does not match the allowed pattern ${allowedPattern}.`);
};

/** Throws `AwsError` InvalidAllowedPatternException. */
const parsePattern = (pattern: string): RegExp => {
  try {
    return new RegExp(pattern);
  } catch (error) {
    throw new AwsError("InvalidAllowedPatternException", `The allowed pattern is no regular expression: ${(error as Error).message}.`);
  }
};

/** Adds a version. Only the latest ones are kept. Throws `AwsError` ParameterMaxVersionLimitExceeded if a label holds the oldest. */
const addVersion = (versions: ParameterVersion[], value: string, changedMs: number): ParameterVersion[] => {
  const [oldest] = versions;
  const isFull = versions.length >= MAX_VERSIONS;
  if (isFull && oldest!.labels.length > 0)
    throw new AwsError(
      "ParameterMaxVersionLimitExceeded",
      `Version ${oldest!.version} is the oldest and can't be deleted: it has a label.`,
    );
  const added = { version: (versions.at(-1)?.version ?? 0) + 1, value, changedMs, labels: [] };
  return [...(isFull ? versions.slice(1) : versions), added];
};

const latestOf = ({ versions }: Parameter): ParameterVersion => versions.at(-1)!;

/** Hides the value of a SecureString that is read without decryption, where AWS would send ciphertext. */
const shownValue = ({ type }: Parameter, { value }: ParameterVersion, withDecryption: boolean | undefined) =>
  type === "SecureString" && withDecryption !== true ? "(encrypted)" : value;

const invalid = (message: string) => new AwsError("ValidationException", message);

export type { Draft, Parameter, ParameterVersion };
export { addVersion, arnOf, invalid, latestOf, shownValue, verifyDraft, verifyName };
