#!/usr/bin/env node
/** `laptop-cloud`: runs the Pulumi program of the working directory, or of `--program`. Only the packed package has it. */
import { existsSync } from "node:fs";
import Module from "node:module";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { register } from "ts-node";

/** Node does not publish the type of its own function. */
type ResolveFilename = (request: string, parent: unknown, isMain: boolean, options?: { paths: string[] }) => string;

/** What Pulumi's own host sets for a program without a tsconfig.json. */
const COMPILER_OPTIONS = { target: "ES2020", module: "nodenext", moduleResolution: "nodenext", sourceMap: true };

const readProgram = (): string => {
  const { program } = parseArgs({ strict: false, options: { program: { type: "string" } } }).values;
  return resolve(typeof program === "string" ? program : ".");
};

const registerTypeScript = (program: string) => {
  const project = join(program, "tsconfig.json");
  register({
    cwd: program,
    compiler: require.resolve("typescript"),
    transpileOnly: true,
    transpiler: require.resolve("../transpiler.cjs"),
    ...(existsSync(project) ? { project } : { skipProject: true, compilerOptions: COMPILER_OPTIONS }),
  });
};

/** Loads the program's copy of @pulumi/pulumi everywhere. The mocks of another copy would not see the program's resources. */
const sharePulumi = (program: string) => {
  const internals = Module as unknown as { _resolveFilename: ResolveFilename };
  const resolveFilename = internals._resolveFilename;
  internals._resolveFilename = (request, parent, isMain, options) =>
    resolveFilename(request, parent, isMain, /^@pulumi\/pulumi(\/|$)/.test(request) ? { paths: [program] } : options);
};

const program = readProgram();
registerTypeScript(program);
sharePulumi(program);
// Loaded only now, because it imports @pulumi/pulumi.
(require("./run-command") as typeof import("./run-command")).runCommand();
