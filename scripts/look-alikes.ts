/** `npm run look-alikes`: writes `core/dibs/look-alikes.ts` from Unicode's confusable characters. */
import confusables from "unhomoglyph/data.json";
import { foldText } from "#core/normalize";
import { defineScript, runScript } from "./command-line";
import { format, writeFiles } from "./write-files";

/** The characters that a name may contain. Names are folded before they are compared, so the table needs only folded ones. */
const PART = /^[\p{L}\p{N}\p{M}]$/u;
const LATIN = /^[a-z0-9]+$/;

const prototypes = new Map(Object.entries(confusables).map(([character, prototype]) => [character, foldText(prototype)]));

/** Finds the Latin letters that a character looks like. Beyond ASCII, its capital counts too: т resembles no Latin letter, but Т resembles T. */
const findLatin = (character: string): string | undefined => {
  const capital = character > "\x7f" ? prototypes.get(character.toUpperCase()) : undefined;
  const look = [prototypes.get(character), capital && foldText(capital)].find(each => LATIN.test(each ?? ""));
  return look && Array.from(look, letter => prototypes.get(letter) ?? letter).join("");
};

/** Builds the table from Latin letters to the code points that look like them. */
const buildTable = (): Map<string, string[]> => {
  const table = new Map<string, string[]>();
  const characters = Array.from({ length: 0x110000 }, (_, point) => point).filter(point => point < 0xd800 || point > 0xdfff);
  for (const point of characters) {
    const character = String.fromCodePoint(point);
    if (!PART.test(character) || foldText(character) !== character) continue;
    const latin = findLatin(character);
    if (latin !== undefined && latin !== character) table.set(latin, [...(table.get(latin) ?? []), point.toString(16)]);
  }
  return new Map([...table].sort());
};

const buildModule =
  (): string => `/** What looks like Latin letters and digits, in folded names. Written by \`npm run look-alikes\`; source: Unicode's confusables (ADR 18). */

/** Code points, in hexadecimal, by the letters that they look like. */
const LOOK_ALIKES: Record<string, string> = {
${Array.from(buildTable(), ([latin, points]) => `  ${latin}: "${points.join(" ")}",`).join("\n")}
};

export { LOOK_ALIKES };
`;

const FILE = "core/dibs/look-alikes.ts";

const script = defineScript({
  name: "look-alikes",
  usage: "[--dry-run] [--json]",
  help: `Writes ${FILE} from Unicode's confusable characters.

  --dry-run      tells whether the file would change, and does not change it`,
  options: { "dry-run": { type: "boolean" } },
  run: ({ options }) => writeFiles(new Map([[FILE, format(FILE, buildModule())]]), options["dry-run"]),
});

if (require.main === module) void runScript(script);

export { buildModule, script };
