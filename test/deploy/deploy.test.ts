import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import policy from "../../deploy/policy.json";
import { type MockedResource, runMocked } from "../components/mocked";
import { find } from "../components/registered";

describe("deploy", () => {
  /** Runs the program of the folder, which reads its configuration itself. */
  const run = (config: Record<string, string>) =>
    runMocked(
      () => {
        pulumi.runtime.setAllConfig(Object.fromEntries(Object.entries(config).map(([key, value]) => [`slack-fanout:${key}`, value])));
        const program = require.resolve("../../deploy/index");
        delete require.cache[program];
        require(program);
      },
      name => `arn:aws:iam::123456789012:${name}`,
    );
  const trustOf = (resources: MockedResource[], name: string) =>
    JSON.parse(find(resources, "aws:iam/role:Role", name)["assumeRolePolicy"]).Statement as {
      Principal: unknown;
      Condition: { StringEquals: Record<string, string> };
    }[];

  it("trusts jobs of each environment of the repository, and nobody else", async () => {
    const { resources } = await run({ repository: "acme/slack-fanout" });

    const roles = resources.filter(({ type }) => type === "aws:iam/role:Role").map(({ name }) => name);
    expect(roles).to.have.members(["slack-fanout-deploy-dev", "slack-fanout-deploy-prod", "slack-fanout-preview"]);
    const subjects = roles.map(name => {
      const [statement, ...more] = trustOf(resources, name);
      expect(more).to.deep.equal([]);
      expect(statement?.Principal).to.deep.equal({ Federated: "arn:aws:iam::123456789012:github" });
      // Equal, not alike: a pattern could match another repository.
      expect(Object.keys(statement!.Condition)).to.deep.equal(["StringEquals"]);
      expect(statement?.Condition.StringEquals["token.actions.githubusercontent.com:aud"]).to.equal("sts.amazonaws.com");
      return statement?.Condition.StringEquals["token.actions.githubusercontent.com:sub"];
    });
    expect(subjects).to.have.members([
      "repo:acme/slack-fanout:environment:dev",
      "repo:acme/slack-fanout:environment:prod",
      "repo:acme/slack-fanout:pull_request",
    ]);
  });

  it("gives a deployer the policies, and a preview nothing but a view", async () => {
    const { resources } = await run({ repository: "acme/slack-fanout", environments: '["prod"]' });

    const policies = resources.filter(({ type }) => type === "aws:iam/policy:Policy");
    expect(policies.map(({ inputs }) => JSON.parse(inputs["policy"]))).to.have.deep.members(policy);
    const attached = resources
      .filter(({ type }) => type === "aws:iam/rolePolicyAttachment:RolePolicyAttachment")
      .map(({ inputs }) => inputs);
    expect(attached.filter(({ role }) => role === "slack-fanout-deploy-prod")).to.have.lengthOf(policies.length);
    expect(attached.filter(({ role }) => role === "slack-fanout-preview").map(({ policyArn }) => policyArn)).to.deep.equal([
      "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess",
    ]);
  });

  it("uses the account's provider, if there is one", async () => {
    const { resources } = await run({ repository: "acme/slack-fanout", providerArn: "arn:aws:iam::123456789012:oidc-provider/x" });

    expect(resources.filter(({ type }) => type.startsWith("aws:iam/openIdConnectProvider"))).to.deep.equal([]);
    expect(trustOf(resources, "slack-fanout-preview")[0]?.Principal).to.deep.equal({
      Federated: "arn:aws:iam::123456789012:oidc-provider/x",
    });
  });

  it("refuses a repository that is none", async () => {
    const problem = await run({ repository: "*" }).catch(error => error as Error);
    expect((problem as Error).message).to.equal('repository is "*", but must be the owner and the name, such as acme/slack-fanout.');
  });
});
