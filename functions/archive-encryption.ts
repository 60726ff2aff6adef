/**
 * Transforms the records that Firehose archives, if the stack serves many workspaces: encrypts each message with its workspace's own key, which is
 * erased with the workspace (ADR 74).
 *
 * If this function reported a record as failed, Firehose would write it to the bucket unencrypted. So a record whose key can't be read or made
 * becomes a dead letter, which `npm run redrive` puts into the stream again. Messages of a workspace that was erased in the meantime are dropped.
 */
import { BadEnvelope } from "#core/errors";
import { createLog, type Log } from "#core/log";
import { type DataKey, encryptRecord, isPlain, parseRecord, readId } from "#core/message/archived-message";
import { readTeamOf } from "#core/message/message";
import type { QueueUrl } from "#core/named";
import { runSideBySide } from "#core/side-by-side";
import { createDeadLetters, type DeadLetters } from "#stores/dead-letters";
import { type ArchiveKeys, type ArchiveKeysSettings, createArchiveKeys } from "#stores/slack/archive-keys";

interface ArchiveEncryptionSettings {
  keys: ArchiveKeysSettings;
  deadLettersUrl: QueueUrl;
}

/** A batch of records. `data` is base64. Source: https://docs.aws.amazon.com/firehose/latest/dev/data-transformation-status-model.html */
interface Batch {
  records: { recordId: string; data: string }[];
}

type Outcome = { result: "Ok"; data: string } | { result: "Dropped" };

interface TransformedBatch {
  records: ({ recordId: string } & Outcome)[];
}

interface ArchiveEncryptionParts {
  keys: Pick<ArchiveKeys, "forTeam">;
  deadLetters: Pick<DeadLetters, "send">;
  log: Pick<Log, "info" | "error">;
}

const RECORDS_AT_ONCE = 10;

const DROPPED: Outcome = { result: "Dropped" };

class ArchiveEncryption {
  constructor(private readonly parts: ArchiveEncryptionParts) {}

  /** Throws if a record can be neither encrypted nor kept as a dead letter. Firehose then tries the whole batch again. */
  async handle({ records }: Batch): Promise<TransformedBatch> {
    const keys = new Map<string, Promise<DataKey | undefined>>();
    const outcomes = new Map<string, Outcome>();
    await runSideBySide(records, RECORDS_AT_ONCE, async ({ recordId, data }) => {
      outcomes.set(recordId, await this.transform(Buffer.from(data, "base64").toString(), keys));
    });
    return { records: records.map(({ recordId }) => ({ recordId, ...outcomes.get(recordId)! })) };
  }

  private async transform(line: string, keys: Map<string, Promise<DataKey | undefined>>): Promise<Outcome> {
    try {
      const encrypted = await this.encrypt(line, keys);
      return encrypted === undefined ? DROPPED : { result: "Ok", data: Buffer.from(`${encrypted}\n`).toString("base64") };
    } catch (error) {
      await this.parts.deadLetters.send(line, (error as Error).message);
      return DROPPED;
    }
  }

  /** Returns the line to archive; undefined if the workspace is erased. */
  private async encrypt(line: string, keys: Map<string, Promise<DataKey | undefined>>): Promise<string | undefined> {
    const record = parseRecord(line);
    const id = record && readId(record);
    if (record === undefined || id === undefined || !isPlain(record))
      throw new BadEnvelope("The record is not an SNS notification of a message.");
    const team = readTeamOf(id);
    const finding = keys.get(team) ?? this.findKey(team);
    keys.set(team, finding);
    const key = await finding;
    return key && JSON.stringify(encryptRecord(record, id, key));
  }

  /** Once for each workspace of a batch. */
  private async findKey(team: string): Promise<DataKey | undefined> {
    try {
      const key = await this.parts.keys.forTeam(team);
      if (key === undefined) this.parts.log.info("dropped: the workspace is erased", { team });
      return key;
    } catch (error) {
      this.parts.log.error("not encrypted: the messages become dead letters", error, { team });
      throw error;
    }
  }
}

/** Creates the function. */
const create = ({ keys, deadLettersUrl }: ArchiveEncryptionSettings): ((batch: Batch) => Promise<TransformedBatch>) => {
  const encryption = new ArchiveEncryption({
    keys: createArchiveKeys(keys),
    deadLetters: createDeadLetters(deadLettersUrl),
    log: createLog("archive-encryption"),
  });
  return batch => encryption.handle(batch);
};

export type { ArchiveEncryptionSettings, Batch, TransformedBatch };
export { ArchiveEncryption, create };
