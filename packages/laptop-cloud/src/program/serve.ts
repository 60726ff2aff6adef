import { resolve } from "node:path";
import type { CodeBuilder } from "../code-builder";
import type { Resource } from "../kernel/inventory";
import { resourceServices } from "../resource-services";
import { hashOf } from "./asset-hash";
import { findEntryPoint, listLoadedFiles, loadProgram } from "./load";
import { PROGRAM_VARIABLE, type ProgramAnswer, type ProgramResult, type ProgramTask, type SentError } from "./program-process";
import { runProgram } from "./run";

/** Runs the program once, in a process that `ProgramProcess` has started, and ends the process. */
const serveProgram = (code?: CodeBuilder) => {
  // Child processes of the program must not inherit this.
  delete process.env[PROGRAM_VARIABLE];
  process.once("disconnect", () => process.exit(1));
  // Ctrl-C reaches the whole process group. The laptop ends this process.
  process.on("SIGINT", () => {});
  process.once("message", (task: ProgramTask) => {
    // An open channel keeps the process alive, and would hide a program that waits for nothing.
    process.channel?.unref();
    void answer(task);
  });
  code?.prepare?.();
};

const answer = async (task: ProgramTask) => {
  const send = (outcome: { result: ProgramResult } | { error: SentError }) => {
    const message: ProgramAnswer = { files: listLoadedFiles(), ...outcome };
    process.send!(message, () => process.exit(0));
  };
  try {
    send({ result: await run(task) });
  } catch (error) {
    send({ error: toSent(error) });
  }
};

const run = async ({ folder, config, place }: ProgramTask): Promise<ProgramResult> => {
  const entryPoint = findEntryPoint(folder);
  const load = () => loadProgram(entryPoint);
  const { inventory, outputs, secretOutputs } = await runProgram({ config, services: resourceServices, place, load });
  const resources = inventory.resources.map(resource => toPlain(withFolder(resource), entryPoint.home));
  return { resources: await Promise.all(resources), outputs, secretOutputs };
};

/** Makes an archive of a folder that is only a path, so that its edits are noticed. */
const withFolder = (resource: Resource): Resource => {
  const input = resourceServices.find(({ resources }) => resources[resource.type])?.resources[resource.type]?.folder;
  if (input === undefined) return resource;
  const archive = { __pulumiArchive: true, path: resource.inputs[input] ?? "." };
  return { ...resource, inputs: { ...resource.inputs, [input]: archive } };
};

/** A resource without promises and objects of classes, which can't be sent: assets and archives hold both. */
const toPlain = async (resource: Resource, home: string): Promise<Resource> => {
  // The outputs repeat the inputs: an archive is sent once.
  const known = new Map<unknown, Promise<unknown>>();
  const plain = (value: unknown): Promise<unknown> => {
    const found = known.get(value) ?? toPlainValue(value, plain, home);
    known.set(value, found);
    return found;
  };
  const [inputs, outputs] = await Promise.all([plain(resource.inputs), plain(resource.outputs)]);
  return { ...resource, inputs: inputs as Resource["inputs"], outputs: outputs as Resource["outputs"] };
};

const toPlainValue = async (value: unknown, plain: (value: unknown) => Promise<unknown>, home: string): Promise<unknown> => {
  const settled = await value;
  if (Array.isArray(settled)) return Promise.all(settled.map(plain));
  if (typeof settled === "function" || typeof settled === "symbol") return undefined;
  if (typeof settled !== "object" || settled === null || Buffer.isBuffer(settled)) return settled;
  const marks = ["__pulumiAsset", "__pulumiArchive"].filter(mark => mark in settled).map(mark => [mark, true] as const);
  const entries = Object.entries(settled).map(async ([key, inner]) => [key, await plain(inner)] as const);
  const object = Object.fromEntries([...(await Promise.all(entries)), ...marks]);
  return marks.length > 0 && typeof object["path"] === "string" ? fromDisk(object, resolve(home, object["path"])) : object;
};

/** An asset or archive with its absolute path, and a hash that differs when its contents differ. */
const fromDisk = async (asset: object, path: string) => ({ ...asset, path, hash: await hashOf(path) });

/** Pulumi names the property of each resource on the way, up to thousands of characters before the reason. */
const WAY_TO_REASON = /^(error serializing property "[^"]*": )+/;

const toSent = (error: unknown): SentError => {
  if (!(error instanceof Error)) return { name: "Error", message: String(error) };
  const { name, stack } = error;
  const message = error.message.replace(WAY_TO_REASON, "");
  return { name, message, ...(stack === undefined ? {} : { stack }) };
};

export { serveProgram };
