import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { eventually } from "./laptop";

const folder = join(__dirname, "..");
const { name, bin, dependencies } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
  name: string;
  bin: Record<string, string>;
  dependencies: Record<string, string>;
};

/** Packages that the program itself depends on. */
const programDependencies = ["@pulumi/pulumi", "@pulumi/aws", "typescript"];

interface Endpoints {
  page: string;
  outputs: Record<string, string>;
}

/**
 * Creates a program outside the repository, with the packed laptop cloud in its node_modules, and returns the path of the command. The
 * dependencies are links to the repository's copies, because tests don't use the network.
 */
const installInto = async (program: string) => {
  await cp(join(__dirname, "program/other-program"), program, { recursive: true });
  await writeFile(join(program, "package.json"), JSON.stringify({ name: "other-program", main: "index.ts" }));
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

describe("the packed laptop cloud, installed in another program", () => {
  let program: string;
  let command: string;
  let child: ChildProcess | undefined;
  let output = "";
  let endpoints: Endpoints;

  before(async () => {
    program = await mkdtemp(join(tmpdir(), "laptop-cloud-tarball-"));
    command = await installInto(program);
    child = spawn(process.execPath, [command], {
      cwd: program,
      env: { ...process.env, PORT: "0", AWS_PORT: "0", LOCAL_DIR: join(program, ".local") },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout!, child.stderr!]) stream.on("data", chunk => (output += chunk));
    const file = join(program, ".local/endpoints.json");
    await eventually(() => child!.exitCode !== null || existsSync(file), 60_000);
    if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode}:\n${output}`);
    endpoints = JSON.parse(readFileSync(file, "utf8")) as Endpoints;
  });

  after(async () => {
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    }
    await rm(program, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  });

  it("calls a function over HTTP", async () => {
    const response = await fetch(`${endpoints.outputs["url"]}/hello?name=Ada`);
    expect(await response.text()).to.equal("Hello, Ada!");
  });

  it("serves the page", async () => {
    for (const file of ["", "page.js", "page.css", "icon.svg"]) {
      expect((await fetch(`${endpoints.page}/${file}`)).status, file).to.equal(200);
    }
  });

  it("names its own command in the help", () => {
    expect(execFileSync(process.execPath, [command, "--help"], { encoding: "utf8" })).to.contain(`Usage: npx ${name} [options]`);
  });

  it("stops at SIGTERM", async () => {
    const ended = once(child!, "exit");
    child!.kill("SIGTERM");
    expect(await ended, output).to.deep.equal([0, null]);
  });
});
