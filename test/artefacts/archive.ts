import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { deflateRawSync } from "node:zlib";
import type * as pulumi from "@pulumi/pulumi";

/** The Node.js for the archives: Lambda's version if CI provides it, or else this one. */
const artefactNode = process.env["ARTEFACT_NODE"] ?? process.execPath;

/** An archive's files and their texts. */
const readArchive = async (archive: pulumi.asset.AssetArchive): Promise<Record<string, string>> => {
  const assets = Object.entries(await archive.assets);
  return Object.fromEntries(await Promise.all(assets.map(async ([file, asset]) => [file, await (asset as pulumi.asset.StringAsset).text])));
};

const unpack = async (texts: Record<string, string>, folder: string) => {
  for (const [file, text] of Object.entries(texts)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  }
};

/** Bytes of zip headers per file, plus its name twice, and for the whole archive (PKWARE APPNOTE, 4.3). */
const zipEntryBytes = 30 + 46;
const zipEndBytes = 22;

/** The size of the archive as a zip, in bytes. */
const zippedBytes = (texts: Record<string, string>) =>
  Object.entries(texts).reduce(
    (sum, [file, text]) => sum + deflateRawSync(text).length + zipEntryBytes + 2 * Buffer.byteLength(file),
    zipEndBytes,
  );

/** Loads the archive as Lambda does and calls it with one event. Prints the result after a marker, since functions print too. */
const caller = `
  const { handler } = require(process.argv[1] + "/__index.js");
  Promise.resolve(handler(JSON.parse(process.argv[2]), { awsRequestId: "artefact-test" })).then(
    result => console.log("\\u0001" + JSON.stringify(result === undefined ? null : result)),
    error => { console.error(error); process.exitCode = 1; },
  );`;

/** Calls an unpacked archive in its own process, with only these variables. If it fails, throws with its output. */
const callArtefact = async (folder: string, event: unknown, variables: Record<string, string>): Promise<unknown> => {
  const { stdout } = await promisify(execFile)(artefactNode, ["-e", caller, folder, JSON.stringify(event)], {
    cwd: folder,
    env: variables,
  });
  const result = stdout.split("\u0001")[1];
  if (result === undefined) throw new Error(`the artefact in ${folder} returned nothing; it printed: ${stdout}`);
  return JSON.parse(result);
};

export { artefactNode, callArtefact, readArchive, unpack, zippedBytes };
