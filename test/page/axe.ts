import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";

interface AxeOptions {
  /** A CSS selector. Default: the whole page. */
  within?: string;
  /** Default: all rules. */
  rules?: string[];
}

/** Returns the accessibility problems that axe finds on the page as it is now, as "RULE: SELECTORS". */
const findProblems = async (page: Page, { within = "html", rules }: AxeOptions = {}): Promise<string[]> => {
  // Loaded once per page, because loading axe often takes longer than running it.
  if (!(await page.evaluate<boolean>('"axe" in window')))
    await page.evaluate(await readFile(require.resolve("axe-core/axe.min.js"), "utf8"));
  const options = JSON.stringify({ resultTypes: ["violations"], ...(rules === undefined ? {} : { runOnly: rules }) });
  const { violations } = await page.evaluate<{ violations: { id: string; nodes: { target: string[] }[] }[] }>(
    `axe.run(${JSON.stringify(within)}, ${options})`,
  );
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`);
};

export { findProblems };
