/**
 * The roles with which GitHub's workflows reach AWS: GitHub signs who is asking, and AWS answers with credentials for an hour. There are no
 * keys to keep. Deploy it once, by hand, before the first workflow: `docs/guides/production.md`.
 *
 * Source: https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws
 */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { Deployer, type Documents } from "./deployer";

const config = new pulumi.Config();

// The account has one provider for GitHub. If another program made it, its ARN is given.
const providerArn =
  config.get("providerArn") ??
  new aws.iam.OpenIdConnectProvider("github", {
    url: "https://token.actions.githubusercontent.com",
    clientIdLists: ["sts.amazonaws.com"],
  }).arn;

const deployer = new Deployer("slack-fanout", {
  providerArn,
  repository: config.require("repository"),
  environments: config.getObject<string[]>("environments") ?? ["dev", "prod"],
  documents: require("./policy.json") as Documents,
});

export const { deployRoleArns, previewRoleArn } = deployer;
