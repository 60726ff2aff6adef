import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";

const folder = join(__dirname, "..");
const { name, bin, dependencies } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
  name: string;
  bin: Record<string, string>;
  dependencies: Record<string, string>;
};

/** Packages that a program itself depends on. */
const programDependencies = ["@pulumi/pulumi", "@pulumi/aws", "typescript"];

/**
 * Installs the packed laptop cloud in a program's folder, and returns the path of its command. The dependencies are links to the repository's
 * copies, because tests don't use the network.
 */
const installPackage = async (program: string): Promise<string> => {
  const installed = join(program, "node_modules", name);
  await mkdir(installed, { recursive: true });
  const tarball = execFileSync("npm", ["pack", "--silent", "--pack-destination", program], { cwd: folder, encoding: "utf8" }).trim();
  execFileSync("tar", ["-xzf", join(program, tarball), "--strip-components=1", "-C", installed]);
  for (const dependency of [...Object.keys(dependencies), ...programDependencies]) {
    const link = join(program, "node_modules", dependency);
    await mkdir(dirname(link), { recursive: true });
    await symlink(dirname(findManifest(dependency)), link);
  }
  return join(installed, bin["laptop-cloud"]!);
};

const findManifest = (dependency: string): string =>
  require.resolve
    .paths(dependency)!
    .map(path => join(path, dependency, "package.json"))
    .find(existsSync)!;

export { findManifest, installPackage, name };
