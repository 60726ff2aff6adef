/** The linter and the compiler. `npm test` runs them beside the other tests, which leave a part of the processor idle. */
import { exec } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

describe("checks", () => {
  for (const check of ["lint", "typecheck"])
    it(`npm run ${check} finds nothing`, () =>
      promisify(exec)(`npm run --silent ${check} 2>&1`, { cwd: join(__dirname, "..") }).catch(({ stdout }: { stdout: string }) => {
        throw new Error(stdout);
      }));
});
