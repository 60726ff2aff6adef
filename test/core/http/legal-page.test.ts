import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { buildLegalPage } from "#core/http/legal-page";

describe("legal pages", () => {
  it("have a title, headings and paragraphs, and show everything else as it is written", () => {
    const html = buildLegalPage('# A & B\r\n\r\nOne\nline.\n\n## What "we" do\n\n<script>alert(1)</script>\n');
    expect(html).to.include("<h1>A &amp; B</h1><p>One\nline.</p>\n<h2>What &quot;we&quot; do</h2>\n<p>&lt;script&gt;");
    expect(html).to.include("<title>A &amp; B</title>").and.not.include("<script");
  });

  it("are refused without a title", () => {
    for (const text of ["", "No title.", "## Heading"]) expect(() => buildLegalPage(text)).to.throw("must begin with a title");
  });

  it("are those that Slack's review asks for", () => {
    const folder = join(__dirname, "../../../docs/legal");
    expect(readdirSync(folder)).to.have.members(["privacy.md", "support.md", "terms.md"]);
    for (const file of readdirSync(folder)) buildLegalPage(readFileSync(join(folder, file), "utf8"));
  });
});
