import { thrownBy } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { buildSharedFile } from "#core/documents/shared-file";
import {
  buildArchivePrefix,
  buildContentType,
  buildFileName,
  isPage,
  isSupported,
  listFileOrigins,
  verifyFileUrl,
} from "#core/documents/slack-files";
import { FileRefused } from "#core/errors";
import { buildMessage, parseEnvelope } from "#core/message/message";

describe("slack-files", () => {
  it("accepts files from Slack's host, and in tests from the configured one", () => {
    const url = "http://127.0.0.1:3000/slack/api/";
    expect(listFileOrigins(url, "production")).to.deep.equal(["https://files.slack.com"]);
    expect(listFileOrigins(url, undefined)).to.deep.equal(["https://files.slack.com"]);
    expect(listFileOrigins(undefined, "test")).to.deep.equal(["https://files.slack.com"]);
    expect(listFileOrigins(url, "test")).to.deep.equal(["https://files.slack.com", "http://127.0.0.1:3000"]);
  });

  it("accepts every spelling of such a URL", () => {
    for (const url of ["https://files.slack.com/x", "HTTPS://FILES.SLACK.COM:443/x", "https://files.slack.com/../x?y#z"]) {
      expect(verifyFileUrl(url, ["https://files.slack.com"]).host).to.equal("files.slack.com");
    }
  });

  it("resolves a relative redirect", () => {
    const origins = ["https://files.slack.com"];
    expect(verifyFileUrl("/y", origins, "https://files.slack.com/x").href).to.equal("https://files.slack.com/y");
    expect(thrownBy(() => verifyFileUrl("//example.com/y", origins, "https://files.slack.com/x"))).to.be.instanceOf(FileRefused);
  });

  const elsewhere = [
    "blob:https://files.slack.com/x",
    "blob:http://127.0.0.1:3000/x",
    "filesystem:https://files.slack.com/x",
    "http://files.slack.com/x",
    "ftp://files.slack.com/x",
    "https://files.slack.com:8443/x",
    "https://user@files.slack.com/x",
    "https://files.slack.com@example.com/x",
    "https://files.slack.com.example.com/x",
    "https://files.slack.com./x",
    "javascript:https://files.slack.com/x",
    "data:text/plain,https://files.slack.com",
    "/x",
  ];
  for (const url of elsewhere) {
    it(`refuses ${url}`, () => {
      const origins = ["https://files.slack.com", "http://127.0.0.1:3000"];
      expect(thrownBy(() => verifyFileUrl(url, origins))).to.be.instanceOf(FileRefused);
    });
  }

  it("supports the configured types in any case, and an unknown type", () => {
    expect(isSupported({ mimetype: "image/PNG" }, ["image/png"])).to.equal(true);
    expect(isSupported({}, ["image/png"])).to.equal(true);
    expect(isSupported({ mimetype: "image/png; x" }, ["image/png"])).to.equal(false);
  });

  it("stores an invalid type as bytes", () => {
    expect(buildContentType({ mimetype: "text/plain\r\nx: y" })).to.equal("application/octet-stream");
    expect(buildContentType({})).to.equal("application/octet-stream");
    expect(buildContentType({ mimetype: "Image/PNG" })).to.equal("image/png");
  });

  const names: [name: string | undefined, shown: string][] = [
    ["lunch.png", "lunch.png"],
    [undefined, "F0001"],
    ["  \r\n ", "F0001"],
    ["a\r\nb\0c", "abc"],
    ["invoice\u202Efdp.exe", "invoicefdp.exe"],
    ["\u200Ba\u00AD\uFEFFb\u{E0041}\u2060.png", "ab.png"],
    ["e\u0301.png", "é.png"],
    ["../../x", "../../x"],
    ["👩‍👩‍👧.png", "👩‍👩‍👧.png"],
  ];
  for (const [name, shown] of names) {
    it(`shows the name ${JSON.stringify(name)} as ${shown}`, () => expect(buildFileName({ id: "F0001", name })).to.equal(shown));
  }

  it("recognizes web pages", () => {
    expect(["text/html", "Text/HTML; charset=utf-8", "application/xhtml+xml"].map(isPage)).to.deep.equal([true, true, true]);
    expect(["text/htmlx", "text/plain", null, ""].map(isPage)).to.deep.equal([false, false, false, false]);
  });

  it("builds the key from the UTC day of the message", () => {
    expect(buildArchivePrefix("T0001", "C0001", "1763855999.999999", "F0001")).to.equal("T0001/C0001/2025-11-22/F0001");
  });
});

describe("shared-file", () => {
  const said = {
    door: "events" as const,
    team: "T0001",
    channel: "C0001",
    user: "U0001",
    ts: "1763805600.000200",
    files: [{ id: "F0001", name: "a.png" }],
    private: false,
    mentionsBot: false,
    tokens: [],
  };
  const share = (text: string, threadTs?: string) =>
    buildSharedFile(parseEnvelope(buildMessage({ ...said, text, threadTs }).envelope), said.files[0]!);

  it("contains the message's tags, even if another door counts them", () => {
    expect(share("awsadvent lunch #Receipt #lunch #receipt")).to.deep.include({ tags: ["#receipt", "#lunch"] });
  });

  it("is announced in the thread, or under the message", () => {
    expect(share("x").about.threadTs).to.equal("1763805600.000200");
    expect(share("x", "1763805500.000100").about.threadTs).to.equal("1763805500.000100");
  });

  it("fits an execution's state, whatever was said", () => {
    const tags = Array.from({ length: 4000 }, (_, n) => `#${n}`.padEnd(9, "ü")).join(" ");
    for (const text of ["\u0001".repeat(40_000), tags, `#${"名".repeat(39_000)}`]) {
      expect(Buffer.byteLength(JSON.stringify(share(text)))).to.be.below(200_000);
    }
  });
});
