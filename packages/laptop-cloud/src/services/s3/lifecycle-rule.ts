import { errors } from "./errors";

interface Tag {
  Key: string;
  Value: string;
}

interface Selection {
  Prefix?: string;
  ObjectSizeGreaterThan?: number;
  ObjectSizeLessThan?: number;
}

/** A rule of a bucket's lifecycle configuration, as SDK commands have it. Dates are text, because rules are stored as JSON. */
interface LifecycleRule {
  ID?: string;
  Status: string;
  /** In place of a filter, in old configurations. */
  Prefix?: string;
  Filter?: Selection & { Tag?: Tag; And?: Selection & { Tags?: Tag[] } };
  Expiration?: { Date?: string; Days?: number; ExpiredObjectDeleteMarker?: boolean };
  Transitions?: { Date?: string; Days?: number; StorageClass?: string }[];
  NoncurrentVersionExpiration?: { NoncurrentDays?: number; NewerNoncurrentVersions?: number };
  NoncurrentVersionTransitions?: { NoncurrentDays?: number; NewerNoncurrentVersions?: number; StorageClass?: string }[];
  AbortIncompleteMultipartUpload?: { DaysAfterInitiation?: number };
}

/** "Lifecycle configuration elements". */
const MAX_RULES = 1000;
const MAX_ID_LENGTH = 255;

const actions = [
  "Expiration",
  "Transitions",
  "NoncurrentVersionExpiration",
  "NoncurrentVersionTransitions",
  "AbortIncompleteMultipartUpload",
] as const;

/** Throws `AwsError` InvalidArgument, InvalidRequest, MalformedXML for rules that S3 would refuse. */
const verifyLifecycleRules = (rules: readonly LifecycleRule[]): void => {
  if (rules.length === 0 || rules.length > MAX_RULES)
    throw errors.malformedXml(`${rules.length} rules, but there must be 1 to ${MAX_RULES}.`);
  const ids = rules.flatMap(({ ID }) => ID ?? []);
  if (new Set(ids).size < ids.length) throw errors.invalidArgument("ID", ids, "a different ID for each rule");
  rules.forEach(verifyRule);
};

const verifyRule = (rule: LifecycleRule) => {
  const { ID = "", Status, Expiration, NoncurrentVersionExpiration, AbortIncompleteMultipartUpload } = rule;
  if (ID.length > MAX_ID_LENGTH) throw errors.invalidArgument("ID", ID, `at most ${MAX_ID_LENGTH} characters`);
  if (Status !== "Enabled" && Status !== "Disabled") throw errors.malformedXml(`Status is ${JSON.stringify(Status)}.`);
  if (actions.every(action => rule[action] === undefined))
    throw errors.invalidRequest("At least one action needs to be specified in a rule");
  if (Object.keys(rule.Filter ?? {}).length > 1) throw errors.malformedXml("want one element in each <Filter>.");
  if (Expiration?.Date !== undefined && !(Date.parse(Expiration.Date) % DAY_MS === 0))
    throw errors.invalidArgument("Date", Expiration.Date, "midnight GMT");
  const days = {
    Days: Expiration?.Days,
    NoncurrentDays: NoncurrentVersionExpiration?.NoncurrentDays,
    DaysAfterInitiation: AbortIncompleteMultipartUpload?.DaysAfterInitiation,
  };
  for (const [name, value] of Object.entries(days))
    if (value !== undefined && !(Number.isInteger(value) && value > 0)) throw errors.invalidArgument(name, value, "a positive integer");
};

const DAY_MS = 86_400_000;

export type { LifecycleRule };
export { DAY_MS, verifyLifecycleRules };
