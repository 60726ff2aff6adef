import { AwsError } from "../../kernel/aws-error";
import type { Bodies, Received } from "./bodies";
import type { StoredChecksum } from "./bucket";
import { type ChecksumAlgorithm, checksumAlgorithms, checksumHeader, checksumMember, isChecksumAlgorithm } from "./checksum";
import { errors } from "./errors";

/** A body as it arrives over HTTP. */
interface IncomingBody {
  chunks: AsyncIterable<Buffer>;
  /** The size that the client announces. */
  sizeBytes?: number;
  /** Filled while the body is read. */
  trailers: Map<string, string>;
  /** Names of the trailers to come. */
  announced: string[];
}

type ChecksumMembers = { [algorithm in ChecksumAlgorithm as `Checksum${algorithm}`]?: string };

interface UploadInput extends ChecksumMembers {
  Body?: IncomingBody | Uint8Array | string;
  ContentMD5?: string;
  ChecksumAlgorithm?: string;
}

interface Upload extends Received {
  checksum?: StoredChecksum;
}

/** "Uploading objects": 5 GB in one request. */
const MAX_UPLOAD_BYTES = 5 * 1024 ** 3;

/**
 * Receives a body into a file, and verifies its size and the checksums in headers and trailers.
 *
 * `asked` is an algorithm that is always computed. Throws `AwsError` BadDigest, EntityTooLarge, IncompleteBody, InvalidDigest.
 */
const receiveUpload = async (bodies: Bodies, input: UploadInput, asked?: ChecksumAlgorithm): Promise<Upload> => {
  const body = toIncomingBody(input.Body);
  if ((body.sizeBytes ?? 0) > MAX_UPLOAD_BYTES) throw errors.entityTooLarge();
  const algorithms = new Set(checksumAlgorithms.filter(algorithm => isNamed(algorithm, input, body)));
  if (asked !== undefined) algorithms.add(asked);
  const received = await bodies.receive(arriving(body.chunks), algorithms);
  try {
    verify(received, body, input);
  } catch (error) {
    await bodies.remove(received.segments);
    throw error;
  }
  const algorithm = asked ?? [...algorithms][0];
  if (algorithm === undefined) return received;
  return { ...received, checksum: { algorithm, value: received.checksums[algorithm]!, type: "FULL_OBJECT" } };
};

const toIncomingBody = (body: UploadInput["Body"] = ""): IncomingBody => {
  if (typeof body === "object" && "chunks" in body) return body;
  const bytes = Buffer.from(body);
  const chunks = (async function* () {
    if (bytes.length > 0) yield bytes;
  })();
  return { chunks, sizeBytes: bytes.length, trailers: new Map(), announced: [] };
};

const isNamed = (algorithm: ChecksumAlgorithm, input: UploadInput, body: IncomingBody) =>
  input.ChecksumAlgorithm === algorithm ||
  input[checksumMember(algorithm)] !== undefined ||
  body.announced.includes(checksumHeader(algorithm));

/** A client that disconnects is not an error of the server. */
async function* arriving(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* chunks;
  } catch (error) {
    if (error instanceof AwsError) throw error;
    throw errors.incompleteBody();
  }
}

const verify = (received: Received, body: IncomingBody, input: UploadInput) => {
  if (body.sizeBytes !== undefined && body.sizeBytes !== received.sizeBytes) throw errors.incompleteBody();
  if (input.ContentMD5 !== undefined) verifyMd5(received.md5, input.ContentMD5);
  for (const algorithm of checksumAlgorithms) {
    const said = input[checksumMember(algorithm)] ?? body.trailers.get(checksumHeader(algorithm));
    if (said !== undefined && said !== received.checksums[algorithm]) throw errors.badDigest(algorithm);
  }
};

const verifyMd5 = (md5: string, said: string) => {
  const digest = Buffer.from(said, "base64");
  if (digest.length !== 16) throw errors.invalidDigest();
  if (digest.toString("hex") !== md5) throw errors.badDigest("Content-MD5");
};

/** Throws `AwsError` InvalidRequest for an algorithm that S3 does not know. */
const parseChecksumAlgorithm = (name: string | undefined): ChecksumAlgorithm | undefined => {
  if (name === undefined || isChecksumAlgorithm(name)) return name;
  throw errors.invalidRequest(
    `Checksum algorithm provided is unsupported: ${name}. Please try again with any of the valid types: ${checksumAlgorithms.join(", ")}`,
  );
};

export type { IncomingBody, UploadInput };
export { parseChecksumAlgorithm, receiveUpload };
