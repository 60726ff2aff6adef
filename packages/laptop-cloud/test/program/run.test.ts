import * as aws from "@pulumi/aws";
import * as awsx from "@pulumi/awsx";
import * as pulumi from "@pulumi/pulumi";
import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import type { Place, ServiceDefinition } from "../../src/kernel/service";
import { runProgram } from "../../src/program/run";
import { dynamodb } from "../../src/services/dynamodb";
import { ecs } from "../../src/services/ecs";
import { iam } from "../../src/services/iam";
import { lambda } from "../../src/services/lambda";
import { s3 } from "../../src/services/s3";

const place: Place = { region: "us-east-1", account: "000000000000", awsUrl: "http://127.0.0.1:4566", pageUrl: "http://127.0.0.1:3000" };

describe("program", () => {
  it("accepts a resource in place of its name", async () => {
    const { inventory } = await runProgram({
      config: { project: "roles", stack: "local", values: {}, secretKeys: [] },
      services: [iam],
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

  it("declares resources that are created only when the process ends", async () => {
    const { inventory } = await runProgram({
      config: { project: "uploads", stack: "local", values: {}, secretKeys: [] },
      services: [iam, lambda, s3],
      place,
      load: async () => {
        const bucket = new aws.s3.Bucket("uploads");
        bucket.onObjectCreated("uploaded", async () => {}, { filterSuffix: ".jpg" });
        return {};
      },
    });
    const [notification] = inventory.ofType("aws:s3/bucketNotification:BucketNotification");
    expect(notification?.inputs["lambdaFunctions"]).to.deep.equal([
      {
        events: ["s3:ObjectCreated:*"],
        filterSuffix: ".jpg",
        lambdaFunctionArn: inventory.ofType("aws:lambda/function:Function")[0]?.outputs["arn"],
      },
    ]);
  });

  describe("that asks for a policy document", () => {
    const ask = (request: aws.iam.GetPolicyDocumentArgs) =>
      runProgram({
        config: { project: "policies", stack: "local", values: {}, secretKeys: [] },
        services: [iam],
        place,
        load: async () => {
          const { json } = aws.iam.getPolicyDocumentOutput(request);
          return { policy: new aws.iam.Policy("asked", { policy: json }).policy };
        },
      }).then(
        ({ outputs }) => JSON.parse(String(outputs["policy"])) as object,
        (error: Error) => error.message,
      );

    it("gives it as AWS writes it", async () => {
      const statement = {
        actions: ["sqs:SendMessage"],
        resources: ["arn:aws:sqs:*:*:jobs-&{*}"],
        conditions: [
          { test: "ArnEquals", variable: "aws:SourceArn", values: ["arn:aws:sns:*:*:a"] },
          { test: "ArnEquals", variable: "aws:SourceArn", values: ["arn:aws:sns:*:*:b"] },
        ],
      };
      const forbids = JSON.stringify({ Statement: { Sid: "reads", Effect: "Deny", Action: "sqs:*", Resource: "*" } });
      expect(
        await ask({
          statements: [
            { ...statement, sid: "writes" },
            { sid: "reads", actions: ["sqs:ReceiveMessage"], resources: ["*"] },
          ],
          overridePolicyDocuments: [forbids],
        }),
      ).to.deep.equal({
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "writes",
            Effect: "Allow",
            Action: "sqs:SendMessage",
            Resource: "arn:aws:sqs:*:*:jobs-&{*}".replace("&", "$"),
            Condition: { ArnEquals: { "aws:SourceArn": ["arn:aws:sns:*:*:a", "arn:aws:sns:*:*:b"] } },
          },
          { Sid: "reads", Effect: "Deny", Action: "sqs:*", Resource: "*" },
        ],
      });
    });

    it("refuses invalid values and unsupported arguments", async () => {
      const [actions, resources] = [["sqs:SendMessage"], ["*"]];
      expect(await ask({ statements: [{ actions, resources, effect: "Maybe" }] })).to.equal(
        'effect is "Maybe", but must be "Allow" or "Deny".',
      );
      expect(await ask({ statements: [{ actions, resources, notPrincipals: [{ type: "AWS", identifiers: ["*"] }] }] })).to.equal(
        "getPolicyDocument sets notPrincipals, which the laptop cloud does not imitate.",
      );
    });
  });

  describe("that asks for an AWS managed policy", () => {
    const ask = (request: aws.iam.GetPolicyArgs) =>
      runProgram({
        config: { project: "policies", stack: "local", values: {}, secretKeys: [] },
        services: [iam],
        place,
        load: async () => ({ policy: aws.iam.getPolicyOutput(request) }),
      }).then(
        ({ outputs }) => outputs["policy"] as aws.iam.GetPolicyResult,
        (error: Error) => error.message,
      );

    it("gives it by name or ARN", async () => {
      const arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole";
      const policy = (await ask({ name: "AWSLambdaVPCAccessExecutionRole" })) as aws.iam.GetPolicyResult;
      expect(policy).to.include({ arn, path: "/service-role/" });
      expect(policy.policy).to.contain("ec2:CreateNetworkInterface").and.to.contain("logs:PutLogEvents");
      expect(await ask({ arn })).to.include({ name: "AWSLambdaVPCAccessExecutionRole" });
    });

    it("refuses an unknown one by name", async () => {
      expect(await ask({ name: "AmazonEKSClusterPolicy" })).to.contain(
        'getPolicy for "AmazonEKSClusterPolicy", which is no AWS managed policy that the laptop cloud imitates',
      );
    });
  });

  it("refuses an unknown data source by name, even if its result is only part of an input", async () => {
    const refusal = await runProgram({
      config: { project: "asking", stack: "local", values: {}, secretKeys: [] },
      services: [iam],
      place,
      load: async () => {
        const { names } = aws.getRegionsOutput();
        return { policy: new aws.iam.Policy("asked", { policy: pulumi.jsonStringify({ names }) }).policy };
      },
    }).then(
      () => "taken",
      (error: Error) => error.message,
    );
    expect(refusal).to.equal("The program calls aws:index/getRegions:getRegions, which the laptop cloud does not imitate.");
  });

  it("refuses an unknown data source by name within seconds, even if the program waits for its result", async () => {
    const startedMs = performance.now();
    const refusal = await runProgram({
      config: { project: "waiting", stack: "local", values: {}, secretKeys: [] },
      services: [iam],
      place,
      load: async () => ({ id: (await aws.ec2.getVpc({ default: true })).id, ami: aws.ec2.getAmiOutput({ owners: ["amazon"] }).id }),
    }).then(
      () => "accepted",
      (error: Error) => error.message,
    );
    expect(refusal).to.equal("The program calls aws:ec2/getVpc:getVpc, which the laptop cloud does not imitate.");
    expect(performance.now() - startedMs).to.be.below(5000);
  });

  it("ends soon after a refusal, even if the program leaves the process no time for timers", async () => {
    const rounds = 300;
    let round = 0;
    const keepBusy = async () => {
      for (; round < rounds; round += 1) {
        const endMs = performance.now() + 10;
        while (performance.now() < endMs);
        new aws.iam.Role(`role-${round}`, { assumeRolePolicy: "{}" });
        for (let turn = 0; turn < 1000; turn += 1) await Promise.resolve();
      }
    };
    const refused = runProgram({
      config: { project: "busy", stack: "local", values: {}, secretKeys: [] },
      services: [iam],
      place,
      load: async () => {
        new aws.ec2.Vpc("unknown");
        void keepBusy();
        return {};
      },
    });
    expect((await rejectionOf<Error>(refused)).message).to.match(/^"unknown" is a aws:ec2\/vpc:Vpc/);
    expect(round).to.be.below(rounds);
    round = rounds;
  });

  it("refuses by name a component that a provider would create, without warnings about what is missing then", async () => {
    const warnings = sinon.stub(console, "warn");
    class RestApi extends pulumi.ComponentResource {
      declare readonly url: pulumi.Output<string>;
      constructor(name: string) {
        super("aws-made-up:index:RestAPI", name, { url: undefined }, {}, true);
      }
    }
    const refusal = await runProgram({
      config: { project: "remote", stack: "local", values: {}, secretKeys: [] },
      services: [iam],
      place,
      load: async () => ({ url: new RestApi("api").url }),
    }).then(
      () => "accepted",
      (error: Error) => error.message,
    );
    sinon.restore();
    expect(refusal).to.match(/^"api" is a aws-made-up:index:RestAPI, which the laptop cloud does not imitate\./);
    sinon.assert.notCalled(warnings);
  });

  const declare = (load: () => Promise<object>) =>
    runProgram({ config: { project: "small", stack: "local", values: {}, secretKeys: [] }, services: [iam, s3], place, load });

  it("refuses two resources with the same URN, as Pulumi's engine does", async () => {
    class Pair extends pulumi.ComponentResource {
      constructor(name: string, options?: pulumi.ComponentResourceOptions) {
        super("small:index:Pair", name, {}, options);
        new aws.s3.Bucket("inner", {}, { parent: this });
      }
    }
    const refusal = await rejectionOf<Error>(
      declare(async () => {
        new aws.s3.Bucket("twice");
        new Pair("one");
        new Pair("two");
        return {};
      }),
    );
    expect(refusal.message).to.equal(
      'The program declares two resources of type aws:s3/bucket:Bucket with the name "inner": Pulumi needs unique names.',
    );
    const { inventory } = await declare(async () => {
      new aws.s3.Bucket("inner");
      new Pair("one");
      return {};
    });
    expect(inventory.ofType("aws:s3/bucket:Bucket")).to.have.length(2);
  });

  it("refuses a resource that exists elsewhere, and a provider or resource for another region", async () => {
    const lookup = await rejectionOf<Error>(declare(async () => ({ arn: aws.s3.Bucket.get("shared", "company-bucket").arn })));
    expect(lookup.message).to.equal(
      '"shared" is an existing aws:s3/bucket:Bucket, but the laptop cloud has only what the program declares.',
    );
    const far = await rejectionOf<Error>(
      declare(async () => {
        new aws.s3.Bucket("far", {}, { provider: new aws.Provider("europe", { region: "eu-west-1" }) });
        return {};
      }),
    );
    expect(far.message).to.contain('The provider "europe" is for "eu-west-1", but the laptop cloud has one region');
    const farther = await rejectionOf<Error>(declare(async () => ({ arn: new aws.s3.Bucket("farther", { region: "eu-west-1" }).arn })));
    expect(farther.message).to.contain('"farther" (aws:s3/bucket:Bucket) is for "eu-west-1", but the laptop cloud has one region');
  });

  it("names further unknown types in the same sentence", async () => {
    const refusal = await runProgram({
      config: { project: "network", stack: "local", values: {}, secretKeys: [] },
      services: [iam],
      place,
      load: async () => {
        const network = new aws.ec2.Vpc("network", { cidrBlock: "10.0.0.0/16" });
        new aws.ec2.Subnet("a", { vpcId: network.id });
        new aws.ec2.Subnet("b", { vpcId: network.id });
        new aws.ec2.InternetGateway("gateway", { vpcId: network.id });
        return {};
      },
    }).then(
      () => "accepted",
      (error: Error) => error.message,
    );
    expect(refusal).to.equal(
      '"network" is a aws:ec2/vpc:Vpc, which the laptop cloud does not imitate, ' +
        "nor aws:ec2/internetGateway:InternetGateway, aws:ec2/subnet:Subnet.",
    );
  });

  it("has a region and an organization without settings", async () => {
    const { outputs } = await runProgram({
      config: { project: "bare", stack: "local", values: {}, secretKeys: [] },
      services: [],
      place,
      load: async () => ({ region: aws.config.requireRegion(), organization: pulumi.getOrganization() }),
    });
    expect(outputs).to.deep.equal({ region: "us-east-1", organization: "organization" });
  });

  it("replaces awsx components by the resources that they create, and refuses other components by name", async () => {
    const run = (load: () => Promise<object>) =>
      runProgram({ config: { project: "boxes", stack: "local", values: {}, secretKeys: [] }, services: [ecs], place, load });
    const { inventory, outputs } = await run(async () => {
      const repository = new awsx.ecr.Repository("worker", { forceDelete: true });
      const image = new awsx.ecr.Image("worker", { repositoryUrl: repository.url, context: "./image", platform: "linux/arm64" });
      const service = new awsx.ecs.FargateService("worker", {
        taskDefinitionArgs: {
          taskRole: { roleArn: "arn:aws:iam::000000000000:role/worker" },
          container: {
            name: "worker",
            image: image.imageUri,
            command: ["node", "worker.js"],
            environment: [{ name: "TOKEN", value: pulumi.secret("hunter2") }],
          },
        },
      });
      return { url: repository.url, service: service.service.name };
    });
    expect(outputs).to.deep.equal({ url: "000000000000.dkr.ecr.us-east-1.amazonaws.com/worker", service: "worker" });
    const [service] = inventory.ofType("awsx:ecs:FargateService");
    expect(service?.inputs["taskDefinitionArgs"].container.image).to.equal(`${outputs["url"]}:worker`);
    expect(JSON.stringify(inventory.shown())).not.to.include("hunter2");

    const refusal = await run(async () => ({ balancer: new awsx.lb.ApplicationLoadBalancer("balancer") })).then(
      () => "taken",
      (error: Error) => error.message,
    );
    expect(refusal).to.match(/"balancer" is a awsx:lb:ApplicationLoadBalancer, which the laptop cloud does not imitate/);
  });

  it("knows which outputs are secret, and which contain a secret", async () => {
    const { outputs, secretOutputs } = await runProgram({
      config: { project: "secrets", stack: "local", values: {}, secretKeys: [] },
      services: [],
      place,
      load: async () => ({
        open: pulumi.output("to see"),
        plain: 1,
        hidden: pulumi.secret("hunter2"),
        within: { list: [pulumi.secret("hunter3")] },
      }),
    });
    expect(outputs).to.deep.equal({ open: "to see", plain: 1, hidden: "hunter2", within: { list: ["hunter3"] } });
    expect(secretOutputs).to.deep.equal(["hidden", "within"]);
  });

  it("pads short automatic names to three characters, as AWS's provider does", async () => {
    const { outputs } = await runProgram({
      config: { project: "short", stack: "local", values: {}, secretKeys: [] },
      services: [dynamodb, s3],
      place,
      load: async () => ({
        bucket: new aws.s3.Bucket("B").bucket,
        table: new aws.dynamodb.Table("t", { attributes: [{ name: "id", type: "S" }], hashKey: "id" }).name,
      }),
    });
    expect(outputs).to.deep.equal({ bucket: "b-auto", table: "t-auto" });
  });

  it("knows which component a resource belongs to, and which parts of an input are secret", async () => {
    const { inventory } = await runProgram({
      config: { project: "parts", stack: "local", values: {}, secretKeys: [] },
      services: [parts],
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

/** A resource type that no cloud has. */
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
