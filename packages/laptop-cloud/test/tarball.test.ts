import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { Trial } from "../../../scripts/compatibility/trial";
import { findManifest, installPackage, name } from "./installed-package";

interface Endpoints {
  page: string;
  outputs: Record<string, string>;
}

describe("the packed laptop cloud, installed in another program", () => {
  let program: string;
  let command: string;
  let child: ChildProcess | undefined;
  let output = "";
  let endpoints: Endpoints;
  let hadFileWhenReady: boolean | undefined;

  before(async () => {
    program = await mkdtemp(join(tmpdir(), "laptop-cloud-tarball-"));
    await cp(join(__dirname, "program/other-program"), program, { recursive: true });
    await writeFile(join(program, "package.json"), JSON.stringify({ name: "other-program", main: "index.ts" }));
    command = await installPackage(program);
    child = spawn(process.execPath, [command], {
      cwd: program,
      env: { ...process.env, PORT: "0", AWS_PORT: "0", LOCAL_DIR: join(program, ".local") },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const file = join(program, ".local/endpoints.json");
    for (const stream of [child.stdout!, child.stderr!])
      stream.on("data", chunk => {
        output += chunk;
        if (output.includes("is ready")) hadFileWhenReady ??= existsSync(file);
      });
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

  it("says that it is ready once the file with its addresses is there", async () => {
    await eventually(() => hadFileWhenReady !== undefined);
    expect(hadFileWhenReady).to.equal(true);
  });

  it("serves the page", async () => {
    for (const file of ["", "page.js", "page.css", "icon.svg"]) {
      expect((await fetch(`${endpoints.page}/${file}`)).status, file).to.equal(200);
    }
  });

  it("names its own command in the help", () => {
    expect(execFileSync(process.execPath, [command, "--help"], { encoding: "utf8" })).to.contain(`Usage: npx ${name} [options]`);
  });

  it("declares its types", async () => {
    await writeFile(
      join(program, "typed.ts"),
      `import { type Plugin, runCommand } from "${name}";
      import { startLaptop } from "${name}/testing";
      const plugin: Plugin = { name: "chat", path: "/chat", createDefinitions: () => [] };
      runCommand({ plugins: [plugin] });
      // @ts-expect-error: plugins are a list.
      runCommand({ plugins: plugin });
      export const laptop = startLaptop({ definitions: plugin.createDefinitions(() => ({ outputs: {} }) as never) });`,
    );
    const options = [
      "--noEmit",
      "--strict",
      "--module",
      "nodenext",
      "--types",
      "node",
      "--typeRoots",
      dirname(dirname(findManifest("@types/node"))),
    ];
    execFileSync(process.execPath, [join(dirname(findManifest("typescript-native")), "bin/tsc"), ...options, "typed.ts"], {
      cwd: program,
      encoding: "utf8",
    });
  });

  it("offers its helpers for tests", () => {
    const print = `console.log(Object.keys(require("${name}/testing")).includes("startLaptop"))`;
    expect(execFileSync(process.execPath, ["-e", print], { cwd: program, encoding: "utf8" })).to.equal("true\n");
  });

  it("stops at SIGTERM", async () => {
    const ended = once(child!, "exit");
    child!.kill("SIGTERM");
    expect(await ended, output).to.deep.equal([0, null]);
  });

  /** Trials of `scripts/compatibility`. They are here because packing again would take seconds of CPU time, and last because they replace the program. */
  describe("on trial", () => {
    before(() => void child?.kill("SIGKILL"));

    const run = (name: string, settings: string[] = []) =>
      new Trial({ source: join(__dirname, "../../../test/scripts/compatibility/examples", name), folder: program, settings }).run();

    it("works if the program's address answers", async () => {
      expect(await run("aws-js-function", ["greeting=hello"])).to.deep.equal({
        outcome: "works",
        reason: "GET /api-gateway answers 200.",
        resources: 7,
      });
    });

    it("is refused with the sentence of the laptop cloud", async () => {
      const reason = '"network" is a aws:ec2/vpc:Vpc, which the laptop cloud does not imitate.';
      expect(await run("aws-js-network")).to.deep.equal({ outcome: "refused", reason });
    });

    it("does not work if the program declares nothing", async () => {
      expect(await run("aws-ts-nothing/program")).to.include({ outcome: "needs a change", resources: 0 });
    });
  });
});
