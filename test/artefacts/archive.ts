import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
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

/** Loads an archive as Lambda does, and calls it with one event. Only its own variables are in its environment while it runs. */
const caller = `
  process.on("message", async ({ folder, event, variables }) => {
    for (const name of Object.keys(process.env)) delete process.env[name];
    Object.assign(process.env, variables);
    process.chdir(folder);
    try {
      const result = await require(folder + "/__index.js").handler(event, { awsRequestId: "artefact-test" });
      process.send({ result: result === undefined ? null : result });
    } catch (error) {
      process.send({ error: require("node:util").inspect(error) });
    }
  });`;

/** Calls unpacked archives one after another in a process of `artefactNode`, because the start of a process takes as long as a call. */
class ArtefactProcess {
  #child: ChildProcess | undefined;
  #printed = "";

  /** Calls an archive with only these variables. If it fails or ends the process, throws with its output. */
  async call(folder: string, event: unknown, variables: Record<string, string>): Promise<unknown> {
    this.#printed = "";
    this.#child ??= this.#start();
    const child = this.#child;
    const answer = new Promise<{ result?: unknown; error?: string }>(resolve => {
      child.once("message", resolve);
      child.once("close", (code, signal) => resolve({ error: `the process ended with ${code ?? signal}` }));
    });
    child.send({ folder, event, variables });
    const { result, error } = await answer.finally(() => child.removeAllListeners("message"));
    if (error !== undefined) throw new Error(`the artefact in ${folder} failed: ${error}; it printed: ${this.#printed}`);
    return result;
  }

  stop() {
    this.#child?.kill();
  }

  #start() {
    const child = spawn(artefactNode, ["-e", caller], { env: {}, stdio: ["ignore", "pipe", "pipe", "ipc"] });
    for (const stream of [child.stdout!, child.stderr!])
      stream.on("data", chunk => {
        this.#printed += chunk;
      });
    child.once("close", () => {
      this.#child = undefined;
    });
    child.setMaxListeners(0);
    return child;
  }
}

export { ArtefactProcess, artefactNode, readArchive, unpack, zippedBytes };
