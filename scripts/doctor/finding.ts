/** What `npm run doctor` found out about one thing. */
interface Finding {
  /** What was looked at. */
  about: string;
  /** A problem makes the exit code 1; a warning doesn't. */
  state: "ok" | "warning" | "problem" | "off";
  seen: string;
  /** What to do about it. */
  todo?: string;
}

/** Looks at one thing, or at several of a kind. An error becomes a problem: the other looks go on. */
interface Look {
  about: string;
  look(): Promise<Finding | Finding[]>;
}

const runLooks = async (looks: readonly Look[], report: (sentence: string) => void = () => {}): Promise<Finding[]> => {
  const findings: Finding[] = [];
  for (const { about, look } of looks) {
    report(`${about} ...`);
    try {
      findings.push(...[await look()].flat());
    } catch (error) {
      const seen = `It can't be read: ${(error as Error).message}`;
      findings.push({ about, state: "problem", seen, todo: "Check your AWS credentials and the region, then run it again." });
    }
  }
  return findings;
};

export type { Finding, Look };
export { runLooks };
