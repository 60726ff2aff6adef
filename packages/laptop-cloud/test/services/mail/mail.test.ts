import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { administrator } from "../../../src/kernel/caller";
import { type Mail, mail } from "../../../src/services/mail";

describe("mail", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "slack-fanout-test-"));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const read = async (pageUrl: string) => (await (await fetch(`${pageUrl}/mail`)).json()) as Mail[];

  it("stores sent mail, newest last, with its links", async () => {
    const { cloud, stop } = await startLaptop({ definitions: [mail], directory });
    for (const Subject of ["first", "second"]) {
      await cloud.call("mail", "Send", { To: "ops@example.com", Subject, Body: `See https://example.com/${Subject} now` }, administrator);
    }
    const mails = await read(cloud.place.pageUrl);
    await stop();
    expect(mails.map(({ to, subject, links }) => [to, subject, links])).to.deep.equal([
      ["ops@example.com", "first", ["https://example.com/first"]],
      ["ops@example.com", "second", ["https://example.com/second"]],
    ]);
  });

  it("rewrites links to the current address of the page", async () => {
    const first = await startLaptop({ definitions: [mail], directory });
    const { pageUrl } = first.cloud.place;
    await first.cloud.call("mail", "Send", { To: "a@example.com", Subject: "x", Body: `${pageUrl}/mail/confirm?Token=1` }, administrator);
    await first.stop();
    const second = await startLaptop({ definitions: [mail], directory });
    const [kept] = await read(second.cloud.place.pageUrl);
    await second.stop();
    expect(kept!.links).to.deep.equal([`${second.cloud.place.pageUrl}/mail/confirm?Token=1`]);
  });

  it("refuses every method but GET", async () => {
    const { cloud, stop } = await startLaptop({ definitions: [mail], directory });
    const { status } = await fetch(`${cloud.place.pageUrl}/mail`, { method: "POST" });
    await stop();
    expect(status).to.equal(405);
  });
});
