import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import * as sinon from "sinon";
import type { SharedFile } from "#core/documents/shared-file";
import { FileNotReady, FileRefused, SlackBusy, SlackRefused } from "#core/errors";
import type { MessageFile } from "#core/message/message";
import { FetchFile, type FetchFileSettings } from "../../../functions/documents/fetch-file";
import { MemoryBucket } from "../payroll/memory-bucket";

const TOKEN = "xoxb-secret";
const picture = randomBytes(70);

/** A file host that answers with `respond` and records its requests. */
const startHost = async (respond: RequestListener) => {
  const requests: { url: string | undefined; authorization: string | undefined }[] = [];
  const server: Server = createServer((request, response) => {
    requests.push({ url: request.url, authorization: request.headers.authorization });
    respond(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { origin, requests, server };
};

const send =
  (body: Buffer, headers: Record<string, string> = {}, status = 200): RequestListener =>
  (_, response) =>
    void response.writeHead(status, { "content-type": "image/png", "content-length": body.length, ...headers }).end(body);

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
  const servers: Server[] = [];
  const bucket = () => new MemoryBucket();

  afterEach(async () => {
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    }
  });

  const host = async (respond: RequestListener) => {
    const started = await startHost(respond);
    servers.push(started.server);
    return started;
  };

  const make = (
    origins: string[],
    settings: Partial<FetchFileSettings> = {},
    readFile = sinon.stub().resolves({}),
    undoIfDeleted?: sinon.SinonStub,
  ) => {
    const archive = bucket();
    const log = { info: sinon.stub(), debug: sinon.stub(), error: sinon.stub() };
    const task = new FetchFile({
      slacks: { of: () => ({ readFile }), tokenOf: async () => TOKEN },
      archive,
      removal: undoIfDeleted && { undoIfDeleted },
      settings: { archiveBucket: "archive", mimeTypes: ["image/png", "text/plain"], maxBytes: 1000, limitSeconds: 5, ...settings },
      origins,
      log,
    });
    return { task, archive };
  };

  /** Fetches a file from a host that answers so, and expects a refusal that leaves nothing. */
  const refusalOf = async (respond: RequestListener, file: Partial<MessageFile> = {}, settings: Partial<FetchFileSettings> = {}) => {
    const { origin } = await host(respond);
    const { task, archive } = make([origin], settings);
    const error = await rejectionOf(task.handle(shared({ url: `${origin}/files-pri/x`, ...file })));
    expect(archive.keys).to.deep.equal([]);
    expect(String(error)).not.to.contain(TOKEN);
    return error as Error;
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

  describe("addresses", () => {
    for (const url of [
      "https://example.com/files-pri/x",
      "https://files.slack.com.example.com/x",
      "https://files.slack.com@example.com/x",
      "https://user:pass@files.slack.com/x",
      "https://files.slack.com:8443/x",
      "http://files.slack.com/x",
      "https://slack.com/x",
      "https://evilfiles.slack.com/x",
      "https://files.slack.com./x",
      "file:///etc/passwd",
      "ftp://files.slack.com/x",
      "//example.com/x",
      "http://169.254.169.254/latest/meta-data",
      "http://[::1]/x",
      "not an address",
    ]) {
      it(`refuses ${url}`, async () => {
        const fetching = sinon.spy(globalThis, "fetch");
        try {
          const { task } = make(["https://files.slack.com"]);
          expect(await rejectionOf(task.handle(shared({ url })))).to.be.instanceOf(FileRefused);
          expect(fetching.callCount).to.equal(0);
        } finally {
          fetching.restore();
        }
      });
    }

    it("follows a redirect on the same host", async () => {
      const { origin, requests } = await host((request, response) =>
        request.url === "/x" ? void response.writeHead(302, { location: "/y" }).end() : send(picture)(request, response),
      );
      const { task } = make([origin]);
      await task.handle(shared({ url: `${origin}/x` }));
      expect(requests.map(({ url }) => url)).to.deep.equal(["/x", "/y"]);
    });

    it("does not follow a redirect to another host", async () => {
      const elsewhere = await host(send(picture));
      const error = await refusalOf((_, response) => void response.writeHead(302, { location: `${elsewhere.origin}/x` }).end());
      expect(error).to.be.instanceOf(FileRefused);
      expect(elsewhere.requests).to.deep.equal([]);
    });

    it("gives up on endless redirects", async () => {
      const error = await refusalOf((_, response) => void response.writeHead(302, { location: "/x" }).end());
      expect(error.message).to.contain("redirects more than 3 times");
    });
  });

  describe("contents", () => {
    const page = Buffer.from("<!doctype html><title>Sign in</title>");

    it("refuses a login page instead of a file", async () => {
      const error = await refusalOf(send(page, { "content-type": "text/html; charset=utf-8" }), { size: undefined });
      expect(error).to.be.instanceOf(FileRefused);
      expect(error.message).to.contain("a web page instead of the file");
    });

    it("refuses a content length above the announced size", async () => {
      expect((await refusalOf(send(randomBytes(71)))).message).to.contain("announced 70 bytes, but the file has 71");
    });

    it("refuses more bytes than announced while they stream", async () => {
      const error = await refusalOf((_, response) => {
        response.writeHead(200, { "content-type": "image/png" });
        response.write(randomBytes(60));
        response.end(randomBytes(60));
      });
      expect(error).to.be.instanceOf(FileRefused);
    });

    it("refuses fewer bytes than announced", async () => {
      const error = await refusalOf((_, response) => void response.writeHead(200, { "content-type": "image/png" }).end(randomBytes(60)));
      expect(error.message).to.contain("has 60");
    });

    it("refuses a file over the limit, announced or not", async () => {
      expect((await refusalOf(send(picture), { size: 1001 })).message).to.contain("at most 1000");
      expect((await refusalOf(send(randomBytes(1001)), { size: undefined })).message).to.contain("larger than 1000 bytes");
      const endless: RequestListener = (_, response) => {
        response.writeHead(200, { "content-type": "image/png" });
        const more = () => {
          while (!response.destroyed && response.write(randomBytes(500)));
        };
        response.on("drain", more);
        more();
      };
      expect((await refusalOf(endless, { size: undefined })).message).to.contain("larger than 1000 bytes");
    });

    it("refuses types that are not archived, once Slack tells them", async () => {
      const readFile = sinon.stub().resolves({ url_private: "https://files.slack.com/x", mimetype: "video/mp4", name: "a.mp4", size: 7 });
      const { task } = make(["https://files.slack.com"], {}, readFile);
      const error = (await rejectionOf(task.handle(shared({ url: undefined, mimetype: undefined })))) as Error;
      expect(error.message).to.contain('The file a.mp4 has the type "video/mp4", which is not archived. Supported: image/png, text/plain.');
    });
  });

  describe("time", () => {
    it("refuses a download that is slower than the limit, before its first byte and after", async () => {
      expect((await refusalOf(() => {}, {}, { limitSeconds: 0.2 })).message).to.contain("took longer than 0.2 s");
      const drip: RequestListener = (_, response) => {
        response.writeHead(200, { "content-type": "image/png", "content-length": "70" });
        response.write(randomBytes(10));
      };
      const error = await refusalOf(drip, {}, { limitSeconds: 0.2 });
      expect(error).to.be.instanceOf(FileRefused);
      expect(error.message).to.contain("took longer than 0.2 s");
    });
  });

  describe("answers of the file host", () => {
    for (const [status, kind] of [
      [202, FileNotReady],
      [404, FileNotReady],
      [423, FileNotReady],
      [429, SlackBusy],
      [500, SlackBusy],
      [503, SlackBusy],
      [401, FileRefused],
      [403, FileRefused],
      [410, FileRefused],
      [206, FileRefused],
    ] as const) {
      it(`throws ${kind.name} for the status ${status}`, async () =>
        expect(await refusalOf(send(picture, {}, status))).to.be.instanceOf(kind));
    }

    it("throws SlackBusy if it can't connect", async () => {
      const { task } = make(["http://127.0.0.1:1"]);
      expect(await rejectionOf(task.handle(shared({ url: "http://127.0.0.1:1/x" })))).to.be.instanceOf(SlackBusy);
    });

    it("throws when the connection breaks in the middle", async () => {
      const error = await refusalOf((_, response) => {
        response.writeHead(200, { "content-type": "image/png", "content-length": "70" });
        response.write(randomBytes(10), () => response.destroy());
      });
      // An error without a code of ours, so the state machine retries.
      expect(error).not.to.be.instanceOf(FileRefused);
    });
  });

  describe("files whose details the message lacks", () => {
    const find = (info: object) =>
      make(["https://files.slack.com"], {}, sinon.stub().resolves(info)).task.find({ team: "T0001", file: { id: "F0001" } });

    it("asks Slack for them", async () => {
      const info = { name: "a.png", mimetype: "image/png", size: 7, url_private: "https://files.slack.com/a" };
      expect(await find(info)).to.deep.equal({
        id: "F0001",
        name: "a.png",
        mimetype: "image/png",
        size: 7,
        url: "https://files.slack.com/a",
      });
    });

    for (const [info, kind] of [
      [{ mode: "tombstone" }, FileRefused],
      [{ mode: "external", url_private: "https://docs.example.com/x" }, FileRefused],
      [{ file_access: "access_denied" }, FileRefused],
      [{ file_access: "file_not_found" }, FileRefused],
      [{ file_access: "check_file_info" }, FileNotReady],
      [{}, FileNotReady],
    ] as const) {
      it(`throws ${kind.name} for the details ${JSON.stringify(info)}`, async () =>
        expect(await rejectionOf(find(info))).to.be.instanceOf(kind));
    }

    for (const [code, kind] of [
      ["file_deleted", FileRefused],
      ["file_not_found", FileNotReady],
      ["missing_scope", SlackRefused],
    ] as const) {
      it(`throws ${kind.name} for the error ${code}`, async () => {
        const readFile = sinon.stub().rejects(new SlackRefused(code, { context: { code } }));
        const { task } = make([], {}, readFile);
        expect(await rejectionOf(task.find({ team: "T0001", file: { id: "F0001" } }))).to.be.instanceOf(kind);
      });
    }
  });
});
