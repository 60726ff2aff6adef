import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { isObject, isObjectText } from "../kernel/json";

/** A stack's configuration as the engine passes it to the program: text by `project:key`, structured values as JSON. */
interface StackConfig {
  project: string;
  stack: string;
  values: Record<string, string>;
  /** Full keys of the values that are secrets. */
  secretKeys: string[];
}

/** A key under `config:` in `Pulumi.yaml`: a value, or an object with a default or a value. */
interface Declared {
  default?: unknown;
  value?: unknown;
  secret?: unknown;
}

/** `--config KEY=VALUE` */
interface Override {
  /** `KEY` in the project's namespace, or `NAMESPACE:KEY`. Dots lead to a property of a structured value: `server.port`. */
  key: string;
  value: string;
}

/** New regions appear every year, so only the form is checked. */
const REGION = /^[a-z]{2,}(-[a-z]+)+-\d+$/;

/**
 * Reads `Pulumi.yaml` and `Pulumi.STACK.yaml` in a program's folder, and applies the overrides in order. A key that the stack does not
 * set has the value or default that `Pulumi.yaml` declares. `${NAME}` in a value is replaced by the variable.
 *
 * If the stack has no file, only the declared values and the overrides count. Throws an `Error` that names the file for a missing
 * `Pulumi.yaml` or one without a name, a program in another language, a file that is not YAML, a declared key without a value, a secret that only the Pulumi CLI can decrypt, an unknown variable, and a value that is not shaped like a region.
 */
const readStackConfig = (folder: string, stack: string, variables: Record<string, string>, overrides: Override[] = []): StackConfig => {
  const projectFile = join(folder, "Pulumi.yaml");
  const stackFile = join(folder, `Pulumi.${stack}.yaml`);
  const { name, runtime, config } = readYaml(projectFile);
  const project = checkProject(projectFile, name, runtime);
  const declared = withFullKeys(project, config).map(([key, value]) => [key, asDeclared(value)] as const);
  const set = new Map(withFullKeys(project, existsSync(stackFile) ? readYaml(stackFile)["config"] : {}));
  const given = new Map([...declared.map(([key, { default: fallback, value = fallback }]) => [key, value] as const), ...set]);
  const overridden = new Set(overrides.map(override => applyOverride(given, project, override)));
  const values: Record<string, string> = {};
  for (const [key, value] of given) {
    if (value === undefined) {
      throw missing(stackFile, key, "Pulumi.yaml declares without a default");
    }
    const where = overridden.has(key) ? `--config ${key}` : `${set.has(key) ? stackFile : projectFile}: ${key}`;
    if (isEncrypted(value)) {
      throw new Error(
        `${where} is encrypted, and only the Pulumi CLI can read it. Give the laptop's stack a harmless value in plain text.`,
      );
    }
    const text = substitute(typeof value === "string" ? value : JSON.stringify(value), variables, where);
    if (key === "aws:region" && !REGION.test(text))
      throw new Error(`${where} is ${JSON.stringify(text)}, but must be a region of AWS, such as eu-west-1.`);
    values[key] = text;
  }
  return { project, stack, values, secretKeys: declared.filter(([, { secret }]) => secret === true).map(([key]) => key) };
};

/** Returns the project's name. A program in another language would look like one that declares nothing. */
const checkProject = (file: string, name: unknown, runtime: unknown): string => {
  if (typeof name !== "string" || name === "") throw new Error(`${file} has no name, which Pulumi needs.`);
  const language = isObject(runtime) ? runtime["name"] : runtime;
  if (language !== undefined && language !== "nodejs")
    throw new Error(`The runtime in ${file} is ${JSON.stringify(language)}: the laptop cloud runs "nodejs" only.`);
  return name;
};

const missing = (stackFile: string, key: string, why: string) =>
  new Error(`${stackFile} does not set ${key}, which ${why}. Set it there, or start with --config ${key}=VALUE.`);

const withFullKeys = (project: string, config: unknown): [fullKey: string, value: unknown][] =>
  Object.entries(isObject(config) ? config : {}).map(([key, value]) => [fullKeyOf(project, key), value]);

const asDeclared = (value: unknown): Declared => (isObject(value) ? value : { value });

const fullKeyOf = (project: string, key: string) => (key.includes(":") ? key : `${project}:${key}`);

/** Returns the full key. Throws `Error` if the path leads into a value without properties. */
const applyOverride = (given: Map<string, unknown>, project: string, { key, value }: Override): string => {
  const [name, ...path] = key.split(".") as [string, ...string[]];
  const fullKey = fullKeyOf(project, name);
  given.set(fullKey, override(given.get(fullKey), path, value, `--config ${key}=${value}`));
  return fullKey;
};

/** Parses `text` like the value that it replaces. */
const override = (before: unknown, [property, ...rest]: string[], text: string, where: string): unknown => {
  if (property === undefined) return readLike(before, text);
  // A structured value that was overridden as a whole is still text.
  const object = typeof before === "string" && isObjectText(before) ? (JSON.parse(before) as unknown) : (before ?? {});
  if (!isObject(object)) throw new Error(`${where}: there is no property ${property} in ${JSON.stringify(before)}.`);
  const inner = Object.hasOwn(object, property) ? object[property] : undefined;
  return { ...object, [property]: rest.length === 0 ? readProperty(inner, text) : override(inner, rest, text, where) };
};

/** Whole values are text, as in Pulumi. Lists may also be separated by commas. */
const readLike = (before: unknown, text: string): unknown =>
  Array.isArray(before) && !text.trimStart().startsWith("[") ? splitList(text) : text;

/** Properties of structured values have types, as in `pulumi config set --path`. */
const readProperty = (before: unknown, text: string): unknown => {
  const value = readLike(before, text);
  return typeof before === "string" || typeof value !== "string" || !/^(true|false|0|-?[1-9]\d{0,14})$/.test(text)
    ? value
    : (JSON.parse(text) as unknown);
};

/** Pulumi's error about a setting that the program requires, with the laptop's way to set it. */
const explainMissing = (error: Error, folder: string, stack: string): Error => {
  const key = /^Missing required configuration variable '([^']+)'/.exec(error.message)?.[1];
  return key === undefined ? error : missing(join(folder, `Pulumi.${stack}.yaml`), key, "the program requires");
};

/** Names the override that an error is about, if any. Removes advice to run `pulumi config`, which would change another stack. */
const explainOverride = (error: Error, project: string, overrides: Override[]): Error => {
  const named = new Set(error.message.split(/[\s'"`,;]+/));
  const about = overrides.findLast(({ key }) => named.has(fullKeyOf(project, key.split(".")[0]!)));
  if (about === undefined) return error;
  const reason = error.message.replace(/ \w+ it with: pulumi config .*$/s, "");
  return new Error(`--config ${about.key}=${JSON.stringify(about.value)} is refused: ${reason}`, { cause: error });
};

const splitList = (text: string): string[] =>
  text
    .split(",")
    .map(item => item.trim())
    .filter(item => item !== "");

const isEncrypted = (value: unknown) => typeof value === "object" && value !== null && "secure" in value;

const substitute = (text: string, variables: Record<string, string>, where: string) =>
  text.replace(/\$\{([^}]*)\}/g, (_, name: string) => {
    const value = variables[name];
    if (value === undefined) throw new Error(`${where} names \${${name}}: there is ${describeVariables(Object.keys(variables))}.`);
    return value;
  });

const describeVariables = (names: string[]) => (names.length === 0 ? "no variable" : names.map(name => `\${${name}}`).join(", "));

const readYaml = (file: string): Record<string, unknown> => {
  if (!existsSync(file)) throw new Error(`${file} is missing.`);
  const document = parseDocument(readFileSync(file, "utf8"));
  const [problem] = document.errors;
  if (problem !== undefined) throw new Error(`${file} is not YAML: ${problem.message.split("\n")[0]!.replace(/:$/, ".")}`);
  const value: unknown = document.toJS();
  return isObject(value) ? value : {};
};

export type { Override, StackConfig };
export { explainMissing, explainOverride, readStackConfig };
