import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { type Built, buildModules } from "../../../components/bundling/function-modules";

describe("function modules", () => {
  const root = join(__dirname, "../../..");
  let folder: string;
  let cache: string;
  let built: Built;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "slack-fanout-bundles-"));
    cache = join(folder, "built");
    built = await buildModules(cache);
  });
  after(() => rm(folder, { recursive: true }));

  it("are the modules that export create", () => {
    expect(built.bundles).to.include.keys("functions/webhook", "subscribers/multiplier").and.not.include.keys("functions/door");
  });

  it("are built deterministically, and contain no path of this machine", async () => {
    // Those of an earlier build, if any program has run before.
    expect(await buildModules()).to.deep.equal(built);
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
