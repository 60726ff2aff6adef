/** `npm run security`: writes the tables of `docs/security.md` from the resources that the program declares. */
import { EVERYTHING, runWholeProgram } from "../test/program";
import { defineScript, runScript } from "./command-line";
import { buildAccess, type Resource } from "./security/access";
import { buildRoles } from "./security/roles";
import { buildStored } from "./security/stored";
import { type Markers, placeBetween, readText, type Texts, writeFiles } from "./write-files";

const PAGE = "docs/security.md";

const markersOf = (part: string): Markers => ({ begin: `<!-- ${part}: npm run security -->`, end: `<!-- /${part} -->` });

/** The resources of stacks for one workspace and for many: what both have, once. */
const readResources = async (): Promise<Resource[][]> => {
  const stacks: Resource[][] = [];
  // One after the other, since a program keeps what it declares in this process.
  for (const changes of Object.values(EVERYTHING))
    stacks.push((await runWholeProgram(changes)).inventory.resources as unknown as Resource[]);
  return stacks;
};

const buildPage = (page: string, [one, many]: Resource[][]): string => {
  const parts = { stored: buildStored([...one!, ...many!]), roles: buildRoles(one!, many!), access: buildAccess([...one!, ...many!]) };
  return Object.entries(parts).reduce((text, [part, made]) => placeBetween(markersOf(part), text, made), page);
};

const buildFiles = async (): Promise<Texts> => new Map([[PAGE, buildPage(readText(PAGE), await readResources())]]);

const script = defineScript({
  name: "security",
  usage: "[--dry-run] [--json]",
  help: `Writes the tables of ${PAGE} from the resources that the program declares: what is stored, every role, and who may invoke and send what.

  --dry-run      tells whether the page would change, and changes nothing`,
  options: { "dry-run": { type: "boolean" } },
  run: async ({ options }) => writeFiles(await buildFiles(), options["dry-run"]),
});

if (require.main === module) void runScript(script);

export { buildFiles, PAGE, script };
