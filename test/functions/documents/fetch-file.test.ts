import { createHash, randomBytes } from "node:crypto";
import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import * as sinon from "sinon";
import type { SharedFile } from "#core/documents/shared-file";
import { FileRefused } from "#core/errors";
import type { MessageFile } from "#core/message/message";
import { FetchFile, type FetchFileSettings } from "../../../functions/documents/fetch-file";
import { SlackFiles } from "../../../stores/slack/files";
import { send, useHosts } from "../../stores/slack/file-host";
import { MemoryBucket } from "../memory-bucket";

const TOKEN = "xoxb-secret";
const picture = randomBytes(70);

const shared = (file: Partial<MessageFile>): SharedFile => ({
  about: { file: "lunch.png", channel: "C0001", threadTs: "1763805600.000200", messageId: "T0001-C0001-1763805600.000200-events" },
  eventId: "T0001-C0001-1763805600.000200-events",
  team: "T0001",
  channel: "C0001",
  user: "U0001",
  ts: "1763805600.000200",
  text: "lunch #receipt",
  tags: ["#receipt"],
  file: { id: "F0001", name: "lunch.png", mimetype: "image/png", size: 70, ...file },
});

describe("fetch-file", () => {
  const host = useHosts();

  const make = (
    origins: string[],
    settings: Partial<FetchFileSettings> = {},
    readFile = sinon.stub().resolves({}),
    undoIfDeleted?: sinon.SinonStub,
  ) => {
    const archive = new MemoryBucket();
    const log = { info: sinon.stub(), debug: sinon.stub(), error: sinon.stub() };
    const task = new FetchFile({
      files: new SlackFiles({ of: () => ({ readFile }), tokenOf: async () => TOKEN }, origins),
      archive,
      removal: undoIfDeleted && { undoIfDeleted },
      settings: { archiveBucket: "archive", mimeTypes: ["image/png", "text/plain"], maxBytes: 1000, limitSeconds: 5, ...settings },
      log,
    });
    return { task, archive };
  };

  it("stores a file under a key of ids, with its name and type beside it", async () => {
    const { origin, requests } = await host(send(picture));
    const { task, archive } = make([origin]);
    const fetched = await task.fetch(shared({ url: `${origin}/files-pri/T0001-F0001/lunch.png` }));
    expect(fetched).to.deep.equal({
      key: "T0001/C0001/2025-11-22/F0001/original",
      name: "lunch.png",
      mimetype: "image/png",
      sizeBytes: 70,
      sha256: createHash("sha256").update(picture).digest("hex"),
    });
    expect(archive.objects.get(fetched.key)).to.deep.equal(picture);
    expect(archive.descriptions.get(fetched.key)).to.deep.include({
      contentType: "image/png",
      contentDisposition: "attachment; filename*=UTF-8''lunch.png",
    });
    expect(requests).to.deep.equal([{ url: "/files-pri/T0001-F0001/lunch.png", authorization: `Bearer ${TOKEN}` }]);
  });

  describe("if files are removed with their message", () => {
    it("does not ask Slack for the file of a deleted message", async () => {
      const { origin, requests } = await host(send(picture));
      const { task, archive } = make([origin], {}, undefined, sinon.stub().resolves(true));

      expect(await task.handle(shared({ url: `${origin}/x` }))).to.deep.equal({ deleted: true });
      expect([requests, archive.keys]).to.deep.equal([[], []]);
    });

    it("undoes what it stored of a message that is deleted meanwhile, also if its attempt was given up", async () => {
      const { origin } = await host(send(picture));
      const undoIfDeleted = sinon.stub();
      const { task, archive } = make([origin], {}, undefined, undoIfDeleted);
      undoIfDeleted.callsFake(async () => archive.keys.length === 1);

      expect(await task.handle(shared({ url: `${origin}/x` }))).to.deep.equal({ deleted: true });
      sinon.assert.alwaysCalledWithMatch(undoIfDeleted, { ts: "1763805600.000200" }, "F0001");
    });

    it("does not report a file that Slack deleted with its message", async () => {
      const { origin } = await host(send(Buffer.from("gone"), {}, 410));
      const undoIfDeleted = sinon.stub().resolves(true).onFirstCall().resolves(false);
      const { task } = make([origin], {}, undefined, undoIfDeleted);

      expect(await task.handle(shared({ url: `${origin}/x` }))).to.deep.equal({ deleted: true });
      undoIfDeleted.resolves(false);
      expect(await rejectionOf(task.handle(shared({ url: `${origin}/x` })))).to.be.instanceOf(FileRefused);
    });
  });

  it("leaves nothing of a download that fails in its middle", async () => {
    const { origin } = await host((_, response) => void response.writeHead(200, { "content-type": "image/png" }).end(randomBytes(60)));
    const { task, archive } = make([origin]);
    expect(await rejectionOf(task.handle(shared({ url: `${origin}/x` })))).to.be.instanceOf(FileRefused);
    expect(archive.keys).to.deep.equal([]);
  });

  it("stores an empty file", async () => {
    const { origin } = await host(send(Buffer.alloc(0)));
    const { task, archive } = make([origin]);
    const { sizeBytes, key } = await task.fetch(shared({ url: `${origin}/x`, size: 0 }));
    expect(sizeBytes).to.equal(0);
    expect(archive.objects.get(key)).to.deep.equal(Buffer.alloc(0));
  });

  it("keeps two files with the same name apart", async () => {
    const { origin } = await host(send(picture));
    const { task, archive } = make([origin]);
    await task.handle(shared({ url: `${origin}/x` }));
    await task.handle(shared({ url: `${origin}/x`, id: "F0002" }));
    expect(archive.keys).to.have.length(2);
  });

  for (const name of [
    "../../etc/passwd",
    "a\r\nx-amz-acl: public",
    "nul\0.png",
    "gpj.\u202egnp",
    "ü".repeat(300),
    "🎉".repeat(300),
    "",
    "'()*.png",
    "\ud800.png",
  ]) {
    it(`takes the name ${JSON.stringify(name.slice(0, 20))} as metadata only`, async () => {
      const { origin } = await host(send(picture));
      const { task, archive } = make([origin]);
      const { key } = await task.fetch(shared({ url: `${origin}/x`, name }));
      expect(key).to.equal("T0001/C0001/2025-11-22/F0001/original");
      const { metadata, contentDisposition } = archive.descriptions.get(key)!;
      expect(contentDisposition).to.match(/^attachment; filename\*=UTF-8''[\w%.!~-]+$/);
      expect(Object.values(metadata!).join("")).to.match(/^[\x20-\x7e]{1,1500}$/);
    });
  }

  it("refuses types that are not archived, once Slack tells them", async () => {
    const readFile = sinon.stub().resolves({ url_private: "https://files.slack.com/x", mimetype: "video/mp4", name: "a.mp4", size: 7 });
    const { task } = make(["https://files.slack.com"], {}, readFile);
    const error = (await rejectionOf(task.handle(shared({ url: undefined, mimetype: undefined })))) as Error;
    expect(error.message).to.contain('The file a.mp4 has the type "video/mp4", which is not archived. Supported: image/png, text/plain.');
  });
});
