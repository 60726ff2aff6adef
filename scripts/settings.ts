/** `npm run settings`: writes the definitions of `components/settings/settings.ts` into Pulumi.yaml, and their sentences into the stacks' files. */
import { parse, parseDocument, Scalar, type YAMLMap } from "yaml";
import { type Definition, definitionOf, isKey, KEYS, type Key } from "../components/settings/settings";
import { defineScript, runScript } from "./command-line";
import { readText, type Texts, writeFiles } from "./write-files";

/** Rebuilds Pulumi.yaml with the required version of the CLI, and with the type, default and description of each key. */
const buildProjectFile = (text: string): string => {
  const document = parseDocument(text);
  const version = document.createPair<Scalar, Scalar>("requiredPulumiVersion", quoted(`>=${OLDEST_CLI}`));
  version.key.commentBefore = " Written by `npm run settings`, from scripts/settings.ts and components/settings/settings.ts (ADR 22).";
  const config = document.createPair("config", Object.fromEntries(KEYS.map(key => [key, declare(definitionOf(key))])));
  for (const { key } of [version, config]) document.delete(key);
  for (const pair of [version, config]) document.add(pair);
  return document.toString({ lineWidth: 0 });
};

/**
 * The oldest CLI that reads `config:` in Pulumi.yaml. The SDK may be newer than the CLI.
 * Source: https://www.pulumi.com/docs/iac/concepts/projects/project-file/
 */
const OLDEST_CLI = "3.44.0";

/** An empty default stands for "not set": the CLI refuses a stack that does not set a key without a default. */
const declare = ({ type, description, default: fallback = "", isSecret }: Definition) => ({
  ...(type === undefined ? {} : { type }),
  description,
  ...(isSecret ? { secret: true } : {}),
  // YAML 1.1, which the CLI reads, has more words for booleans: off is one.
  default: typeof fallback === "string" ? quoted(fallback) : fallback,
});

const quoted = (text: string): Scalar => {
  const scalar = new Scalar(text);
  scalar.type = Scalar.QUOTE_DOUBLE;
  return scalar;
};

/** Rebuilds a stack's file with the description of each key above the key. With `explainsAll`, also describes keys that are not set. */
const buildStackFile = (text: string, project: string, explainsAll: boolean): string => {
  const document = parseDocument(text);
  const config = document.get("config") as YAMLMap<Scalar<string>>;
  const others = config.items.filter(({ key }) => keyOf(key.value, project) === undefined);
  const own = new Map(config.items.map(pair => [keyOf(pair.key.value, project), pair]));
  const comments: string[] = [];
  config.items = others;
  for (const key of KEYS) {
    const { description } = definitionOf(key);
    const pair = own.get(key);
    if (pair !== undefined) {
      pair.key.commentBefore = [...comments.splice(0), wrap(description)].join("\n");
      config.items.push(pair);
    } else if (explainsAll) comments.push(wrap(`${project}:${key}: ${description}`));
  }
  config.comment = comments.join("\n");
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
};

const keyOf = (fullKey: string, project: string): Key | undefined => {
  const key = fullKey.slice(project.length + 1);
  return fullKey.startsWith(`${project}:`) && isKey(key) ? key : undefined;
};

/** Breaks a comment into lines. Each begins with a space, which stands after the `#`. */
const wrap = (text: string): string =>
  text
    .match(/\S.{0,130}(?=\s|$)/g)!
    .map(line => ` ${line}`)
    .join("\n");

const buildFiles = (): Texts => {
  const project = readText("Pulumi.yaml");
  const { name } = parse(project) as { name: string };
  return new Map([
    ["Pulumi.yaml", buildProjectFile(project)],
    ["Pulumi.dev.yaml", buildStackFile(readText("Pulumi.dev.yaml"), name, true)],
    ["Pulumi.prod.yaml", buildStackFile(readText("Pulumi.prod.yaml"), name, true)],
    ["Pulumi.local.yaml", buildStackFile(readText("Pulumi.local.yaml"), name, false)],
  ]);
};

const script = defineScript({
  name: "settings",
  usage: "[--dry-run] [--json]",
  help: `Writes the definitions of components/settings/settings.ts into Pulumi.yaml, and their sentences into the stacks' files.

  --dry-run      lists the files that would change, and changes none`,
  options: { "dry-run": { type: "boolean" } },
  run: ({ options }) => writeFiles(buildFiles(), options["dry-run"]),
});

if (require.main === module) void runScript(script);

export { buildProjectFile, buildStackFile, script };
