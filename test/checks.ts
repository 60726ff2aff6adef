/** The linter and the compiler. `npm test` runs them beside the other tests, which leave a part of the processor idle. */
import { exec } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";

describe("checks", () => {
  for (const check of ["lint", "typecheck"])
    it(`npm run ${check} finds nothing`, () =>
      promisify(exec)(`npm run --silent ${check} 2>&1`, { cwd: join(__dirname, "..") }).catch(({ stdout }: { stdout: string }) => {
        throw new Error(stdout);
      }));

  // The list is there twice, because it replaces the one that it extends. Reading Pulumi's declarations would take two thirds of the linter's time.
  it("the linter's two configurations name the same files, except for Pulumi's", () => {
    const readFiles = (name: string) =>
      (JSON.parse(readFileSync(join(__dirname, "..", name), "utf8")) as { files: { includes: string[] } }).files.includes;
    expect(readFiles("biome.types.json")).to.deep.equal([...readFiles("biome.json"), "!!node_modules/@pulumi/**"]);
  });
});
