import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { iam } from "../../../local/iam";
import type { Place, ServiceDefinition } from "../../../local/kernel/service";
import { runProgram } from "../../../local/program/run";

const place: Place = { region: "us-east-1", account: "000000000000", awsUrl: "http://127.0.0.1:4566", pageUrl: "http://127.0.0.1:3000" };

describe("program", () => {
  it("takes a resource that is given in place of its name", async () => {
    const { inventory } = await runProgram({
      config: { project: "roles", stack: "local", values: {}, secretKeys: [] },
      definitions: [iam],
      place,
      load: async () => {
        const role = new aws.iam.Role("doer", {
          assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" }),
        });
        new aws.iam.RolePolicyAttachment("one", { role, policyArn: aws.iam.ManagedPolicy.AWSLambdaBasicExecutionRole });
        new aws.iam.PolicyAttachment("several", { roles: [role], policyArn: aws.iam.ManagedPolicy.AWSLambdaBasicExecutionRole });
        return {};
      },
    });
    expect(inventory.ofType("aws:iam/rolePolicyAttachment:RolePolicyAttachment")[0]?.inputs["role"]).to.equal("doer");
    expect(inventory.ofType("aws:iam/policyAttachment:PolicyAttachment")[0]?.inputs["roles"]).to.deep.equal(["doer"]);
  });

  it("knows which component a resource belongs to, and which parts of an input are secret", async () => {
    const { inventory } = await runProgram({
      config: { project: "parts", stack: "local", values: {}, secretKeys: [] },
      definitions: [parts],
      place,
      load: async () => {
        const box = new pulumi.ComponentResource("test:index:Box", "box");
        const secret = pulumi.secret("hunter2");
        new Part("inside", { settings: { open: "to see", hidden: secret, list: ["a", secret] } }, { parent: box });
        new Part("outside", { settings: pulumi.secret({ all: "hidden" }) });
        new Part("plain", { settings: pulumi.output({ none: "hidden" }) });
        return {};
      },
    });
    const byName = Object.fromEntries(inventory.resources.map(({ name, parent, secrets }) => [name, { parent, secrets }]));
    expect(byName).to.deep.equal({
      inside: { parent: "box", secrets: ["settings.hidden", "settings.list.1"] },
      outside: { parent: undefined, secrets: ["settings"] },
      plain: { parent: undefined, secrets: [] },
    });
    expect(inventory.shown().find(({ name }) => name === "inside")?.inputs["settings"]).to.deep.include({
      open: "to see",
      hidden: "[secret]",
      list: ["a", "[secret]"],
    });
  });
});

/** A resource type of no cloud. */
const parts: ServiceDefinition = {
  name: "parts",
  resources: { "test:index:Part": { properties: { settings: "acts" }, outputs: ({ name }) => ({ id: name }) } },
  create: () => ({ operations: {}, start: async () => {}, stop: async () => {} }),
};

class Part extends pulumi.CustomResource {
  constructor(name: string, inputs: pulumi.Inputs, options?: pulumi.CustomResourceOptions) {
    super("test:index:Part", name, inputs, options);
  }
}
