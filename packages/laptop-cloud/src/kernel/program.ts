/** What a run of the Pulumi program says to whoever uses it, as services that stand beside it need to know it. */
interface Program {
  /** The stack outputs in plain, as `pulumi stack output --json --show-secrets` gives them. */
  outputs: Record<string, unknown>;
  /** Names of the outputs that the program marks as secret. */
  secretOutputs: readonly string[];
  /** The stack's configuration, `PROJECT:KEY` to its value; secrets stand in plain. */
  config: Record<string, unknown>;
}

/** Stands for a secret wherever it may be seen, as Pulumi has it. */
const secretMask = "[secret]";

/** The stack outputs as `pulumi stack output --json` gives them, without what is secret. */
const showOutputs = ({ outputs, secretOutputs }: Pick<Program, "outputs" | "secretOutputs">): Record<string, unknown> =>
  Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, secretOutputs.includes(name) ? secretMask : value]));

/** Reads one key of the configuration, whatever the project is called. Structured values come as the JSON that Pulumi keeps them in. */
const settingOf = ({ config }: Program, key: string): unknown =>
  Object.entries(config).find(([name]) => name.slice(name.indexOf(":") + 1) === key)?.[1];

/** Like `settingOf`, for text; undefined when it is missing or empty. */
const textSettingOf = (program: Program, key: string): string | undefined => {
  const value = settingOf(program, key);
  return typeof value === "string" && value !== "" ? value : undefined;
};

export type { Program };
export { secretMask, settingOf, showOutputs, textSettingOf };
