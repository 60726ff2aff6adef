/** What the program stores, where, and for how long. */
import type { Resource } from "./access";

interface Content {
  what: string;
  keptFor: string;
}

/** What no resource tells. A table or bucket that is missing here fails the test. */
const CONTENTS: Record<string, Content> = {
  words: {
    what: "Words and hashtags, and how often each was said; for a private conversation, under its id",
    keptFor: "until they are erased",
  },
  boards: {
    what: "Counts of words and hashtags by day and by conversation; also by person, with the person's id, except with `personalBoards: false` or after `/words off`",
    keptFor: "boards of a day: `archiveDays`; of all time: until they are erased; of a person: until `/words forget`",
  },
  seen: {
    what: "Accepted messages with their text, and what was counted of each, so that counts follow edits and deletions",
    keptFor: "texts: `dedupHours` (48 hours); what was counted: `archiveDays` (90 days)",
  },
  installations: {
    what: "Workspaces, who installed the app, their settings, and tokens, encrypted with KMS",
    keptFor: "tokens: until the app is removed; the rest: until it is erased",
  },
  "notifier-receipts": { what: "Which notices were posted where", keptFor: "30 days" },
  dibs: { what: "Turn queues: resources, people's ids, reasons", keptFor: "while the resource exists" },
  "dibs-history": { what: "Past turns, with people's ids", keptFor: "90 days" },
  "dibs-tokens": { what: "SHA-256 of the API's tokens, and their owners", keptFor: "365 days" },
  "dibs-requests": { what: "Answers to commands and clicks", keptFor: "an hour" },
  "documents-files": {
    what: "Names, hashtags, sizes and senders of archived files",
    keptFor: "until they are erased; with `deletedMessages: remove`, until the message is deleted",
  },
  "documents-shares": { what: "Which files each message shared; only with `deletedMessages: remove`", keptFor: "`archiveDays`" },
  "documents-archive": {
    what: "Archived files, each with who shared it where, and the beginning of the message",
    keptFor: "until they are erased; with `deletedMessages: remove`, until the message is deleted",
  },
  "message-archive": {
    what: "Published messages with their text; private ones with `archivePrivate: true` only. With `workspaces: many`, encrypted under each workspace's key",
    keptFor: "`messageArchiveDays` (0, the default: there is no such bucket); what could not be encrypted: 7 days at most",
  },
  "payroll-raw-data": { what: "Uploaded payroll files: names and salaries", keptFor: "until you delete them" },
  "payroll-processed-data": { what: "Rows of payroll files", keptFor: "until you delete them" },
  "payroll-paystubs": { what: "Paystubs", keptFor: "until you delete them" },
  "payroll-reports": { what: "Reports and roll-ups of payrolls", keptFor: "until you delete them" },
  "onboarding-accounts": { what: "Who has an account in which system (an example)", keptFor: "until they are erased" },
  "agent-tasks": {
    what: "Requests to agents with their text, the results of their steps, and what was said in threads with agents",
    keptFor: "30 days",
  },
  "agent-gateway": {
    what: "Which tools agents called, with the outcome; approvals, receipts, limits",
    keptFor: "calls: 90 days, without text; others: 30 days",
  },
};

const TABLE = "aws:dynamodb/table:Table";
const BUCKET = "aws:s3/bucket:Bucket";

const days = (seconds: number) => `${seconds / 86_400} days`;

const describeContent = ({ type, name }: Resource): string => {
  const content = CONTENTS[name];
  if (content === undefined)
    throw new Error(`${name} is stored, but scripts/security/stored.ts doesn't tell what it is: add it to CONTENTS.`);
  return `| ${type === TABLE ? "table" : "bucket"} \`${name}\` | ${content.what} | ${content.keptFor} |`;
};

/** How long all resources of a type keep what they have, by name, so that a different one is told. */
const describeSpans = (resources: readonly Resource[], type: string, span: (inputs: Resource["inputs"]) => string): string[] => {
  const names = new Map<string, Set<string>>();
  for (const { name, inputs } of resources.filter(each => each.type === type)) {
    const text = span(inputs);
    names.set(text, (names.get(text) ?? new Set()).add(name));
  }
  return [...names].map(
    ([text, all]) =>
      `${[...all]
        .sort()
        .map(name => `\`${name}\``)
        .join(", ")} | ${text}`,
  );
};

const buildStored = (resources: readonly Resource[]): string => {
  const stores = [...new Map(resources.filter(({ type }) => type === TABLE || type === BUCKET).map(each => [each.name, each])).values()];
  const queues = describeSpans(resources, "aws:sqs/queue:Queue", inputs => days(inputs["messageRetentionSeconds"] ?? 345_600));
  return [
    "| where | what | kept for |",
    "|---|---|---|",
    ...stores.map(describeContent).sort(),
    ...queues.map(
      line =>
        `| queues ${line.replace(" | ", " | Work to do, or events that failed after all retries; these contain messages' text and notices | ")} |`,
    ),
    "| log groups | One for each function, the API, the pipelines and the agents: ids and numbers; texts of public messages with `logText: true` | `logRetentionDays` (30 days) |",
    "| state machines | Inputs and outputs of each step: names and addresses of files, who shared them, the beginning of the message; no contents of files | 90 days, by AWS |",
  ].join("\n");
};

export { buildStored };
