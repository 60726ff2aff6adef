import { randomBytes } from "node:crypto";
import { DecryptCommand, GenerateDataKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { ArchiveKeys } from "#stores/slack/archive-keys";
import { createTeamWorld, type TeamWorld } from "../../team-tables";

describe("archive-keys", () => {
  let world: TeamWorld;
  before(async () => {
    world = await createTeamWorld();
  });
  after(() => world.stop());
  beforeEach(() => world.install({ installation: "T0001", status: "installed", token: "x", installed_at: 1 }));

  /** A KMS whose ciphertexts decrypt under their own context only. */
  const makeKms = () => {
    const kms = new KMSClient({ region: "us-east-1" });
    const made = new Map<string, Uint8Array>();
    const send = sinon.stub(kms, "send").callsFake(async command => {
      const { EncryptionContext } = command.input as { EncryptionContext: object };
      const nameOf = (blob: Uint8Array) => `${JSON.stringify(EncryptionContext)}${Buffer.from(blob).toString("hex")}`;
      if (command instanceof GenerateDataKeyCommand) {
        const CiphertextBlob = randomBytes(60);
        made.set(nameOf(CiphertextBlob), randomBytes(32));
        return { CiphertextBlob };
      }
      const Plaintext = made.get(nameOf((command as DecryptCommand).input.CiphertextBlob!));
      if (Plaintext === undefined) throw new Error("InvalidCiphertextException");
      return { Plaintext };
    });
    return { kms, send, count: (kind: typeof DecryptCommand) => send.args.filter(([command]) => command instanceof kind).length };
  };
  const erase = async () => {
    await world.installations.remove({ installation: "T0001", atSeconds: 10, eraseAtSeconds: 10 });
    await world.installations.forget("T0001", 10);
  };
  const make = (kms: KMSClient, nowMs?: () => number) => new ArchiveKeys(world.installations, kms, "arn:key", nowMs);

  it("are one for each workspace, also if several are made at the same time", async () => {
    const { kms, send } = makeKms();
    const keys = await Promise.all([1, 2, 3].map(() => make(kms).forTeam("T0001")));
    expect(new Set(keys.map(key => key!.id)).size).to.equal(1);
    expect(new Set(keys.map(key => Buffer.from(key!.bytes).toString("hex"))).size).to.equal(1);
    expect(keys[0]!.bytes).to.have.lengthOf(32);
    for (const [{ input }] of send.args) expect(input).to.deep.include({ KeyId: "arn:key", EncryptionContext: { team: "T0001" } });

    await world.install({ installation: "T0002", status: "installed", token: "x" });
    expect((await make(kms).forTeam("T0002"))!.id).not.to.equal(keys[0]!.id);
  });

  it("stay in memory for five minutes, but not after their workspace is erased", async () => {
    const { kms, count } = makeKms();
    let nowMs = 0;
    const keys = make(kms, () => nowMs);
    const { id } = (await keys.forTeam("T0001"))!;
    nowMs = 299_999;
    await keys.forTeam("T0001");
    expect(count(DecryptCommand)).to.equal(1);
    nowMs = 300_000;
    await keys.forTeam("T0001");
    expect(count(DecryptCommand)).to.equal(2);

    await erase();
    expect(await keys.forTeam("T0001")).to.equal(undefined);
    expect(await keys.find("T0001", id)).to.equal(undefined);
    expect(await world.installations.get("T0001")).to.equal(undefined);
  });

  it("are new for a workspace that comes back after its erasure, and the same for one that comes back before", async () => {
    const { kms } = makeKms();
    const { id } = (await make(kms).forTeam("T0001"))!;
    const grant = { installation: "T0001", name: "", token: "", botUser: "", app: "", scopes: [], installedBy: "" };
    await world.installations.install(grant, { token: "y" }, 5);
    expect((await make(kms).forTeam("T0001"))!.id).to.equal(id);

    await erase();
    await world.installations.install(grant, { token: "z" }, 6);
    const keys = make(kms);
    const { id: newId } = (await keys.forTeam("T0001"))!;
    expect(newId).not.to.equal(id);
    expect([await keys.find("T0001", id), (await keys.find("T0001", newId))?.id]).to.deep.equal([undefined, newId]);
  });

  it("are not stored in plain text, and unwrap for their own workspace only", async () => {
    const { kms } = makeKms();
    const keys = make(kms);
    const { bytes } = (await keys.forTeam("T0001"))!;
    const { archive_key: wrapped } = (await world.installations.get("T0001"))!;
    expect(wrapped!.wrapped).not.to.equal(Buffer.from(bytes).toString("base64"));
    expect(String(await rejectionOf(make(kms).unwrap("T0002", wrapped!)))).to.include("InvalidCiphertextException");
  });
});
