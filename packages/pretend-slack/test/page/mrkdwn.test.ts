import { processorMs } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import fc from "fast-check";
import { formatMrkdwn, type Piece, parseMrkdwn, toPlainText, toTypedText } from "../../page/mrkdwn";

const names = { users: new Map([["ada", "U0001"]]), channels: new Map([["general", "C0001"]]) };

/** The visible text. */
const textOf = (pieces: Piece[]): string =>
  pieces
    .map(piece => {
      if ("pieces" in piece) return textOf(piece.pieces);
      if ("text" in piece) return piece.text;
      return piece.kind === "break" ? "\n" : "";
    })
    .join("");

describe("mrkdwn on the page", () => {
  const rows: { text: string; pieces: Piece[] }[] = [
    { text: "plain &lt;b&gt; &amp;amp;", pieces: [{ kind: "text", text: "plain <b> &amp;" }] },
    { text: "*bold*", pieces: [{ kind: "bold", pieces: [{ kind: "text", text: "bold" }] }] },
    { text: "2*3*4 snake_case_name", pieces: [{ kind: "text", text: "2*3*4 snake_case_name" }] },
    { text: "`*a*`", pieces: [{ kind: "code", text: "*a*" }] },
    { text: "```\na\nb```", pieces: [{ kind: "block", text: "a\nb" }] },
    { text: "<@U0001>", pieces: [{ kind: "user", id: "U0001", label: undefined }] },
    { text: "<#C0001|general>", pieces: [{ kind: "channel", id: "C0001", label: "general" }] },
    { text: "<!here>", pieces: [{ kind: "special", id: "here", label: undefined }] },
    { text: "<https://a.example/?x=1&amp;y=2|see>", pieces: [{ kind: "link", url: "https://a.example/?x=1&y=2", label: "see" }] },
    { text: "<javascript:alert(1)|click>", pieces: [{ kind: "text", text: "<javascript:alert(1)|click>" }] },
    { text: "&gt; said", pieces: [{ kind: "quote", pieces: [{ kind: "text", text: "said" }] }] },
    { text: "a\nb", pieces: [{ kind: "text", text: "a" }, { kind: "break" }, { kind: "text", text: "b" }] },
  ];
  for (const { text, pieces } of rows) {
    it(`parses ${JSON.stringify(text)}`, () => {
      expect(parseMrkdwn(text)).to.deep.equal(pieces);
    });
  }

  it("makes links to web and mail URLs only", () => {
    fc.assert(
      fc.property(fc.string(), target => {
        const links = parseMrkdwn(`<${target}>`).filter(piece => piece.kind === "link");
        for (const { url } of links) expect(url).to.match(/^(https?|mailto):/i);
      }),
    );
  });

  it("shows typed text without formatting as it was typed", () => {
    const plain = fc.string({ unit: fc.constantFrom("a", " ", "<", ">", "&", "b;", "lt;", "é") }).filter(text => !/^>/.test(text));
    fc.assert(
      fc.property(plain, typed => {
        expect(textOf(parseMrkdwn(formatMrkdwn(typed, names)))).to.equal(typed);
      }),
    );
  });

  it("parses 40,000 awkward characters in linear time", () => {
    for (const text of ["*".repeat(40_000), "`".repeat(39_999), "<".repeat(40_000), "*a ".repeat(13_000), "_a*b~".repeat(8000)]) {
      expect(processorMs(() => parseMrkdwn(text))).to.be.below(2000);
    }
  });

  it("turns known names into mentions, and leaves others as typed", () => {
    expect(formatMrkdwn("@ada see #general, not a@ada.example, #receipt or @bob", names)).to.equal(
      "<@U0001> see <#C0001|general>, not a@ada.example, #receipt or @bob",
    );
  });

  it("ends a quote at the end of its line", () => {
    const kinds = parseMrkdwn("said:\n&gt; one\n&gt; two\nand\nmore").map(({ kind }) => kind);
    expect(kinds).to.deep.equal(["text", "break", "quote", "quote", "text", "break", "text"]);
  });

  it("becomes plain text with names", () => {
    const text = "*bold _and_* `code`\n&gt; <@U0001> in <#C0001>, <!here>, <@U0404>: <https://a.example/|a link> &amp;";
    const nameOf = (id: string) => ({ U0001: "ada", C0001: "general" })[id];
    expect(toPlainText(parseMrkdwn(text), nameOf)).to.equal("bold and code @ada in #general, @here, @U0404: a link &");
  });

  it("becomes text that can be edited and formatted again", () => {
    const nameOf = (id: string) => ({ U0001: "ada", C0001: "general" })[id];
    const text = "<@U0001> see <#C0001|general> &amp; &lt;b&gt; *now*";
    const typed = toTypedText(text, nameOf);
    expect(typed).to.equal("@ada see #general & <b> *now*");
    expect(formatMrkdwn(typed, names)).to.equal(text);
    expect(toTypedText("<https://a.example/|a link> by <@U0404>", nameOf)).to.equal("https://a.example/ by @U0404");
  });
});
