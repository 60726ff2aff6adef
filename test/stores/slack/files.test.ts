import { randomBytes } from "node:crypto";
import type { RequestListener } from "node:http";
import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import * as sinon from "sinon";
import { FileNotReady, FileRefused, SlackBusy, SlackRefused } from "#core/errors";
import { type DownloadLimits, type ReadyFile, SlackFiles } from "../../../stores/slack/files";
import { send, useHosts } from "./file-host";

const TOKEN = "xoxb-secret";
const picture = randomBytes(70);

const fileAt = (url: string, file: Partial<ReadyFile> = {}): ReadyFile => ({
  id: "F0001",
  name: "lunch.png",
  mimetype: "image/png",
  size: 70,
  ...file,
  url,
});

const readAll = async (chunks: AsyncIterable<Uint8Array>) => {
  const read: Uint8Array[] = [];
  for await (const chunk of chunks) read.push(chunk);
  return Buffer.concat(read);
};

describe("slack-files", () => {
  const host = useHosts();

  const make = (origins: string[], readFile = sinon.stub().resolves({})) =>
    new SlackFiles({ of: () => ({ readFile }), tokenOf: async () => TOKEN }, origins);

  const download = (files: SlackFiles, file: ReadyFile, limits: Partial<DownloadLimits> = {}) =>
    files.download("T0001", file, { maxBytes: 1000, limitSeconds: 5, ...limits }, readAll);

  /** Downloads a file from a host that answers so, and expects a failure that does not tell the token. */
  const refusalOf = async (respond: RequestListener, file: Partial<ReadyFile> = {}, limits: Partial<DownloadLimits> = {}) => {
    const { origin } = await host(respond);
    const error = await rejectionOf(download(make([origin]), fileAt(`${origin}/files-pri/x`, file), limits));
    expect(String(error)).not.to.contain(TOKEN);
    return error as Error;
  };

  it("downloads a file with the token of the workspace", async () => {
    const { origin, requests } = await host(send(picture));
    expect(await download(make([origin]), fileAt(`${origin}/files-pri/x`))).to.deep.equal(picture);
    expect(requests).to.deep.equal([{ url: "/files-pri/x", authorization: `Bearer ${TOKEN}` }]);
  });

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
          expect(await rejectionOf(download(make(["https://files.slack.com"]), fileAt(url)))).to.be.instanceOf(FileRefused);
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
      await download(make([origin]), fileAt(`${origin}/x`));
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
      const origin = "http://127.0.0.1:1";
      expect(await rejectionOf(download(make([origin]), fileAt(`${origin}/x`)))).to.be.instanceOf(SlackBusy);
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
    const find = (info: object) => make(["https://files.slack.com"], sinon.stub().resolves(info)).find("T0001", { id: "F0001" });

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
        expect(await rejectionOf(make([], readFile).find("T0001", { id: "F0001" }))).to.be.instanceOf(kind);
      });
    }
  });
});
