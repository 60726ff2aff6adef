import { createRequire } from "node:module";

/** The one method of `@npmcli/arborist` that Pulumi calls: reads what is installed below a folder. */
interface PackageTree {
  prototype: { loadActual(this: { path: string }, ...options: unknown[]): Promise<unknown> };
}

/**
 * Lets what is installed be read once in a run of the program, rather than once for every callback.
 *
 * Pulumi looks through the whole of `node_modules` for each `CallbackFunction`, to find the packages to ship with it, also where none is:
 * with twenty callbacks that was a third of the laptop cloud's start. Nothing is installed while a program runs, so one look serves all.
 * Returns the way to undo it.
 */
const readInstalledPackagesOnce = (): (() => void) => {
  const { Arborist } = createRequire(require.resolve("@pulumi/pulumi"))("@npmcli/arborist") as { Arborist: PackageTree };
  const { loadActual } = Arborist.prototype;
  const trees = new Map<string, Promise<unknown>>();
  Arborist.prototype.loadActual = function (...options) {
    const key = JSON.stringify([this.path, options]);
    const tree = trees.get(key) ?? loadActual.apply(this, options);
    trees.set(key, tree);
    return tree;
  };
  return () => {
    Arborist.prototype.loadActual = loadActual;
  };
};

export { readInstalledPackagesOnce };
