/** A setting of the AWS SDK: how to read it from the environment, and its default. */
interface Setting<T> {
  environmentVariableSelector(variables: NodeJS.ProcessEnv, options?: object): T | undefined;
  default: T | (() => T | Promise<T>);
}

/**
 * Reads a setting of the AWS SDK from the environment, once, or else takes its default.
 *
 * It replaces the function of the same name of `@smithy/core` in the bundles. That one also looks into `~/.aws`, where a function has no files, and
 * throws an error for each setting that it does not find there. This takes a twentieth of a door's cold start.
 */
const loadConfig = <T>({ environmentVariableSelector, default: otherwise }: Setting<T>, options?: object): (() => Promise<T>) => {
  const read = async () =>
    environmentVariableSelector(process.env, options) ?? (typeof otherwise === "function" ? (otherwise as () => T)() : otherwise);
  let setting: Promise<T> | undefined;
  return () => {
    setting ??= read();
    return setting;
  };
};

export { loadConfig };
