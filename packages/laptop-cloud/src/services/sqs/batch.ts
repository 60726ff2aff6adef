import { AwsError } from "../../kernel/aws-error";

interface BatchEntry {
  Id: string;
}

interface FailedEntry {
  Id: string;
  SenderFault: boolean;
  Code: string;
  Message: string;
}

/** SQS API reference, SendMessageBatch. */
const MAX_ENTRIES = 10;

/**
 * Processes the entries of a batch in order. A failed entry is reported and does not affect the others.
 *
 * Throws `AwsError` EmptyBatchRequest, TooManyEntriesInBatchRequest, InvalidBatchEntryId, BatchEntryIdsNotDistinct.
 */
const runBatch = async <Entry extends BatchEntry>(entries: unknown, run: (entry: Entry) => Promise<object>) => {
  const checked = parseEntries<Entry>(entries);
  const Successful: object[] = [];
  const Failed: FailedEntry[] = [];
  // Start all entries in order: each changes its queue at once, and then all wait for one write.
  const outcomes = checked.map(entry => settle(entry, run));
  for (const outcome of await Promise.all(outcomes)) {
    if ("failed" in outcome) Failed.push(outcome.failed);
    else Successful.push(outcome.done);
  }
  return { Successful, Failed };
};

type Outcome = { done: object } | { failed: FailedEntry };

const settle = async <Entry extends BatchEntry>(entry: Entry, run: (entry: Entry) => Promise<object>): Promise<Outcome> => {
  try {
    return { done: { Id: entry.Id, ...(await run(entry)) } };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const failed: FailedEntry = { Id: entry.Id, SenderFault: error.status < 500, Code: error.code, Message: error.message };
    return { failed };
  }
};

const parseEntries = <Entry extends BatchEntry>(entries: unknown): Entry[] => {
  if (!Array.isArray(entries) || entries.length === 0)
    throw new AwsError("EmptyBatchRequest", "There should be at least one entry in the request.");
  if (entries.length > MAX_ENTRIES)
    throw new AwsError(
      "TooManyEntriesInBatchRequest",
      `Maximum number of entries per request are ${MAX_ENTRIES}. You have sent ${entries.length}.`,
    );
  const ids = new Set<string>();
  for (const { Id } of entries as Partial<BatchEntry>[]) {
    if (typeof Id !== "string" || !/^[A-Za-z0-9_-]{1,80}$/.test(Id))
      throw new AwsError(
        "InvalidBatchEntryId",
        "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.",
      );
    if (ids.has(Id)) throw new AwsError("BatchEntryIdsNotDistinct", `Id ${Id} repeated.`);
    ids.add(Id);
  }
  return entries as Entry[];
};

export type { BatchEntry };
export { runBatch };
