/** Installs the packages that the examples need, once for all of them. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { minVersion } from "semver";
import { root } from "../write-files";
import type { Example } from "./examples";

type Ranges = Record<string, string>;

/** The laptop cloud is held to the versions that it is developed with. */
const OWN = ["@pulumi/pulumi", "@pulumi/aws", "@pulumi/awsx", "typescript"];

/** The newest range of each package that any example wants. A pinned version counts as the range of its later, compatible versions. */
const mergeRanges = (examples: Example[], own: Ranges): Ranges => {
  const merged: Ranges = {};
  for (const { packages } of examples)
    for (const [name, range] of Object.entries(packages)) {
      const wanted = /^\d/.test(range) ? `^${range}` : range;
      if (merged[name] === undefined || lowest(wanted) > lowest(merged[name])) merged[name] = wanted;
    }
  return { ...merged, ...own };
};

/** Comparable as text. */
const lowest = (range: string): string => {
  const { major = 0, minor = 0, patch = 0 } = (range === "latest" ? undefined : minVersion(range)) ?? {};
  return [major, minor, patch].map(part => String(part).padStart(9, "0")).join(".");
};

const readRanges = (manifest: string): Ranges => (JSON.parse(readFileSync(manifest, "utf8")) as { dependencies: Ranges }).dependencies;

const readOwnRanges = (): Ranges => {
  const ranges = readRanges(join(root, "package.json"));
  return Object.fromEntries(OWN.map(name => [name, ranges[name]!]));
};

/**
 * Installs the laptop cloud's tarball and all packages in `folder`. A version that the registry lacks is replaced by the newest one; a package
 * that it lacks is left out. What an earlier run has found is kept in `known`. Packages run no scripts.
 */
const installPackages = (folder: string, known: string, examples: Example[], report: (sentence: string) => void): void => {
  const ranges = existsSync(known) ? readRanges(known) : mergeRanges(examples, readOwnRanges());
  mkdirSync(folder, { recursive: true });
  const tarball = pack(folder);
  for (;;) {
    const manifest = JSON.stringify({ name: "examples", private: true, dependencies: ranges });
    writeFileSync(join(folder, "package.json"), manifest);
    const { status, stdout } = spawnSync("npm", ["install", ...NPM_OPTIONS, join(folder, tarball)], { cwd: folder, encoding: "utf8" });
    if (status === 0) {
      writeFileSync(known, manifest);
      return;
    }
    const { code, summary = "npm failed." } = (JSON.parse(stdout) as { error: { code?: string; summary?: string } }).error;
    const name = Object.keys(ranges).find(each => summary.includes(`${each}@`) || summary.includes(each.replace("/", "%2f")));
    if (name === undefined || ranges[name] === "*" || (code !== "ETARGET" && code !== "E404")) throw new Error(summary);
    report(`The registry lacks ${name}@${ranges[name]}.`);
    if (code === "ETARGET") ranges[name] = "*";
    else delete ranges[name];
  }
};

/** Without peers, since those of some packages contradict one another. */
const NPM_OPTIONS = ["--json", "--ignore-scripts", "--legacy-peer-deps", "--no-audit", "--no-fund", "--prefer-offline"];

const pack = (folder: string): string => {
  const args = ["pack", "--silent", "-w", "packages/laptop-cloud", "--pack-destination", folder];
  return execFileSync("npm", args, { cwd: root, encoding: "utf8" }).trim();
};

/** Packages that an example wants in another major version than the one that is installed: "@pulumi/awsx 2, not 3". */
const describeVersions = (folder: string, { packages }: Example): string[] =>
  Object.entries(packages).flatMap(([name, range]) => {
    const file = join(folder, "node_modules", name, "package.json");
    if (range === "latest" || !existsSync(file)) return [];
    const { version } = JSON.parse(readFileSync(file, "utf8")) as { version: string };
    const [wanted, installed] = [minVersion(range)?.major, minVersion(version)?.major];
    return wanted === installed ? [] : [`${name} ${wanted}, not ${installed}`];
  });

export { describeVersions, installPackages, mergeRanges };
