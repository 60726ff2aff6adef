import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { type Built, buildModules } from "../../../components/bundling/function-modules";

describe("function modules", () => {
  const root = join(__dirname, "../../..");
  /** Built again. The others come from the cache, because building all of them takes seconds of CPU time. */
  const rebuilt = ["functions/webhook", "functions/events", "subscribers/multiplier"];
  let folder: string;
  let cache: string;
  let earlier: Built;
  let built: Built;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "slack-fanout-bundles-"));
    cache = join(folder, "built");
    earlier = await buildModules();
    await cp(join(root, "dist/bundles"), cache, { recursive: true });
    for (const module of rebuilt) for (const ending of ["json", "js.map"]) await rm(join(cache, `${module}.${ending}`));
    built = await buildModules(cache);
  });
  after(() => rm(folder, { recursive: true }));

  it("are the modules that export create", () => {
    expect(built.bundles).to.include.keys("functions/webhook", "subscribers/multiplier").and.not.include.keys("functions/door");
  });

  it("are built deterministically, and contain no path of this machine", () => {
    expect(built).to.deep.equal(earlier);
    for (const [module, text] of Object.entries(built.bundles)) expect(text.includes(root), module).to.equal(false);
  });

  it("contain no part of the SDK that reads configuration files or streams, or discovers endpoints", () => {
    expect(built.bundles["functions/events"]).not.to.match(/fs\/promises|HeaderMarshaller|ReadableStream\.name|endpointCache/);
  });

  it("names the project's files that they are made of, also those in place of packages", () => {
    expect(built.sources).to.include.members(
      ["functions/webhook.ts", "core/message/tokens.ts", "stores/environment-config.ts"].map(file => join(root, file)),
    );
    for (const file of built.sources) expect(file).not.to.contain("node_modules");
  });

  it("builds a module again if one of its sources has changed, and takes the others from the cache", async () => {
    const edited = join(folder, "edited");
    await cp(cache, edited, { recursive: true });
    const change = async (module: string, changed: object) => {
      const file = join(edited, `${module}.json`);
      await writeFile(file, JSON.stringify({ ...(JSON.parse(await readFile(file, "utf8")) as object), text: "cached", ...changed }));
    };
    await change("subscribers/logger", {});
    await change("subscribers/multiplier", { sources: { "subscribers/multiplier.ts": "the hash of an earlier version" } });

    const { bundles } = await buildModules(edited);

    expect(bundles).to.deep.equal({ ...built.bundles, "subscribers/logger": "cached" });
  });

  it("leaves source maps beside the cache, not in the bundles", async () => {
    expect(await readdir(join(cache, "functions"))).to.include("webhook.js.map");
    expect(built.bundles["functions/webhook"]).not.to.contain("sourceMappingURL");
  });
});
