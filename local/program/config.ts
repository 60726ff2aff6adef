import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

/** A stack's configuration as the engine gives it to the program: `project:key` to text, structured values as JSON. */
interface StackConfig {
  project: string;
  stack: string;
  values: Record<string, string>;
  /** Full keys of the values that are secrets. */
  secretKeys: string[];
}

/**
 * Reads `Pulumi.yaml` and `Pulumi.STACK.yaml` of a program's folder. `${NAME}` in a value stands for what `variables` says.
 *
 * A program without a stack of that name has no configuration. Throws with a sentence that names the file for a missing
 * `Pulumi.yaml`, for a secret that only the real engine can decrypt, and for a variable that there is none of.
 */
const readStackConfig = (folder: string, stack: string, variables: Record<string, string>): StackConfig => {
  const project = String((readYaml(join(folder, "Pulumi.yaml")) as { name?: unknown }).name);
  const file = join(folder, `Pulumi.${stack}.yaml`);
  const { config = {} } = (existsSync(file) ? readYaml(file) : {}) as { config?: Record<string, unknown> };
  const secretKeys: string[] = [];
  const values: Record<string, string> = {};
  for (const [key, value] of Object.entries(config)) {
    const fullKey = key.includes(":") ? key : `${project}:${key}`;
    if (isEncrypted(value)) {
      throw new Error(
        `${file}: ${fullKey} is encrypted, and only the Pulumi CLI can read it. Give the laptop's stack a harmless value in plain text.`,
      );
    }
    values[fullKey] = substitute(typeof value === "string" ? value : JSON.stringify(value), variables, `${file}: ${fullKey}`);
  }
  return { project, stack, values, secretKeys };
};

const isEncrypted = (value: unknown) => typeof value === "object" && value !== null && "secure" in value;

const substitute = (text: string, variables: Record<string, string>, where: string) =>
  text.replace(/\$\{([^}]*)\}/g, (_, name: string) => {
    const value = variables[name];
    if (value === undefined)
      throw new Error(
        `${where} names \${${name}}: there is ${Object.keys(variables)
          .map(known => `\${${known}}`)
          .join(", ")}.`,
      );
    return value;
  });

const readYaml = (file: string): object => {
  if (!existsSync(file)) throw new Error(`${file} is missing.`);
  const value: unknown = parse(readFileSync(file, "utf8"));
  return typeof value === "object" && value !== null ? value : {};
};

export type { StackConfig };
export { readStackConfig };
