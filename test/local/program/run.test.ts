import * as aws from "@pulumi/aws";
import { expect } from "chai";
import { iam } from "../../../local/iam";
import type { Place } from "../../../local/kernel/service";
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
});
