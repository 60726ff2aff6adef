import {
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  ListRolesCommand,
  NoSuchEntityException,
} from "@aws-sdk/client-iam";
import { startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { iam } from "../../../src/services/iam";
import { roleNamed, rolePolicy, trusting } from "./inventory";

describe("iam", () => {
  let laptop: Awaited<ReturnType<typeof startLaptop>>;
  let client: IAMClient;
  const statement = { Effect: "Allow", Action: "sqs:SendMessage", Resource: "*" } as const;
  const policyArn = "arn:aws:iam::000000000000:policy/teams/send";

  before(async () => {
    laptop = await startLaptop({
      definitions: [iam],
      resources: [
        roleNamed("doer", { path: "/teams/" }),
        rolePolicy("doer", statement),
        {
          type: "aws:iam/policy:Policy",
          name: "send",
          inputs: { path: "/teams/", policy: { Version: "2012-10-17", Statement: [statement] } },
        },
        { type: "aws:iam/rolePolicyAttachment:RolePolicyAttachment", name: "a", inputs: { role: "doer", policyArn } },
      ],
    });
    client = new IAMClient(laptop.client);
  });
  after(() => laptop.stop());

  it("shows a role and its trust policy", async () => {
    const { Role } = await client.send(new GetRoleCommand({ RoleName: "doer" }));
    expect(Role).to.include({ RoleName: "doer", Arn: "arn:aws:iam::000000000000:role/teams/doer", Path: "/teams/" });
    expect(Role?.RoleId).to.match(/^AROA[0-9A-F]{17}$/);
    expect(decodeURIComponent(Role!.AssumeRolePolicyDocument!)).to.equal(trusting("lambda.amazonaws.com", "scheduler.amazonaws.com"));
  });
  it("shows AWS's own policies", async () => {
    const PolicyArn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy";
    const { Policy } = await client.send(new GetPolicyCommand({ PolicyArn }));
    expect(Policy).to.include({ PolicyName: "AmazonECSTaskExecutionRolePolicy", Path: "/service-role/", IsAttachable: true });
    const { PolicyVersion } = await client.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: Policy!.DefaultVersionId }));
    expect(decodeURIComponent(PolicyVersion!.Document!)).to.contain("ecr:BatchGetImage");
  });
  it("lists roles by path", async () => {
    const listed = await client.send(new ListRolesCommand({ PathPrefix: "/teams/" }));
    expect(listed.Roles?.map(role => role.RoleName)).to.deep.equal(["doer"]);
    expect((await client.send(new ListRolesCommand({ PathPrefix: "/others/" }))).Roles ?? []).to.deep.equal([]);
  });
  it("shows inline policies", async () => {
    expect((await client.send(new ListRolePoliciesCommand({ RoleName: "doer" }))).PolicyNames).to.deep.equal(["doer-policy"]);
    const { PolicyDocument } = await client.send(new GetRolePolicyCommand({ RoleName: "doer", PolicyName: "doer-policy" }));
    expect(JSON.parse(decodeURIComponent(PolicyDocument!)).Statement).to.deep.equal([statement]);
  });
  it("shows attached policies and their documents", async () => {
    const { AttachedPolicies } = await client.send(new ListAttachedRolePoliciesCommand({ RoleName: "doer" }));
    expect(AttachedPolicies).to.deep.equal([{ PolicyName: "send", PolicyArn: policyArn }]);
    expect((await client.send(new GetPolicyCommand({ PolicyArn: policyArn }))).Policy?.AttachmentCount).to.equal(1);
    const { PolicyVersion } = await client.send(new GetPolicyVersionCommand({ PolicyArn: policyArn, VersionId: "v1" }));
    expect(JSON.parse(decodeURIComponent(PolicyVersion!.Document!)).Statement).to.deep.equal([statement]);
  });
  it("names a missing role", async () => {
    const error = await client.send(new GetRoleCommand({ RoleName: "nobody" })).then(
      () => undefined,
      (cause: unknown) => cause,
    );
    expect(error).to.be.instanceOf(NoSuchEntityException);
    expect((error as Error).message).to.contain("nobody");
  });
});
