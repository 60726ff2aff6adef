import * as pulumi from "@pulumi/pulumi";
import type { Declared } from "../../../local/kernel/service";

interface FunctionUnderTest {
  name?: string;
  /** Source of index.js, CommonJS. */
  code: string;
  files?: Record<string, string>;
  inputs?: Record<string, unknown>;
}

/** A declared function whose index.js is `code`; one default, and whatever a test wants otherwise. */
const declareFunction = ({ name = "worker", code, files = {}, inputs = {} }: FunctionUnderTest): Declared => ({
  type: "aws:lambda/function:Function",
  name,
  inputs: {
    code: new pulumi.asset.AssetArchive({
      "index.js": new pulumi.asset.StringAsset(code),
      ...Object.fromEntries(Object.entries(files).map(([path, text]) => [path, new pulumi.asset.StringAsset(text)])),
    }),
    handler: "index.handler",
    runtime: "nodejs22.x",
    role: "arn:aws:iam::000000000000:role/worker",
    ...inputs,
  },
});

export type { FunctionUnderTest };
export { declareFunction };
