/** A list of checks that a script runs one after the other, and its table. */

interface Check {
  name: string;
  /** Why there is nothing to check, if so. */
  off?: string | undefined;
  /** Checks without which this one can't pass. */
  needs?: string[] | undefined;
  /** Returns what it saw, in a few words. Throws with a sentence if it fails. */
  run(): Promise<string>;
}

interface Checked {
  name: string;
  outcome: "passed" | "failed" | "not tried" | "off";
  seconds: number;
  detail: string;
}

/** Runs the checks in order. One that fails does not end the others, except those that need it. */
const runChecks = async (checks: readonly Check[], report: (sentence: string) => void = () => {}): Promise<Checked[]> => {
  const done: Checked[] = [];
  for (const check of checks) {
    report(`${check.name} ...`);
    done.push(await runCheck(check, done));
  }
  return done;
};

const runCheck = async ({ name, off, needs = [], run }: Check, done: readonly Checked[]): Promise<Checked> => {
  if (off !== undefined) return { name, outcome: "off", seconds: 0, detail: off };
  const missing = done.find(each => needs.includes(each.name) && hasFailed(each));
  if (missing !== undefined) return { name, outcome: "not tried", seconds: 0, detail: `It needs "${missing.name}".` };
  const startMs = performance.now();
  const secondsSince = () => Math.round((performance.now() - startMs) / 100) / 10;
  try {
    const detail = await run();
    return { name, outcome: "passed", seconds: secondsSince(), detail };
  } catch (error) {
    return { name, outcome: "failed", seconds: secondsSince(), detail: (error as Error).message };
  }
};

const hasFailed = ({ outcome }: Pick<Checked, "outcome">): boolean => outcome === "failed" || outcome === "not tried";

/** Formats rows as columns. The last column is as long as it needs to be. */
const formatColumns = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => row[column]!.length)));
  return rows
    .map(row =>
      row
        .map((text, column) => text.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
};

const formatChecked = (done: readonly Checked[]): string =>
  formatColumns(
    done.map(({ name, outcome, seconds, detail }) => [name, outcome, outcome === "off" ? "" : `${seconds.toFixed(1)} s`, detail]),
  );

/** AWS limits how often its lists may be read, some of them to ten times a second for the whole account. */
const POLL_MS = 500;

/** Waits until `look` returns something else than undefined. Throws with `otherwise`, a sentence about what did not happen, when the time is up. */
const waitFor = async <T>(look: () => Promise<T | undefined>, limitMs: number, otherwise: (() => string) | string): Promise<T> => {
  const endMs = performance.now() + limitMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (performance.now() > endMs)
      throw new Error(`${typeof otherwise === "string" ? otherwise : otherwise()} (waited ${limitMs / 1000} s)`);
    await new Promise(resolve => setTimeout(resolve, POLL_MS));
  }
};

export type { Check, Checked };
export { formatChecked, formatColumns, hasFailed, runChecks, waitFor };
