import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { sts } from "../../../src/services/sts";

describe("sts", () => {
  let laptop: Awaited<ReturnType<typeof startLaptop>>;
  before(async () => {
    laptop = await startLaptop({ definitions: [sts] });
  });
  after(() => laptop.stop());

  it("identifies the access key test as the administrator", async () => {
    const { Arn, Account, UserId } = await new STSClient(laptop.client).send(new GetCallerIdentityCommand({}));
    expect({ Arn, Account }).to.deep.equal({ Arn: "arn:aws:iam::000000000000:user/test", Account: "000000000000" });
    expect(UserId).to.match(/^AIDA/);
  });

  it("identifies a function by its session token", async () => {
    const functionCaller = {
      kind: "function",
      function: "words-webhook",
      functionArn: "arn:aws:lambda:us-east-1:000000000000:function:words-webhook",
      roleArn: "arn:aws:iam::000000000000:role/teams/words-webhook-role",
      environment: "e1",
    } as const;
    laptop.cloud.identities.register("token-1", { id: "e1", caller: () => functionCaller, countCall: () => 1, kill: async () => {} });
    const credentials = { accessKeyId: "ASIAFUNCTION", secretAccessKey: "x", sessionToken: "token-1" };
    const { Arn } = await new STSClient({ ...laptop.client, credentials }).send(new GetCallerIdentityCommand({}));
    expect(Arn).to.equal("arn:aws:sts::000000000000:assumed-role/words-webhook-role/words-webhook");
  });

  it("refuses AssumeRole by name", async () => {
    const error = await new STSClient({ ...laptop.client, maxAttempts: 1 })
      .send(new AssumeRoleCommand({ RoleArn: "arn:aws:iam::000000000000:role/x", RoleSessionName: "session" }))
      .then(
        () => undefined,
        (cause: Error) => cause,
      );
    expect(error?.message).to.contain("does not imitate sts:AssumeRole");
  });
});
