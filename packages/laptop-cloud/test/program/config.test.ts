import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Config } from "@pulumi/pulumi";
import { expect } from "chai";
import { stringify } from "yaml";
import { explainMissing, readStackConfig } from "../../src/program/config";

describe("readStackConfig", () => {
  const folderWith = (config: object, declared: object = {}) => {
    const folder = mkdtempSync(join(tmpdir(), "laptop-cloud-config-"));
    writeFileSync(join(folder, "Pulumi.yaml"), stringify({ name: "demo", runtime: "nodejs", config: declared }));
    writeFileSync(join(folder, "Pulumi.local.yaml"), stringify({ config }));
    return folder;
  };
  let folder: string;
  afterEach(() => rmSync(folder, { recursive: true }));

  it("returns structured values as JSON, and replaces variables", () => {
    folder = folderWith({ "demo:list": ["a"], "demo:url": "$" + "{slack}/api/" });

    expect(readStackConfig(folder, "local", { slack: "http://s" }).values).to.deep.equal({
      "demo:list": '["a"]',
      "demo:url": "http://s/api/",
    });
  });

  it("refuses an unknown variable by its name", () => {
    folder = folderWith({ "demo:url": "$" + "{slak}" });

    expect(() => readStackConfig(folder, "local", { slack: "" })).to.throw(/demo:url names \$\{slak\}: there is \$\{slack\}/);
  });

  it("refuses a value that is not shaped like a region", () => {
    folder = folderWith({ "aws:region": "us-gov-west-1" });

    expect(overridden()["aws:region"]).to.equal("us-gov-west-1");
    expect(() => overridden(["aws:region", "mars"])).to.throw(
      '--config aws:region is "mars", but must be a region of AWS, such as eu-west-1.',
    );
  });

  const overridden = (...overrides: [key: string, value: string][]) =>
    readStackConfig(
      folder,
      "local",
      { slack: "http://s" },
      overrides.map(([key, value]) => ({ key, value })),
    ).values;

  it("overrides any key; commas separate list items, and dots lead into structured values", () => {
    folder = folderWith({
      "demo:list": ["a"],
      "demo:secret": { secure: "v1:abc" },
      "demo:pay": { currency: "USD", days: 5, codes: ["x"] },
    });

    expect(
      overridden(
        ["list", "b, c"],
        ["secret", "one,two"],
        ["pay.currency", "123"],
        ["pay.days", "7"],
        ["pay.codes", "y,z"],
        ["pay.new.deep", "true"],
        ["demo:url", "$" + "{slack}/a=b"],
        ["other:region", "eu"],
        ["list", "d"],
      ),
    ).to.deep.equal({
      "demo:list": '["d"]',
      "demo:secret": "one,two",
      "demo:pay": '{"currency":"123","days":7,"codes":["y","z"],"new":{"deep":true}}',
      "demo:url": "http://s/a=b",
      "other:region": "eu",
    });
    expect(overridden(["list", '["x,y"]'], ["pay", '{"days":1}'], ["pay.days", "2"], ["secret", ""])).to.deep.equal({
      "demo:list": '["x,y"]',
      "demo:secret": "",
      "demo:pay": '{"days":2}',
    });
  });

  it("refuses to override a property of a value that has none", () => {
    folder = folderWith({ "demo:split": "words" });

    expect(() => overridden(["split.by", "x"])).to.throw('--config split.by=x: there is no property by in "words".');
  });

  it("refuses a value that only the Pulumi CLI can decrypt", () => {
    folder = folderWith({ "demo:secret": { secure: "v1:abc" } });

    expect(() => readStackConfig(folder, "local", {})).to.throw("demo:secret is encrypted");
  });

  for (const [kind, text, refusal] of [
    ["in another language", "name: demo\nruntime: {name: python}\n", 'Pulumi.yaml is "python": the laptop cloud runs "nodejs" only.'],
    ["without a name", "runtime: nodejs\n", "Pulumi.yaml has no name, which Pulumi needs."],
    ["that is not YAML", "name: [\n", "Pulumi.yaml is not YAML: Flow sequence in block collection must be sufficiently indented"],
  ] as const) {
    it(`refuses a program ${kind}`, () => {
      folder = folderWith({});
      writeFileSync(join(folder, "Pulumi.yaml"), text);

      expect(() => readStackConfig(folder, "local", {})).to.throw(refusal);
    });
  }

  describe("with values that Pulumi.yaml declares", () => {
    const declared = {
      size: { type: "integer", default: 2 },
      "demo:zones": { type: "array", items: { type: "string" }, default: ["a"] },
      brief: "short",
      "aws:region": "eu-west-1",
      "aws:profile": { value: "team" },
    };

    it("uses them for keys that the stack does not set", () => {
      folder = folderWith({ "demo:brief": "set", "aws:region": "us-east-1" }, declared);

      expect(readStackConfig(folder, "local", {}).values).to.deep.equal({
        "demo:size": "2",
        "demo:zones": '["a"]',
        "demo:brief": "set",
        "aws:region": "us-east-1",
        "aws:profile": "team",
      });
      expect(overridden(["zones", "b,c"])).to.include({ "demo:zones": '["b","c"]' });
    });

    it("refuses a key without a default that the stack does not set", () => {
      folder = folderWith({}, { size: { type: "integer" } });

      expect(() => readStackConfig(folder, "local", {})).to.throw(
        /Pulumi\.local\.yaml does not set demo:size, which Pulumi\.yaml declares without a default/,
      );
      expect(overridden(["size", "3"])).to.deep.equal({ "demo:size": "3" });
    });

    it("records which values are secret", () => {
      folder = folderWith({ "demo:token": "t" }, { token: { secret: true } });

      expect(readStackConfig(folder, "local", {}).secretKeys).to.deep.equal(["demo:token"]);
    });
  });
});

describe("explainMissing", () => {
  const errorOf = (read: () => unknown): Error => {
    try {
      read();
    } catch (error) {
      return explainMissing(error as Error, "/demo", "local");
    }
    throw new Error("nothing was thrown");
  };

  it("says how to set a key that the program requires", () => {
    const sentence =
      "/demo/Pulumi.local.yaml does not set demo:size, which the program requires. Set it there, or start with --config demo:size=VALUE.";
    expect(errorOf(() => new Config("demo").require("size")).message).to.equal(sentence);
    expect(errorOf(() => new Config("demo").requireSecretObject("size")).message).to.equal(sentence);
  });

  it("leaves other errors as they are", () => {
    const error = new Error("no");
    expect(explainMissing(error, "/demo", "local")).to.equal(error);
  });
});
