import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { deflateRawSync } from "node:zlib";
import type * as pulumi from "@pulumi/pulumi";

/** The Node.js that artefacts are run on: the one that Lambda declares, where CI brings it along, or else this one. */
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

/** Bytes of a zip's bookkeeping for each file besides its name, twice; and for the whole (PKWARE APPNOTE, 4.3). */
const zipEntryBytes = 30 + 46;
const zipEndBytes = 22;

/** The size of the archive as a zip, bytes. */
const zippedBytes = (texts: Record<string, string>) =>
  Object.entries(texts).reduce(
    (sum, [file, text]) => sum + deflateRawSync(text).length + zipEntryBytes + 2 * Buffer.byteLength(file),
    zipEndBytes,
  );

/** Loads the artefact as Lambda does and calls it with one event; prints what it returns behind a mark, since functions print too. */
const caller = `
  const { handler } = require(process.argv[1] + "/__index.js");
  Promise.resolve(handler(JSON.parse(process.argv[2]), { awsRequestId: "artefact-test" })).then(
    result => console.log("\\u0001" + JSON.stringify(result === undefined ? null : result)),
    error => { console.error(error); process.exitCode = 1; },
  );`;

/** Calls an unpacked artefact in a process of its own, with these variables and no others. Throws with what it printed when it fails. */
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
