import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { satisfies } from "semver";

const root = join(__dirname, "../..");

const pages = [
  "README.md",
  "REVIEW.md",
  "CHANGELOG.md",
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" }).map(file => join("docs", file)),
].filter(file => file.endsWith(".md"));
const textOf = (page: string) => readFileSync(join(root, page), "utf8");

describe("docs", () => {
  for (const page of pages) {
    it(`${page} links only to existing files`, () => {
      const links = [...textOf(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)(#[^)]*)?\)/g)].map(([, link]) => link!);

      expect(links.filter(link => !existsSync(join(root, dirname(page), link)))).to.deep.equal([]);
    });

    it(`${page} names only existing commands`, () => {
      const { scripts } = JSON.parse(textOf("package.json")) as { scripts: Record<string, string> };
      const named = [...textOf(page).matchAll(/npm run ([\w:-]+)/g)].map(([, script]) => script!);

      expect(named.filter(script => !Object.hasOwn(scripts, script))).to.deep.equal([]);
    });
  }

  it("README.md names a Node.js version that all packages support", () => {
    const [, version] = /You need Node\.js (\d+\.\d+) or later/.exec(textOf("README.md"))!;
    const { packages } = JSON.parse(textOf("package-lock.json")) as { packages: Record<string, { engines?: { node?: string } }> };
    const engines = Object.entries(packages).flatMap(([path, { engines }]) => (engines?.node ? [`${path}: ${engines.node}`] : []));

    expect(engines).to.have.length.above(100);
    for (const each of [`${version}.0`, "24.0.0"])
      expect(
        engines.filter(engine => !satisfies(each, engine.slice(engine.indexOf(": ") + 2))),
        each,
      ).to.deep.equal([]);
  });

  it("filters in guides leave out replays to other subscribers", () => {
    const filters = pages.flatMap(page =>
      [...textOf(page).matchAll(/`(\{"(?:mentionsBot|hasFiles|door)":.*?\})`/g)].map(([, filter]) => filter!),
    );

    expect(filters).not.to.have.lengthOf(0);
    for (const filter of filters) expect(JSON.parse(filter)).to.deep.include({ replayTo: [{ exists: false }] });
  });

  it("decisions have at most 40 lines", () => {
    const long = pages.filter(page => page.startsWith(join("docs", "adr")) && textOf(page).trimEnd().split("\n").length > 40);

    expect(long).to.deep.equal([]);
  });
});
