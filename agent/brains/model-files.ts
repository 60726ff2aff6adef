/**
 * The shared files that a model gets. The choice of files and formats is made once per task, and checkpointed without the bytes. A worker that
 * resumes the task reads the files again, and leaves out those that have changed.
 */
import type { ContentBlock, DocumentFormat, ImageFormat } from "@aws-sdk/client-bedrock-runtime";
import type { TurnFile } from "#core/agent/conversation";
import { findFormat, LIMITS, type ModelFormat, type ModelKind } from "#core/agent/model-file";
import type { FileRead, Tools } from "../brain";

/** A type rather than an interface, so that the compiler accepts it as JSON, which a step returns. */
type FileChoice = TurnFile & ({ given: GivenAs } | { reason: string });
type Unlabelled = TurnFile & ({ given: Omit<GivenAs, "label"> } | { reason: string });

/** The form in which the model gets a file. The prompt calls the file by its label. */
type GivenAs = Pick<ModelFormat, "kind" | "format"> & { label: string; sha256: string };

/** What still fits into a request: files of each kind, and bytes. */
type Room = Record<ModelKind | "bytes", number>;

/** Bedrock limits requests to some 20 MB, in Base64. A worker has 512 MB of memory for up to four tasks. */
const MAX_TOTAL_BYTES = 10_000_000;

const LABELS: Record<ModelKind, string> = { picture: "Picture", document: "Document" };

/** Longer than a download may take. */
const MAX_READ_MS = 60_000;

/** More than a model can get, and few enough for a checkpoint. */
const MAX_LISTED = 50;

class ModelFiles {
  readonly #bytes = new Map<string, Uint8Array>();

  constructor(
    private readonly files: readonly TurnFile[],
    private readonly tools: Pick<Tools, "readFile">,
    private readonly maxReadMs = MAX_READ_MS,
  ) {}

  /** Chooses the latest files that fit into the model's limits. Every other file gets a reason. */
  async choose(signal: AbortSignal): Promise<FileChoice[]> {
    const room: Room = { picture: LIMITS.picture.files, document: LIMITS.document.files, bytes: MAX_TOTAL_BYTES };
    const chosen: Unlabelled[] = [];
    // A file may be shared twice.
    const files = [...new Map(this.files.map(file => [file.id, file])).values()].slice(-MAX_LISTED);
    for (const { id, name, mimetype, sizeBytes } of files.toReversed()) {
      const read = await this.read({ id, mimetype, sizeBytes }, room, signal);
      chosen.unshift({ id, name, mimetype, sizeBytes, ...this.take(id, read, room) });
    }
    return labelInOrder(chosen);
  }

  /** Reads a file. If its type and size in Slack already show that there is no room, returns the reason instead. */
  private async read({ id, mimetype, sizeBytes }: Omit<TurnFile, "name">, room: Room, signal: AbortSignal): Promise<FileRead> {
    const kind = findFormat(mimetype)?.kind;
    const full = kind && findExcess(kind, sizeBytes ?? 0, room);
    return full === undefined ? this.readSoon(id, signal) : { reason: full };
  }

  /** Reads a file, while the gateway repeats what Slack's file host refuses. One file must not make the task fail. */
  private async readSoon(id: string, signal: AbortSignal): Promise<FileRead> {
    const limit = AbortSignal.timeout(this.maxReadMs);
    try {
      return await this.tools.readFile(id, AbortSignal.any([signal, limit]));
    } catch (error) {
      signal.throwIfAborted();
      if (!limit.aborted) throw error;
      return { reason: `it could not be read within ${this.maxReadMs / 1000} s.` };
    }
  }

  private take(id: string, read: FileRead, room: Room): { given: Omit<GivenAs, "label"> } | { reason: string } {
    if ("reason" in read) return read;
    const { bytes, sha256, ...format } = read;
    const { kind } = format;
    const full = findExcess(kind, bytes.length, room);
    if (full !== undefined) return { reason: full };
    room[kind] -= 1;
    room.bytes -= bytes.length;
    this.#bytes.set(id, bytes);
    return { given: { ...format, sha256 } };
  }

  async buildBlocks(choices: readonly FileChoice[], signal: AbortSignal): Promise<ContentBlock[]> {
    const blocks: ContentBlock[] = [];
    for (const choice of choices) if ("given" in choice) blocks.push(...(await this.build(choice.id, choice.given, signal)));
    return blocks;
  }

  private async build(id: string, given: GivenAs, signal: AbortSignal): Promise<ContentBlock[]> {
    const bytes = this.#bytes.get(id) ?? (await this.readAgain(id, given, signal));
    if (bytes === undefined) return [{ text: `${given.label} can't be read any more.` }];
    this.#bytes.set(id, bytes);
    if (given.kind === "picture")
      return [{ text: `${given.label}:` }, { image: { format: given.format as ImageFormat, source: { bytes } } }];
    // The label, because the model may take the name of a file for an instruction.
    return [{ document: { name: given.label, format: given.format as DocumentFormat, source: { bytes } } }];
  }

  private async readAgain(id: string, { sha256 }: GivenAs, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const read = await this.readSoon(id, signal);
    return "reason" in read || read.sha256 !== sha256 ? undefined : read.bytes;
  }
}

/** Numbers the files of each kind in the order in which they were shared. */
const labelInOrder = (chosen: readonly Unlabelled[]): FileChoice[] => {
  const counts: Record<ModelKind, number> = { picture: 0, document: 0 };
  return chosen.map(choice => {
    if (!("given" in choice)) return choice;
    const { kind } = choice.given;
    counts[kind] += 1;
    return { ...choice, given: { ...choice.given, label: `${LABELS[kind]} ${counts[kind]}` } };
  });
};

/** Says why there is no room for a file. */
const findExcess = (kind: ModelKind, sizeBytes: number, room: Room): string | undefined => {
  if (room[kind] === 0) return `the model gets only the latest ${LIMITS[kind].files} ${kind}s.`;
  return sizeBytes > room.bytes ? `the model gets at most ${MAX_TOTAL_BYTES} bytes of files, the latest first.` : undefined;
};

const describeFiles = (choices: readonly FileChoice[]): string =>
  choices
    .map(choice => {
      const { name, mimetype, sizeBytes } = choice;
      const about = `${name} (${mimetype || "unknown type"}, ${sizeBytes ?? "unknown"} bytes)`;
      return "given" in choice
        ? `${about}: given as ${choice.given.label}`
        : `${about}: not given, because ${choice.reason.replace(/\.$/, "")}`;
    })
    .join("; ");

export type { FileChoice };
export { describeFiles, ModelFiles };
