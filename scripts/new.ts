/** `npm run new KIND NAME`: adds a subscriber, door, table or pipeline with its tests, from the files in `templates/`. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Script } from "node:vm";
import { defineScript, runScript, UsageError } from "./command-line";
import { formatAll, readText, root, type Texts, writeFiles } from "./write-files";

/** The line of `index.ts` above which the statement goes. */
const ANCHORS = {
  subscriber: "// Operations. The relay ",
  door: "// Subscribers react to each message independently.",
  table: "// The outcomes of background work, for people",
  pipeline: "// Counts a message that begins with a trigger word",
};

type Kind = keyof typeof ANCHORS;

const KINDS = Object.keys(ANCHORS) as Kind[];
const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
/** The names of resources are longer: they also contain the name of the stack, sometimes that of a task, and a random suffix. */
const MAX_NAME_CHARACTERS = 30;

const templates = join(__dirname, "templates");

/** A name in the forms that code uses: `word-count`, `wordCount`, `WordCount`, `WORD_COUNT`. The templates say `sample-name` and so on. */
interface Name {
  kebab: string;
  camel: string;
  pascal: string;
  constant: string;
}

/** Throws `UsageError`. */
const parseKind = (text = ""): Kind => {
  const kind = KINDS.find(each => each === text);
  if (kind === undefined) throw new UsageError(`The kind is ${JSON.stringify(text)}, but must be one of ${KINDS.join(", ")}.`);
  return kind;
};

/** Throws `UsageError`. */
const parseName = (text = ""): Name => {
  if (!NAME.test(text) || text.length > MAX_NAME_CHARACTERS)
    throw new UsageError(
      `The name is ${JSON.stringify(text)}, but must be lower-case words with hyphens between them, such as word-count, with at most ${MAX_NAME_CHARACTERS} characters.`,
    );
  const pascal = text.replace(/(?:^|-)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  const camel = pascal[0]!.toLowerCase() + pascal.slice(1);
  if (!canDeclare(camel) || pascal in globalThis)
    throw new UsageError(`The name ${JSON.stringify(text)} already has a meaning in JavaScript. Choose another.`);
  return { kebab: text, camel, pascal, constant: text.replaceAll("-", "_").toUpperCase() };
};

/** Tells whether a module can declare a constant of this name. */
const canDeclare = (name: string): boolean => {
  try {
    new Script(`"use strict"; (exports, require, module, __filename, __dirname) => { const ${name} = 0; };`);
    return true;
  } catch {
    return false;
  }
};

const fill = (text: string, { kebab, camel, pascal, constant }: Name): string =>
  text
    .replaceAll("sample-name", kebab)
    .replaceAll("sampleName", camel)
    .replaceAll("SampleName", pascal)
    .replaceAll("SAMPLE_NAME", constant);

/** Reads the templates of a kind, by their paths in the project. */
const readTemplates = (kind: Kind): Map<string, string> => {
  const folder = join(templates, kind);
  return new Map(sourcesBelow(folder).map(file => [file, readText(join("scripts/templates", kind, file))]));
};

const sourcesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter(file => file.endsWith(".ts"))
    .sort();

/** Throws `UsageError` if the program or the templates use the name already. */
const verifyFree = (name: Name, templatesOfKind: Texts, files: Texts): void => {
  const choose = "choose another";
  for (const file of files.keys()) if (existsSync(join(root, file))) throw new UsageError(`${file} exists already: ${choose} name.`);
  const program = ["index.ts", ...sourcesBelow(join(root, "components")).map(file => join("components", file))];
  const literal = new RegExp(`(?:"| /)${name.kebab}"`);
  for (const file of program)
    if (literal.test(readText(file))) throw new UsageError(`The name ${JSON.stringify(name.kebab)} is used in ${file}: ${choose}.`);
  const identifier = new RegExp(`\\b(?:${name.camel}|${name.pascal}|${name.constant})\\b`);
  const code = [readText("index.ts"), ...templatesOfKind.values()].join("\n").replace(/\/\*[\s\S]*?\*\/|\/\/.*|"[^"\n]*"/g, "");
  const [used] = identifier.exec(code) ?? [];
  if (used !== undefined) throw new UsageError(`The code around it uses the name ${used} for something else: ${choose}.`);
};

/** Adds a statement to the program: its imports below the other imports, the rest above the anchor. Throws unless the program has the anchor once. */
const addStatement = (program: string, statement: string, anchor: string): string => {
  const [before, after, ...more] = program.split(`\n${anchor}`);
  if (before === undefined || after === undefined || more.length > 0)
    throw new Error(`index.ts needs one line that begins with ${JSON.stringify(anchor)}: the statement goes above it.`);
  const [imports, added] = splitImports(statement);
  return `${before.replace(LAST_IMPORT, line => `${line}${imports}`)}\n${added.trim()}\n\n${anchor}${after}`;
};

const LAST_IMPORT = /^import .*\n(?![\s\S]*^import )/m;

const splitImports = (text: string): [imports: string, rest: string] => {
  const imports = text.match(/^import .*\n/gm) ?? [];
  return [imports.join(""), text.replace(/^import .*\n/gm, "")];
};

/** Builds the files of something new, and `index.ts` with its statement. Throws `UsageError`. */
const buildFiles = (kind: Kind, name: Name): Texts => {
  const read = readTemplates(kind);
  const made = new Map([...read].filter(([file]) => file !== "index.ts").map(([file, text]) => [fill(file, name), fill(text, name)]));
  verifyFree(name, read, made);
  made.set("index.ts", addStatement(readText("index.ts"), fill(read.get("index.ts")!, name), ANCHORS[kind]));
  return formatAll(made);
};

const script = defineScript({
  name: "new",
  usage: "KIND NAME [--dry-run] [--json]",
  help: `Adds something new to the program: its module, its statement in index.ts, a unit test, and the call of its function in the test of
all artefacts. All tests pass before you change anything.

  subscriber NAME  a function that gets every message: subscribers/NAME.ts
  door NAME        a function that answers POST /NAME, such as a slash command: functions/NAME.ts
  table NAME       a DynamoDB table, its schema and the module that reads and writes it: core/NAME/tables.ts, stores/NAME-table.ts
  pipeline NAME    a pipeline for each file that is put into a bucket: components/features/NAME.ts, functions/NAME/

A name has lower-case words with hyphens between them, such as word-count.

  --dry-run      lists the files, and writes none`,
  options: { "dry-run": { type: "boolean" } },
  maxArguments: 2,
  run: ({ options, arguments: [kind, name] }) => writeFiles(buildFiles(parseKind(kind), parseName(name)), options["dry-run"]),
});

if (require.main === module) void runScript(script);

export { ANCHORS, addStatement, parseName, script };
