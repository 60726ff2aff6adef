/** The results of a run of the Pulumi program, for plugins. */
interface Program {
  /** The stack outputs with secrets, as `pulumi stack output --json --show-secrets` prints them. */
  outputs: Record<string, unknown>;
  /** Names of the outputs that the program marks as secret. */
  secretOutputs: readonly string[];
  /** The stack's configuration, by `PROJECT:KEY`, with secrets. */
  config: Record<string, unknown>;
}

/** Pulumi's placeholder for a secret. */
const secretMask = "[secret]";

/** The stack outputs as `pulumi stack output --json` prints them, without secrets. */
const maskedOutputs = ({ outputs, secretOutputs }: Pick<Program, "outputs" | "secretOutputs">): Record<string, unknown> =>
  Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, secretOutputs.includes(name) ? secretMask : value]));

/** Reads one key of the configuration of any project. Structured values are JSON. */
const settingOf = ({ config }: Program, key: string): unknown =>
  Object.entries(config).find(([name]) => name.slice(name.indexOf(":") + 1) === key)?.[1];

/** Like `settingOf`, for text; undefined if it is missing or empty. */
const textSettingOf = (program: Program, key: string): string | undefined => {
  const value = settingOf(program, key);
  return typeof value === "string" && value !== "" ? value : undefined;
};

export type { Program };
export { maskedOutputs, secretMask, settingOf, textSettingOf };
