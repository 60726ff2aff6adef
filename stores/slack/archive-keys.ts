/**
 * The keys under which the archive of messages keeps what workspaces say, one for each. A key lies in the workspace's row of `installations`,
 * wrapped by KMS, and is erased with the row: nobody can read the workspace's archived messages then.
 */
import { randomUUID } from "node:crypto";
import { DecryptCommand, GenerateDataKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import type { DataKey } from "#core/message/archived-message";
import type { KmsKeyArn } from "#core/named";
import { PATIENT_LIMITS } from "#stores/request-limits";
import { createInstallationsTable, type InstallationsSettings, type InstallationsTable, type WrappedKey } from "./installations-table";

interface ArchiveKeysSettings extends InstallationsSettings {
  archiveKeyArn: KmsKeyArn;
}

/** An unwrapped key, and until when it stays in memory. */
interface Known {
  key: DataKey;
  untilMs: number;
}

const CACHE_MS = 300_000;

class ArchiveKeys {
  /** By the key's id. */
  readonly #known = new Map<string, Known>();

  constructor(
    private readonly installations: Pick<InstallationsTable, "get" | "addArchiveKey">,
    private readonly kms: KMSClient,
    private readonly keyArn: string,
    private readonly nowMs: () => number = Date.now,
  ) {}

  /** Reads the key of a workspace, or makes one. Undefined for a workspace that is erased. */
  async forTeam(team: string): Promise<DataKey | undefined> {
    const row = await this.installations.get(team);
    if (row === undefined) return undefined;
    const wrapped = row.archive_key ?? (await this.add(team));
    return wrapped && this.unwrap(team, wrapped);
  }

  /** Finds the key of a record, wrapped. Undefined if its workspace was erased, also if it has come back since. */
  async find(team: string, id: string): Promise<WrappedKey | undefined> {
    const { archive_key: wrapped } = (await this.installations.get(team)) ?? {};
    return wrapped?.id === id ? wrapped : undefined;
  }

  async unwrap(team: string, { id, wrapped }: WrappedKey): Promise<DataKey> {
    const known = this.#known.get(id);
    if (known !== undefined && this.nowMs() < known.untilMs) return known.key;
    const { Plaintext } = await this.kms.send(
      new DecryptCommand({ KeyId: this.keyArn, CiphertextBlob: Buffer.from(wrapped, "base64"), EncryptionContext: { team } }),
    );
    const key = { id, bytes: Plaintext! };
    this.#known.set(id, { key, untilMs: this.nowMs() + CACHE_MS });
    return key;
  }

  /** Of several that are made at the same time, the first one stays. */
  private async add(team: string): Promise<WrappedKey | undefined> {
    const { CiphertextBlob } = await this.kms.send(
      new GenerateDataKeyCommand({ KeyId: this.keyArn, KeySpec: "AES_256", EncryptionContext: { team } }),
    );
    return this.installations.addArchiveKey(team, { id: randomUUID(), wrapped: Buffer.from(CiphertextBlob!).toString("base64") });
  }
}

/** Creates the store and its clients. */
const createArchiveKeys = ({ installationsTable, archiveKeyArn }: ArchiveKeysSettings): ArchiveKeys =>
  new ArchiveKeys(
    createInstallationsTable(installationsTable),
    new KMSClient({ maxAttempts: 5, requestHandler: PATIENT_LIMITS }),
    archiveKeyArn,
  );

export type { ArchiveKeysSettings };
export { ArchiveKeys, createArchiveKeys };
