/** The programs in a checkout of pulumi/examples, and what each needs to run. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { Call } from "./trial";

/** One Pulumi program. An example may consist of several. */
interface Example {
  /** The folder, relative to the checkout: "aws-ts-apigateway", "aws-ts-assume-role/create-role". */
  name: string;
  /** Wanted packages by name. Types are left out, because programs are transpiled only. */
  packages: Record<string, string>;
}

const PREFIXES = ["aws-ts-", "aws-js-"];

/** Programs are at most this many folders below the example's folder. */
const MAX_DEPTH = 2;

/** Settings that an example's README asks for, as in `--config KEY=VALUE`. The values are made up. */
const SETTINGS: Record<string, string[]> = {
  "aws-ts-airflow": ["airflow:dbPassword=made-up-password"],
  "aws-ts-ansible-wordpress": ["publicKeyPath=key.pub", "privateKeyPath=key", "dbPassword=made-up-password"],
  "aws-ts-apigateway-auth0": ["jwksUri=https://example.com/jwks.json", "audience=https://example.com", "issuer=https://example.com/"],
  "aws-ts-assume-role/assume-role": ["roleToAssumeARN=arn:aws:iam::000000000000:role/made-up"],
  "aws-ts-assume-role/create-role": ["unprivilegedUsername=somebody@example.com"],
  "aws-ts-containers-dockerbuildcloud": ["builder=cloud-made-up"],
  "aws-ts-ec2-provisioners": ["publicKey=ssh-rsa made-up", "privateKey=made-up"],
  "aws-ts-ecr-cache": [
    "dockerHubUsername=somebody",
    "dockerHubAccessToken=made-up",
    "gitHubUsername=somebody",
    "gitHubAccessToken=made-up",
    "gitLabUsername=somebody",
    "gitLabAccessToken=made-up",
  ],
  "aws-ts-k8s-mern-voting-app": ["sql-user-name=somebody", "sql-user-password=made-up-password"],
  "aws-ts-k8s-voting-app": [
    "sql-admin-name=admin",
    "sql-admin-password=made-up-password",
    "sql-user-name=somebody",
    "sql-user-password=made-up-password",
  ],
  "aws-ts-lambda-secrets": [
    'lambdawithsecrets={"envvars":{"envvar1":"value1","envvar2":"value2"},"secrets":{"secret1":"made-up-1","secret2":"made-up-2"}}',
  ],
  "aws-ts-lambda-slack": ["slackWebhookUrl=http://127.0.0.1:9/made-up"],
  "aws-ts-netlify-cms-and-oauth/cms-oauth/infrastructure": [
    "netlify-cms-oauth-provider-infrastructure:targetDomain=oauth.example.com",
    "netlify-cms-oauth-provider-infrastructure:githubKey=made-up",
    "netlify-cms-oauth-provider-infrastructure:githubSecret=made-up",
  ],
  "aws-ts-netlify-cms-and-oauth/cms/infrastructure": [
    "pulumi-website-cms:pathToWebsiteContents=../build",
    "pulumi-website-cms:targetDomain=cms.example.com",
  ],
  "aws-ts-oidc-provider-pulumi-cloud": ["escProject=made-up", "escEnvironmentName=made-up"],
  "aws-ts-organizations": ["devAccountEmailContact=somebody@example.com"],
  "aws-ts-pern-voting-app": [
    "sql-admin-name=admin",
    "sql-admin-password=made-up-password",
    "sql-user-name=somebody",
    "sql-user-password=made-up-password",
  ],
  "aws-ts-pulumi-miniflux": [
    "db_name=miniflux",
    "db_username=miniflux",
    "db_password=made-up-password",
    "admin_username=admin",
    "admin_password=made-up-password",
  ],
  "aws-ts-pulumi-webhooks": ["slackWebhook=http://127.0.0.1:9/made-up", "slackChannel=general"],
  "aws-ts-redshift-glue-etl": [
    "clusterIdentifier=made-up",
    "clusterNodeType=ra3.xlplus",
    "clusterDBName=dev",
    "clusterDBUsername=somebody",
    "clusterDBPassword=made-up-password",
    "glueDBName=made-up",
  ],
  "aws-ts-ruby-on-rails": ["dbUser=somebody", "dbPassword=made-up-password", "dbRootPassword=made-up-password"],
  "aws-ts-slackbot": ["mentionbot:slackToken=xoxb-made-up", "mentionbot:verificationToken=made-up"],
  "aws-ts-stackreference-architecture/application": [
    "networkingStack=somebody/networking-layer/dev",
    "databaseStack=somebody/database-layer/dev",
  ],
  "aws-ts-stackreference-architecture/database": [
    "networkingStack=somebody/networking-layer/dev",
    "dbUsername=somebody",
    "dbPassword=made-up-password",
    "dbName=made-up",
  ],
  "aws-ts-stackreference/company": ["companyName=ACME Widget Company"],
  "aws-ts-stackreference/department": ["departmentName=E-Commerce"],
  "aws-ts-stackreference/team": [
    "companyStack=somebody/aws-ts-stackreference-company/dev",
    "departmentStack=somebody/aws-ts-stackreference-department/dev",
    "teamName=Frontend Dev",
  ],
  "aws-ts-static-website": ["targetDomain=www.made-up.dev", "pathToWebsiteContents=./www"],
  "aws-ts-twitter-athena": [
    "twitterConsumerKey=made-up",
    "twitterConsumerSecret=made-up",
    "twitterAccessTokenKey=made-up",
    "twitterAccessTokenSecret=made-up",
    "twitterQuery=Amazon Web Services",
  ],
  "aws-ts-voting-app": ["redisPassword=made-up-password"],
  "aws-ts-vpc-with-ecs-fargate-py/vpc-crosswalk-ts": [
    "vpc_name=vpc-fargate-dev",
    "vpc_cidr=10.0.0.0/24",
    "zone_number=3",
    "number_of_nat_gateways=3",
  ],
};

/** How to call an example. Others get `GET` at their address, and must answer with 200. */
const CALLS: Record<string, Call> = {
  "aws-ts-apigateway": { path: "/hello" },
  "aws-ts-apigateway-lambda-serverless": { path: "/hello" },
  "aws-ts-apigatewayv2-eventbridge": { path: "/uploads", method: "POST", body: '{"name":"made-up"}' },
  "aws-ts-esc-external-adapter-lambda": { method: "POST", body: "{}", status: 401, since: "the call has no token of Pulumi Cloud" },
  "aws-ts-lambda-slack": { status: 502, since: "the function can't reach Slack" },
  "aws-ts-s3-lambda-copyzip": { invoke: "zipTpsReports" },
  "aws-ts-scheduled-function": { invoke: "emptyTrash" },
  "aws-ts-slackbot": { path: "/events", method: "POST", body: '{"type":"url_verification","challenge":"made-up"}' },
  "aws-ts-stepfunctions": { invoke: "helloFunction" },
};

/** All programs for Node.js, sorted by name. */
const findExamples = (checkout: string): Example[] =>
  readdirSync(checkout)
    .filter(name => PREFIXES.some(prefix => name.startsWith(prefix)))
    .flatMap(name => findPrograms(join(checkout, name), MAX_DEPTH))
    .filter(isForNode)
    .map(folder => ({ name: relative(checkout, folder), packages: readPackages(folder) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

const findPrograms = (folder: string, depth: number): string[] => {
  if (existsSync(join(folder, "Pulumi.yaml"))) return [folder];
  if (depth === 0) return [];
  const inside = readdirSync(folder, { withFileTypes: true }).filter(entry => entry.isDirectory());
  return inside.flatMap(({ name }) => findPrograms(join(folder, name), depth - 1));
};

const isForNode = (folder: string): boolean => /^runtime:\s*(name:\s*)?nodejs\b/m.test(readFileSync(join(folder, "Pulumi.yaml"), "utf8"));

const readPackages = (folder: string): Record<string, string> => {
  const { dependencies = {} } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { dependencies?: Record<string, string> };
  return Object.fromEntries(Object.entries(dependencies).filter(([name]) => !name.startsWith("@types/")));
};

export type { Example };
export { CALLS, findExamples, SETTINGS };
