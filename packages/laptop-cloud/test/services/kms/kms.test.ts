import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  GenerateRandomCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  KMSClient,
  ListAliasesCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  PutKeyPolicyCommand,
  ReEncryptCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAliasCommand,
} from "@aws-sdk/client-kms";
import { rejectionOf, startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import type { Caller } from "../../../src/kernel/caller";
import type { Declared, PolicyStatement } from "../../../src/kernel/service";
import { iam } from "../../../src/services/iam";
import { kms } from "../../../src/services/kms";
import { declaredKeyId } from "../../../src/services/kms/key";
import { place, roleNamed, rolePolicy } from "../iam/inventory";

const keyId = declaredKeyId("tokens");
const keyArn = `arn:aws:kms:us-east-1:000000000000:key/${keyId}`;
const key = (inputs: Declared["inputs"] = {}): Declared => ({ type: "aws:kms/key:Key", name: "tokens", inputs });
const alias: Declared = { type: "aws:kms/alias:Alias", name: "tokens", inputs: { name: "alias/tokens", targetKeyId: keyId } };
const doer: Caller = { kind: "role", roleArn: `arn:aws:iam::${place.account}:role/doer`, principal: "lambda.amazonaws.com" };

const bytes = (text: string) => Buffer.from(text);
const textOf = (data: Uint8Array | undefined) => Buffer.from(data!).toString();

describe("kms", () => {
  let directory: string;
  let laptop: Awaited<ReturnType<typeof startLaptop>>;
  let client: KMSClient;

  const start = async (...resources: Declared[]) => {
    laptop = await startLaptop({ definitions: [iam, kms], resources, directory });
    client = new KMSClient({ ...laptop.client, maxAttempts: 1 });
  };
  const encrypt = async (text: string, more: object = {}) =>
    (await client.send(new EncryptCommand({ KeyId: keyId, Plaintext: bytes(text), ...more }))).CiphertextBlob!;
  const decrypt = async (CiphertextBlob: Uint8Array, more: object = {}) =>
    textOf((await client.send(new DecryptCommand({ CiphertextBlob, ...more }))).Plaintext);
  const stateOf = async (KeyId = keyId) => (await client.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyState;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "slack-fanout-test-"));
  });
  afterEach(async () => {
    await laptop.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it("decrypts what it encrypted by id, ARN and alias, also after a restart", async () => {
    await start(key(), alias);
    const names = [keyId, keyArn, "alias/tokens", "arn:aws:kms:us-east-1:000000000000:alias/tokens"];
    const ciphertexts = await Promise.all(names.map(KeyId => encrypt("xoxb-1", { KeyId })));
    expect(new Set(ciphertexts.map(each => Buffer.from(each).toString("hex"))).size).to.equal(4);
    expect(ciphertexts.map(each => textOf(each)).join("")).to.not.include("xoxb-1");

    await laptop.stop();
    await start(key(), alias);

    expect(await Promise.all(ciphertexts.map(each => decrypt(each)))).to.deep.equal(["xoxb-1", "xoxb-1", "xoxb-1", "xoxb-1"]);
  });

  it("decrypts under the same encryption context only, in any order", async () => {
    await start(key());
    const ciphertext = await encrypt("xoxb-1", { EncryptionContext: { team: "T0001", use: "bot" } });

    expect(await decrypt(ciphertext, { EncryptionContext: { use: "bot", team: "T0001" } })).to.equal("xoxb-1");
    for (const EncryptionContext of [undefined, {}, { team: "T0002", use: "bot" }, { team: "T0001" }])
      expect(await rejectionOf(decrypt(ciphertext, { EncryptionContext }))).to.have.property("name", "InvalidCiphertextException");
  });

  it("refuses ciphertexts that were changed, are not its own, or are another key's", async () => {
    await start(key());
    const other = (await client.send(new CreateKeyCommand({}))).KeyMetadata!.KeyId!;
    const ciphertext = await encrypt("xoxb-1");
    const changed = Uint8Array.from(ciphertext);
    changed[changed.length - 1]! ^= 1;

    for (const wrong of [changed, bytes("short"), bytes("x".repeat(100))])
      expect(await rejectionOf(decrypt(wrong))).to.have.property("name", "InvalidCiphertextException");
    expect(await rejectionOf(decrypt(ciphertext, { KeyId: other }))).to.have.property("name", "IncorrectKeyException");
    expect(await rejectionOf(encrypt("x", { KeyId: "alias/none" }))).to.have.property("name", "NotFoundException");
    expect(await rejectionOf(encrypt("x".repeat(4097)))).to.have.property("message", "Plaintext has 4097 bytes, but must have 1 to 4096.");
  });

  it("makes data keys, and encrypts again under another key or context", async () => {
    await start(key());
    const { Plaintext, CiphertextBlob } = await client.send(new GenerateDataKeyCommand({ KeyId: keyId, KeySpec: "AES_256" }));
    expect(Plaintext).to.have.lengthOf(32);
    const { Plaintext: again } = await client.send(new DecryptCommand({ CiphertextBlob }));
    expect(Buffer.from(again!)).to.deep.equal(Buffer.from(Plaintext!));
    const hidden = await client.send(new GenerateDataKeyWithoutPlaintextCommand({ KeyId: keyId, NumberOfBytes: 7 }));
    expect(hidden).to.not.have.property("Plaintext");
    expect((await client.send(new DecryptCommand({ CiphertextBlob: hidden.CiphertextBlob }))).Plaintext).to.have.lengthOf(7);
    expect((await client.send(new GenerateRandomCommand({ NumberOfBytes: 9 }))).Plaintext).to.have.lengthOf(9);

    const { KeyId: other } = (await client.send(new CreateKeyCommand({}))).KeyMetadata!;
    const EncryptionContext = { team: "T0001" };
    const moved = await client.send(
      new ReEncryptCommand({
        CiphertextBlob: await encrypt("xoxb-1"),
        DestinationKeyId: other,
        DestinationEncryptionContext: EncryptionContext,
      }),
    );
    expect(moved).to.include({ SourceKeyId: keyArn }).and.have.property("KeyId").that.includes(other!);
    expect(await decrypt(moved.CiphertextBlob!, { EncryptionContext })).to.equal("xoxb-1");
  });

  it("still decrypts what was encrypted before a rotation", async () => {
    await start(key({ enableKeyRotation: true, rotationPeriodInDays: 180 }));
    const before = await encrypt("old");
    await client.send(new RotateKeyOnDemandCommand({ KeyId: keyId }));

    expect([await decrypt(before), await decrypt(await encrypt("new"))]).to.deep.equal(["old", "new"]);
    const status = await client.send(new GetKeyRotationStatusCommand({ KeyId: keyId }));
    expect(status).to.include({ KeyRotationEnabled: true, RotationPeriodInDays: 180 });
    const refused = await rejectionOf(client.send(new EnableKeyRotationCommand({ KeyId: keyId, RotationPeriodInDays: 30 })));
    expect(refused).to.have.property("message", "RotationPeriodInDays is 30, but must be 90 to 2560.");
  });

  it("uses neither disabled keys nor keys that are to be deleted, until the deletion is cancelled", async () => {
    await start(key());
    const ciphertext = await encrypt("xoxb-1");
    await client.send(new DisableKeyCommand({ KeyId: keyId }));
    expect(await rejectionOf(decrypt(ciphertext))).to.have.property("name", "DisabledException");
    await client.send(new EnableKeyCommand({ KeyId: keyId }));
    await client.send(new ScheduleKeyDeletionCommand({ KeyId: keyId, PendingWindowInDays: 7 }));
    expect(await stateOf()).to.equal("PendingDeletion");
    expect(await rejectionOf(decrypt(ciphertext))).to.have.property("name", "KMSInvalidStateException");
    await client.send(new CancelKeyDeletionCommand({ KeyId: keyId }));
    expect(await stateOf()).to.equal("Disabled");
    await client.send(new EnableKeyCommand({ KeyId: keyId }));
    expect(await decrypt(ciphertext)).to.equal("xoxb-1");

    await client.send(new ScheduleKeyDeletionCommand({ KeyId: keyId }));
    await laptop.cloud.clock.advance(31 * 86_400);
    expect(await rejectionOf(decrypt(ciphertext))).to.have.property("name", "NotFoundException");
  });

  it("schedules a key for deletion when the program no longer declares it", async () => {
    await start(key({ deletionWindowInDays: 7 }), alias);
    const ciphertext = await encrypt("xoxb-1");
    await laptop.stop();
    await start({ ...key(), name: "another" });
    expect(await stateOf()).to.equal("PendingDeletion");
    expect((await client.send(new ListAliasesCommand({}))).Aliases).to.deep.equal([]);
    await laptop.stop();
    await start(key());
    expect(await decrypt(ciphertext)).to.equal("xoxb-1");
  });

  it("keeps aliases, tags and policies that calls change", async () => {
    await start(key({ tags: { project: "slack-fanout" } }));
    const other = (await client.send(new CreateKeyCommand({ Description: "another" }))).KeyMetadata!.KeyId!;
    await client.send(new CreateAliasCommand({ AliasName: "alias/moving", TargetKeyId: keyId }));
    expect(await rejectionOf(client.send(new CreateAliasCommand({ AliasName: "alias/moving", TargetKeyId: other })))).to.have.property(
      "name",
      "AlreadyExistsException",
    );
    await client.send(new UpdateAliasCommand({ AliasName: "alias/moving", TargetKeyId: other }));
    const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId: "alias/moving" }));
    expect(KeyMetadata).to.include({ KeyId: other, Description: "another" });
    await client.send(new DeleteAliasCommand({ AliasName: "alias/moving" }));
    expect(await rejectionOf(stateOf("alias/moving"))).to.have.property("name", "NotFoundException");
    expect((await client.send(new ListKeysCommand({}))).Keys?.map(({ KeyId }) => KeyId)).to.have.members([keyId, other]);

    await client.send(new TagResourceCommand({ KeyId: keyId, Tags: [{ TagKey: "owner", TagValue: "ann" }] }));
    await client.send(new UntagResourceCommand({ KeyId: keyId, TagKeys: ["project"] }));
    expect((await client.send(new ListResourceTagsCommand({ KeyId: keyId }))).Tags).to.deep.equal([{ TagKey: "owner", TagValue: "ann" }]);

    const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [] });
    await client.send(new PutKeyPolicyCommand({ KeyId: keyId, Policy }));
    expect((await client.send(new GetKeyPolicyCommand({ KeyId: keyId }))).Policy).to.equal(Policy);
    const malformed = await rejectionOf(client.send(new PutKeyPolicyCommand({ KeyId: keyId, Policy: "{" })));
    expect(malformed).to.have.property("name", "MalformedPolicyDocumentException");
  });

  describe("lets a role use a key", () => {
    const may = (EncryptionContext: object = {}) =>
      laptop.cloud.call("kms", "Encrypt", { KeyId: keyId, Plaintext: "eA==", EncryptionContext }, doer);
    const statement: PolicyStatement = { Effect: "Allow", Action: "kms:Encrypt", Resource: keyArn };
    const policyOf = (...Statement: PolicyStatement[]) => ({ policy: JSON.stringify({ Version: "2012-10-17", Statement }) });

    it("by its own policy, if the key's policy leaves that to the account, as the default does", async () => {
      await start(key(), roleNamed("doer"), rolePolicy("doer", statement));
      expect(await may()).to.have.property("KeyId", keyArn);
    });

    it("by the key's policy alone", async () => {
      const named = { ...statement, Principal: { AWS: doer.roleArn }, Resource: "*" };
      await start(key(policyOf(named)), roleNamed("doer"));
      expect(await may()).to.have.property("KeyId", keyArn);
    });

    it("but not by its own policy alone, nor by the account's alone", async () => {
      await start(
        key(policyOf({ ...statement, Principal: { Service: "logs.amazonaws.com" } })),
        roleNamed("doer"),
        rolePolicy("doer", statement),
      );
      expect(await rejectionOf(may()))
        .to.have.property("message")
        .that.includes("no resource-based policy allows the kms:Encrypt action");
      await laptop.stop();
      await start(key(), roleNamed("doer"));
      expect(await rejectionOf(may()))
        .to.have.property("message")
        .that.includes("no identity-based policy allows the kms:Encrypt action");
    });

    it("under the encryption context that the policy demands", async () => {
      const Condition = { StringEquals: { "kms:EncryptionContext:team": "T0001" } };
      await start(key(), roleNamed("doer"), rolePolicy("doer", { ...statement, Condition }));
      expect(await may({ team: "T0001" })).to.have.property("KeyId", keyArn);
      expect(await rejectionOf(may({ team: "T0002" })))
        .to.have.property("message")
        .that.includes("kms:EncryptionContext:team");
    });
  });

  it("refuses declarations of other kinds of keys", () => {
    const check = (declared: Declared) => kms.resources[declared.type]!.check!(declared);
    expect(check(key({ keyUsage: "SIGN_VERIFY" }))).to.equal(
      'keyUsage is "SIGN_VERIFY", but the laptop cloud imitates "ENCRYPT_DECRYPT" only.',
    );
    expect(check(key({ deletionWindowInDays: 3 }))).to.equal("deletionWindowInDays is 3, but must be 7 to 30.");
    expect(check({ ...alias, inputs: { name: "tokens", targetKeyId: keyId } })).to.equal(
      'name is "tokens", but must be alias/NAME. alias/aws/ is reserved for AWS.',
    );
  });
});
