import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { bundleCallbacks } from "../../../components/bundling/bundle";
import type { Bundles } from "../../../components/bundling/function-modules";
import { runMocked } from "../mocked";

const bundles: Bundles = { "functions/webhook": 'exports.create = () => async () => "answered";' };

const textsOf = async (code: pulumi.asset.AssetArchive): Promise<Record<string, string>> => {
  const assets = Object.entries(await code.assets);
  return Object.fromEntries(await Promise.all(assets.map(async ([file, asset]) => [file, await (asset as pulumi.asset.StringAsset).text])));
};

const role = "arn:aws:iam::000000000000:role/any";
const runtime = aws.lambda.Runtime.NodeJS24dX;

const makeFunction = (callbackFactory: () => () => Promise<unknown>) =>
  new aws.lambda.CallbackFunction("door", { callbackFactory, role, runtime, codePathOptions: { extraIncludePackages: [] } });

describe("bundle", () => {
  it("archives the wiring and the module that it requires, and nothing else", async () => {
    const { resources } = await runMocked(() => {
      bundleCallbacks(async () => bundles);
      makeFunction(() => (require("#functions/webhook") as { create(): () => Promise<unknown> }).create());
    });

    const texts = await textsOf(resources[0]!.inputs["code"] as pulumi.asset.AssetArchive);
    expect(Object.keys(texts).sort()).to.deep.equal(["__index.js", "functions/webhook.js"]);
    expect(texts["__index.js"]).to.contain('require("./functions/webhook.js")').and.not.to.contain("#functions");
  });

  it("refuses a callback that captures a secret", async () => {
    const secret = "hush";
    const error = await runMocked(() => {
      bundleCallbacks(async () => bundles);
      const output = pulumi.secret(secret);
      makeFunction(() => async () => output.get());
    }).then(
      () => undefined,
      (caught: Error) => caught,
    );

    expect(error?.message).to.contain('The callback of "door" captures a secret').and.not.to.contain(secret);
  });

  it("names a required module that does not exist", async () => {
    const error = await runMocked(() => {
      bundleCallbacks(async () => bundles);
      makeFunction(() => (require("#functions/missing") as { create(): () => Promise<unknown> }).create());
    }).then(
      () => undefined,
      (caught: Error) => caught,
    );

    expect(error?.message).to.contain("there is no file functions/missing.ts that exports `create`");
  });

  it("leaves other functions alone", async () => {
    const code = new pulumi.asset.AssetArchive({ "index.js": new pulumi.asset.StringAsset("exports.handler = async () => 1;") });
    const { resources } = await runMocked(() => {
      bundleCallbacks(async () => bundles);
      new aws.lambda.Function("plain", { code, role, runtime, handler: "index.handler" });
    });

    expect(Object.keys(await textsOf(resources[0]!.inputs["code"] as pulumi.asset.AssetArchive))).to.deep.equal(["index.js"]);
  });
});
