import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { expect } from "chai";
import type { ResourceKind, ServiceDefinition } from "../src/kernel/service";
import { resourceServices } from "../src/resource-services";

const folder = join(__dirname, "..", "src", "services");
const services = readdirSync(folder, { withFileTypes: true })
  .filter(entry => entry.isDirectory())
  .map(({ name }) => name);

const load = (...path: string[]) => require(join(folder, ...path)) as Record<string, unknown>;

const filesOf = (service: string) =>
  readdirSync(join(folder, service), { recursive: true, encoding: "utf8" }).filter(file => file.endsWith(".ts"));

const importsOf = (file: string): string[] =>
  [...readFileSync(file, "utf8").matchAll(/\bfrom "(\.[^"]+)"/g)].map(([, specifier]) => join(dirname(file), specifier!));

/** The parts of a path below the folder of services: ["sns", "store"]. */
const partsOf = (path: string) => relative(folder, path).split(sep);

describe("every service", () => {
  for (const service of services) {
    describe(service, () => {
      const [definition] = Object.values(load(service)) as [ServiceDefinition];

      it("exports one definition from index.ts", () => {
        expect(Object.keys(load(service))).to.have.length(1);
        expect(definition).to.include.keys("name", "resources", "create");
      });

      it("declares its Pulumi types in resources.ts, if it has any", () => {
        const types = Object.keys(definition.resources);
        const found = ["resources.ts", join("resources", "index.ts")].some(file => existsSync(join(folder, service, file)));
        expect(found).to.equal(types.length > 0);
        if (found)
          expect((load(service, "resources") as { resources: Record<string, ResourceKind> }).resources).to.equal(definition.resources);
      });

      it("is known to a run of the program, if it has Pulumi types", () => {
        const isKnown = resourceServices.some(({ resources }) => resources === definition.resources);
        expect(isKnown).to.equal(Object.keys(definition.resources).length > 0);
      });

      it("builds its operations in operations/index.ts", () => {
        expect(load(service, "operations")).to.have.all.keys("createOperations");
        expect(readFileSync(join(folder, service, "index.ts"), "utf8")).to.contain("operations: createOperations(");
      });

      it("imports no other service", () => {
        const foreign = filesOf(service).flatMap(file =>
          importsOf(join(folder, service, file))
            .map(partsOf)
            .filter(([first]) => first !== ".." && first !== service)
            .map(parts => `${file}: ${parts.join("/")}`),
        );
        expect(foreign).to.deep.equal([]);
      });
    });
  }
});
