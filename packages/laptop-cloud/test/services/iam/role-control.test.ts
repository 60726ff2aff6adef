import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  DeletePolicyCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListPoliciesCommand,
  ListRolesCommand,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { iam } from "../../../src/services/iam";
import { createAuthorizer } from "../../../src/services/iam/authorizer";
import { functionWith, roleNamed, trusting } from "./inventory";

const policyOf = (...actions: string[]) =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: actions, Resource: "*" }] });

describe("iam roles created by API calls", () => {
  let directory: string;
  let laptop: Awaited<ReturnType<typeof startLaptop>>;
  let client: IAMClient;

  const start = async () => {
    laptop = await startLaptop({ definitions: [iam], resources: [roleNamed("declared")], directory });
    client = new IAMClient({ ...laptop.client, maxAttempts: 1 });
  };
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "slack-fanout-iam-"));
    await start();
  });
  afterEach(async () => {
    await laptop.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const create = (RoleName = "worker", AssumeRolePolicyDocument = trusting("lambda.amazonaws.com")) =>
    client.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument, Description: "works", Path: "/" }));
  const allow = (action: string, RoleName = "worker") =>
    client.send(new PutRolePolicyCommand({ RoleName, PolicyName: "own", PolicyDocument: policyOf(action) }));
  /** As the cloud decides about a function with the role. */
  const may = (action: string, role = "worker") =>
    createAuthorizer(laptop.cloud.inventory, laptop.cloud.place).decide(functionWith(role), action, "*", {}).allowed;
  const refusalOf = (work: Promise<unknown>) =>
    work.then(
      () => "taken",
      (error: Error) => error.name,
    );

  it("are shown like the program's", async () => {
    const { Role } = await create();
    expect(Role).to.deep.include({ RoleName: "worker", Arn: "arn:aws:iam::000000000000:role/worker", Description: "works" });
    expect((await client.send(new GetRoleCommand({ RoleName: "worker" }))).Role).to.deep.equal(Role);
    const { Roles } = await client.send(new ListRolesCommand({}));
    expect(Roles?.map(({ RoleName }) => RoleName)).to.deep.equal(["declared", "worker"]);
  });

  it("can do what their policies allow as soon as they have them", async () => {
    await create();
    expect(may("sqs:SendMessage")).to.equal(false);
    await allow("sqs:SendMessage");
    expect(may("sqs:SendMessage")).to.equal(true);
    const PolicyArn = "arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess";
    await client.send(new AttachRolePolicyCommand({ RoleName: "worker", PolicyArn }));
    expect(may("dynamodb:PutItem")).to.equal(true);
    await client.send(new DetachRolePolicyCommand({ RoleName: "worker", PolicyArn }));
    await client.send(new DeleteRolePolicyCommand({ RoleName: "worker", PolicyName: "own" }));
    expect([may("sqs:SendMessage"), may("dynamodb:PutItem")]).to.deep.equal([false, false]);
  });

  it("can be assumed only by services that they trust", async () => {
    await create("worker", trusting("scheduler.amazonaws.com"));
    await allow("sqs:SendMessage");
    expect(may("sqs:SendMessage")).to.equal(false);
    await client.send(new UpdateAssumeRolePolicyCommand({ RoleName: "worker", PolicyDocument: trusting("lambda.amazonaws.com") }));
    expect(may("sqs:SendMessage")).to.equal(true);
  });

  it("share created policies, which can't be deleted meanwhile", async () => {
    await create();
    const { Policy } = await client.send(new CreatePolicyCommand({ PolicyName: "send", PolicyDocument: policyOf("sqs:SendMessage") }));
    await client.send(new AttachRolePolicyCommand({ RoleName: "worker", PolicyArn: Policy!.Arn! }));
    expect(may("sqs:SendMessage")).to.equal(true);
    const { AttachedPolicies } = await client.send(new ListAttachedRolePoliciesCommand({ RoleName: "worker" }));
    expect(AttachedPolicies).to.deep.equal([{ PolicyName: "send", PolicyArn: Policy!.Arn }]);
    expect((await client.send(new ListPoliciesCommand({ Scope: "Local" }))).Policies?.[0]).to.include({
      PolicyName: "send",
      AttachmentCount: 1,
    });

    expect(await refusalOf(client.send(new DeletePolicyCommand({ PolicyArn: Policy!.Arn! })))).to.equal("DeleteConflictException");
    await client.send(new DetachRolePolicyCommand({ RoleName: "worker", PolicyArn: Policy!.Arn! }));
    await client.send(new DeletePolicyCommand({ PolicyArn: Policy!.Arn! }));
    expect((await client.send(new ListPoliciesCommand({}))).Policies ?? []).to.deep.equal([]);
  });

  it("survive a restart with their policies; the program's are as declared again", async () => {
    await create();
    const { Policy } = await client.send(new CreatePolicyCommand({ PolicyName: "read", PolicyDocument: policyOf("s3:GetObject") }));
    await client.send(new AttachRolePolicyCommand({ RoleName: "worker", PolicyArn: Policy!.Arn! }));
    await allow("sqs:SendMessage");
    await allow("sqs:SendMessage", "declared");
    expect(may("sqs:SendMessage", "declared")).to.equal(true);

    await laptop.stop();
    await start();
    expect([may("sqs:SendMessage"), may("s3:GetObject"), may("sqs:SendMessage", "declared")]).to.deep.equal([true, true, false]);
  });

  it("can be deleted only without policies", async () => {
    await create();
    await allow("sqs:SendMessage");
    expect(await refusalOf(client.send(new DeleteRoleCommand({ RoleName: "worker" })))).to.equal("DeleteConflictException");
    await client.send(new DeleteRolePolicyCommand({ RoleName: "worker", PolicyName: "own" }));
    await client.send(new DeleteRoleCommand({ RoleName: "worker" }));
    expect(await refusalOf(client.send(new GetRoleCommand({ RoleName: "worker" })))).to.equal("NoSuchEntityException");
    await laptop.stop();
    await start();
    expect(await refusalOf(client.send(new GetRoleCommand({ RoleName: "worker" })))).to.equal("NoSuchEntityException");
  });

  it("are refused with IAM's error codes", async () => {
    await create();
    expect(await refusalOf(create())).to.equal("EntityAlreadyExistsException");
    expect(await refusalOf(create("declared"))).to.equal("EntityAlreadyExistsException");
    expect(await refusalOf(create("two words"))).to.equal("ValidationError");
    expect(await refusalOf(create("other", "no JSON"))).to.equal("MalformedPolicyDocumentException");
    const PolicyDocument = JSON.stringify({ Statement: [{ Effect: "Maybe", Action: "*", Resource: "*" }] });
    const put = client.send(new PutRolePolicyCommand({ RoleName: "worker", PolicyName: "own", PolicyDocument }));
    expect(await refusalOf(put)).to.equal("MalformedPolicyDocumentException");
    const attach = new AttachRolePolicyCommand({ RoleName: "worker", PolicyArn: "arn:aws:iam::aws:policy/Nothing" });
    expect(await refusalOf(client.send(attach))).to.equal("NoSuchEntityException");
    expect(await refusalOf(allow("sqs:SendMessage", "nobody"))).to.equal("NoSuchEntityException");
    expect(may("sqs:SendMessage")).to.equal(false);
  });
});
