/** `docs/compatibility.md`, from the results of a run. */
import type { Outcome, Row } from "./trial";

interface Results {
  /** Of the run, "2026-11-29". */
  date: string;
  /** Of pulumi/examples. */
  commit: string;
  rows: Row[];
}

const OUTCOMES: Outcome[] = ["works", "refused", "needs a change"];

const buildPage = ({ date, commit, rows }: Results): string => `# Compatibility

The programs of [pulumi/examples](https://github.com/pulumi/examples) on the laptop cloud: ${rows.length} programs for Node.js in ${countFolders(rows)} folders, \`aws-ts-*\` and
\`aws-js-*\`, at commit \`${commit.slice(0, 12)}\`, tried on ${date}. \`npm run compatibility -- CHECKOUT\` makes this page; do not edit it.

${OUTCOMES.map(outcome => `- **${outcome}**: ${rows.filter(row => row.outcome === outcome).length} of ${rows.length}. ${MEANINGS[outcome]}`).join("\n")}

The programs run unchanged, with made-up settings where their READMEs ask for some, and with the packages that the laptop cloud is developed with.
*Resources* counts what a program declares. *Wants* lists packages in another major version than the one that the program was run with.

| program | outcome | why | resources | wants |
|---|---|---|---|---|
${rows.map(buildRow).join("\n")}
`;

const MEANINGS: Record<Outcome, string> = {
  works: "The laptop cloud is ready, and a call of the program's address or function, if it has one, is answered as expected.",
  refused: "The start stops with a sentence that names something that is not imitated.",
  "needs a change": "The program or its packages would have to change, for AWS too, or there is nothing to try.",
};

/** Some folders hold several programs. */
const countFolders = (rows: Row[]): number => new Set(rows.map(({ name }) => name.split("/")[0])).size;

const buildRow = ({ name, outcome, reason, resources, versions = [] }: Row): string =>
  `| ${name} | ${outcome} | ${reason.replaceAll("|", "\\|")} | ${resources ?? ""} | ${versions.join("; ")} |`;

export type { Results };
export { buildPage };
