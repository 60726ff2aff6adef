import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  BatchGetSecretValueCommand,
  CreateSecretCommand,
  DeleteResourcePolicyCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  type FilterNameStringType,
  GetRandomPasswordCommand,
  type GetRandomPasswordCommandInput,
  GetResourcePolicyCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  ListSecretVersionIdsCommand,
  PutResourcePolicyCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
  SecretsManagerClient,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateSecretVersionStageCommand,
} from "@aws-sdk/client-secrets-manager";
import { rejectionOf, startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import type { Declared, Place } from "../../../src/kernel/service";
import { secretsManager } from "../../../src/services/secrets";

const place: Place = { region: "us-east-1", account: "000000000000", awsUrl: "", pageUrl: "" };
const secret: Declared = { type: "aws:secretsmanager/secret:Secret", name: "token", inputs: { name: "slack/token" } };
const arn = String(secretsManager.resources[secret.type]!.outputs(secret, place)["arn"]);
const version = (secretString: string): Declared => ({
  type: "aws:secretsmanager/secretVersion:SecretVersion",
  name: "token",
  inputs: { secretId: arn, secretString },
});

describe("secrets manager", () => {
  let directory: string;
  let laptop: Awaited<ReturnType<typeof startLaptop>>;
  let client: SecretsManagerClient;

  const start = async (...resources: Declared[]) => {
    laptop = await startLaptop({ definitions: [secretsManager], resources, directory });
    client = new SecretsManagerClient({ ...laptop.client, maxAttempts: 1 });
  };
  const get = (SecretId: string, more = {}) => client.send(new GetSecretValueCommand({ SecretId, ...more }));
  const put = (SecretString: string, more = {}) =>
    client.send(new PutSecretValueCommand({ SecretId: "slack/token", SecretString, ...more }));

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "slack-fanout-test-"));
  });
  afterEach(async () => {
    await laptop.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it("reads a declared secret by name, ARN and ARN without suffix", async () => {
    await start(secret, version("hush"));
    for (const id of ["slack/token", arn, arn.slice(0, -7)])
      expect(await get(id)).to.deep.include({ SecretString: "hush", Name: "slack/token", ARN: arn, VersionStages: ["AWSCURRENT"] });
  });

  it("moves stages to a new version", async () => {
    await start(secret, version("first"));
    await put("second");
    await put("third");
    expect((await get(arn)).SecretString).to.equal("third");
    expect((await get(arn, { VersionStage: "AWSPREVIOUS" })).SecretString).to.equal("second");
    const { VersionIdsToStages } = await client.send(new DescribeSecretCommand({ SecretId: arn }));
    expect(Object.values(VersionIdsToStages!)).to.have.deep.members([["AWSPREVIOUS"], ["AWSCURRENT"]]);
  });

  it("adds a version once for each request token", async () => {
    await start(secret);
    const ClientRequestToken = "00000000-0000-4000-8000-000000000000";
    await put("a", { ClientRequestToken });
    expect(await put("a", { ClientRequestToken })).to.include({ VersionId: ClientRequestToken });
    expect((await rejectionOf<Error>(put("b", { ClientRequestToken }))).name).to.equal("ResourceExistsException");
  });

  it("keeps a rotated value at a restart, and takes a value that the program changes", async () => {
    await start(secret, version("first"));
    await put("rotated");
    await put("rotated again");
    await laptop.stop();
    await start(secret, version("first"));
    expect((await get(arn)).SecretString).to.equal("rotated again");
    await laptop.stop();
    await start(secret, version("changed"));
    expect((await get(arn)).SecretString).to.equal("changed");
  });

  it("creates, deletes and restores secrets by the API", async () => {
    await start(secret);
    await client.send(new CreateSecretCommand({ Name: "own", SecretBinary: Buffer.from([1, 2]) }));
    expect([...(await get("own")).SecretBinary!]).to.deep.equal([1, 2]);
    await client.send(new DeleteSecretCommand({ SecretId: "own", RecoveryWindowInDays: 7 }));
    expect((await rejectionOf<Error>(get("own"))).name).to.equal("InvalidRequestException");
    await client.send(new RestoreSecretCommand({ SecretId: "own" }));
    expect((await get("own")).Name).to.equal("own");

    await client.send(new DeleteSecretCommand({ SecretId: "own", RecoveryWindowInDays: 7 }));
    laptop.cloud.clock.advance(7 * 86_400);
    expect((await rejectionOf<Error>(get("own"))).name).to.equal("ResourceNotFoundException");
    expect((await client.send(new ListSecretsCommand())).SecretList!.map(({ Name }) => Name)).to.deep.equal(["slack/token"]);
  });

  it("moves a stage back, and the version that was current becomes the previous one", async () => {
    await start(secret, version("first"));
    await put("second");
    const versions = async () =>
      (await client.send(new ListSecretVersionIdsCommand({ SecretId: arn }))).Versions!.map(({ VersionId, VersionStages }) => ({
        id: VersionId!,
        stages: VersionStages!,
      }));
    const idOf = async (stage: string) => (await versions()).find(({ stages }) => stages.includes(stage))!.id;
    const [current, previous] = [await idOf("AWSCURRENT"), await idOf("AWSPREVIOUS")];
    const move = (more: object) =>
      client.send(new UpdateSecretVersionStageCommand({ SecretId: arn, VersionStage: "AWSCURRENT", MoveToVersionId: previous, ...more }));
    expect((await rejectionOf<Error>(move({}))).name).to.equal("InvalidParameterException");
    await move({ RemoveFromVersionId: current });
    expect((await get(arn)).SecretString).to.equal("first");
    expect(await idOf("AWSPREVIOUS")).to.equal(current);
  });

  it("tags secrets, and lists them by filters", async () => {
    await start(secret);
    await client.send(new CreateSecretCommand({ Name: "slack/other", Tags: [{ Key: "env", Value: "dev" }] }));
    await client.send(new TagResourceCommand({ SecretId: arn, Tags: [{ Key: "team", Value: "red" }] }));
    await client.send(new UntagResourceCommand({ SecretId: "slack/other", TagKeys: ["env"] }));
    const names = async (Key: FilterNameStringType, ...Values: string[]) =>
      (await client.send(new ListSecretsCommand({ Filters: [{ Key, Values }] }))).SecretList!.map(({ Name }) => Name);
    expect(await names("name", "slack/t")).to.deep.equal(["slack/token"]);
    expect(await names("name", "!slack/t")).to.deep.equal(["slack/other"]);
    expect(await names("tag-value", "red")).to.deep.equal(["slack/token"]);
    expect(await names("tag-key", "env")).to.deep.equal([]);
  });

  it("reads several secrets, and lists those that it can't read", async () => {
    await start(secret, version("hush"));
    const { SecretValues, Errors } = await client.send(new BatchGetSecretValueCommand({ SecretIdList: ["slack/token", "none"] }));
    expect(SecretValues!.map(({ SecretString }) => SecretString)).to.deep.equal(["hush"]);
    expect(Errors!.map(({ SecretId, ErrorCode }) => [SecretId, ErrorCode])).to.deep.equal([["none", "ResourceNotFoundException"]]);
  });

  it("puts, reads and deletes a policy, which the program may declare apart", async () => {
    const declared = '{"Version":"2012-10-17","Statement":[]}';
    await start(secret, {
      type: "aws:secretsmanager/secretPolicy:SecretPolicy",
      name: "readers",
      inputs: { secretArn: arn, policy: declared },
    });
    const read = async () => (await client.send(new GetResourcePolicyCommand({ SecretId: arn }))).ResourcePolicy;
    expect(await read()).to.equal(declared);
    const ResourcePolicy = '{"Statement":[]}';
    await client.send(new PutResourcePolicyCommand({ SecretId: arn, ResourcePolicy }));
    expect(await read()).to.equal(ResourcePolicy);
    await client.send(new DeleteResourcePolicyCommand({ SecretId: arn }));
    expect(await read()).to.equal(undefined);
    const malformed = client.send(new PutResourcePolicyCommand({ SecretId: arn, ResourcePolicy: "{" }));
    expect((await rejectionOf<Error>(malformed)).name).to.equal("MalformedPolicyDocumentException");
  });

  it("makes random passwords of the characters that are asked for", async () => {
    await start(secret);
    const password = async (more: GetRandomPasswordCommandInput) => (await client.send(new GetRandomPasswordCommand(more))).RandomPassword!;
    expect(await password({})).to.match(/^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?=.*[^\w\s]).{32}$/);
    expect(await password({ PasswordLength: 200, ExcludePunctuation: true, ExcludeUppercase: true, ExcludeCharacters: "0a" })).to.match(
      /^[b-z1-9]{200}$/,
    );
    expect((await rejectionOf<Error>(password({ PasswordLength: 3 }))).name).to.equal("InvalidParameterException");
  });

  it("refuses a value that is missing or too long", async () => {
    await start(secret);
    expect((await rejectionOf<Error>(put("x".repeat(65_537)))).name).to.equal("InvalidParameterException");
    const { check } = secretsManager.resources["aws:secretsmanager/secretVersion:SecretVersion"]!;
    expect(check!({ type: "", name: "token", inputs: { secretId: arn } })).to.contain("SecretString");
  });
});
