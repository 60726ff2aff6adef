import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { expect } from "chai";
import type { Declared, Place } from "../../../src/kernel/service";
import { secretsManager } from "../../../src/services/secrets";
import { startLaptop } from "../../laptop";
import { rejectionOf } from "../../thrown";

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

  it("refuses a value that is missing or too long", async () => {
    await start(secret);
    expect((await rejectionOf<Error>(put("x".repeat(65_537)))).name).to.equal("InvalidParameterException");
    const { check } = secretsManager.resources["aws:secretsmanager/secretVersion:SecretVersion"]!;
    expect(check!({ type: "", name: "token", inputs: { secretId: arn } })).to.contain("SecretString");
  });
});
