import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** Policy documents, each below IAM's limit. `npm run deployer-policy` writes them. */
type Documents = readonly { Version: string; Statement: readonly object[] }[];

interface DeployerArgs {
  /** ARN of the account's OpenID Connect provider for GitHub. */
  providerArn: pulumi.Input<string>;
  /** As GitHub writes it: `owner/name`. */
  repository: string;
  /** Environments of the repository, one for each stack. A job gets the role of the environment that it runs in. */
  environments: string[];
  documents: Documents;
}

/** Only lists and describes, no data. A preview of a pull request runs the pull request's code. */
const VIEW_ONLY = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess";

const HOUR_SECONDS = 3600;

/** A role for each environment, which may deploy the program, and one for previews, which may only look. */
class Deployer extends pulumi.ComponentResource {
  /** By environment. */
  readonly deployRoleArns: Record<string, pulumi.Output<string>>;
  readonly previewRoleArn: pulumi.Output<string>;

  constructor(name: string, { providerArn, repository, environments, documents }: DeployerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("slack-fanout:deploy:Deployer", name, {}, opts);
    if (!/^[\w.-]+\/[\w.-]+$/.test(repository))
      throw new pulumi.RunError(
        `repository is ${JSON.stringify(repository)}, but must be the owner and the name, such as acme/slack-fanout.`,
      );
    const child = { parent: this };
    const policies = documents.map(
      (document, index) => new aws.iam.Policy(`${name}-deploy-${index + 1}`, { policy: JSON.stringify(document) }, child),
    );

    const createRole = (roleName: string, subject: string, policyArns: pulumi.Input<string>[]) => {
      const assumeRolePolicy = buildTrust(providerArn, `repo:${repository}:${subject}`);
      const role = new aws.iam.Role(roleName, { assumeRolePolicy, maxSessionDuration: HOUR_SECONDS }, child);
      policyArns.forEach((policyArn, index) => {
        new aws.iam.RolePolicyAttachment(`${roleName}-${index + 1}`, { role: role.name, policyArn }, child);
      });
      return role.arn;
    };
    // Approval comes first: a job gets the token of its environment only after the environment's rules let it run.
    this.deployRoleArns = Object.fromEntries(
      environments.map(environment => [
        environment,
        createRole(
          `${name}-deploy-${environment}`,
          `environment:${environment}`,
          policies.map(({ arn }) => arn),
        ),
      ]),
    );
    this.previewRoleArn = createRole(`${name}-preview`, "pull_request", [VIEW_ONLY]);
    this.registerOutputs({ previewRoleArn: this.previewRoleArn });
  }
}

/** Trusts tokens that GitHub signed for AWS, for one kind of job of one repository. */
const buildTrust = (providerArn: pulumi.Input<string>, subject: string): pulumi.Output<string> =>
  pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Federated: providerArn },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: {
          StringEquals: {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": subject,
          },
        },
      },
    ],
  });

export type { DeployerArgs, Documents };
export { Deployer };
