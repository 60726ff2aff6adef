import { createHash } from "node:crypto";
import { expect } from "chai";
import fc from "fast-check";
import { countTokens, hasTokens, kindOf, MAX_TOKEN_BYTES, type Split, type TokenCount } from "#core/message/tokens";

const count = (text: string, split: Split = "words", ignoreWords: string[] = []): TokenCount[] => countTokens(text, { split, ignoreWords });
const wordsOf = (text: string): string[] => count(text).map(([token]) => token);

describe("tokens", () => {
  describe("words", () => {
    const rows: [title: string, text: string, words: string[]][] = [
      ["splits at spaces and punctuation", "awsadvent some words, more.words", ["awsadvent", "some", "words", "more"]],
      ["lowers case", "Some SOME sOmE", ["some"]],
      ["keeps inner apostrophes and hyphens", "don't re-use rock'n'roll", ["don't", "re-use", "rock'n'roll"]],
      ["drops outer and doubled ones", "'quoted' -dash- a--b it''s", ["quoted", "dash", "a", "b", "it", "s"]],
      ["takes both apostrophes and hyphens for one", "don’t don't e‐mail e‑mail e-mail", ["don't", "e-mail"]],
      ["takes digits", "2026 4ever v2", ["2026", "4ever", "v2"]],
      ["reads any script", "слово λόγος 言葉 คำ कि", ["слово", "λόγος", "言葉", "คำ", "कि"]],
      ["takes composed and decomposed for one", "caf\u00e9 cafe\u0301", ["caf\u00e9"]],
      ["keeps full-width letters and ß literally", "ＡＢ straße", ["ａｂ", "straße"]],
      ["lowers a Turkish İ into i and a dot", "İ", ["i\u0307"]],
      ["keeps what a joiner joins", "می\u200cخواهم", ["می\u200cخواهم"]],
      ["skips emoji made of several, RTL marks, NUL and lone surrogates", "👩‍👩‍👧 \u200fa\u200e \0b\0 \ud800c", ["a", "b", "c"]],
      ["skips mentions of every kind", "<@U0001> <@U0001|bob> <#C0001|general> <!here> <!subteam^S0001|@team> hi", ["hi"]],
      ["skips addresses, bracketed and bare", "<https://example.com/a?b=c> https://example.com/x go", ["go"]],
      ["keeps a link's label", "<https://example.com|the docs>", ["the", "docs"]],
      ["skips a label that repeats the address", "<http://example.com|example.com> <mailto:a@b.c|a@b.c>", []],
      [
        "skips a label that repeats the address in another form",
        "<https://Example.com/|example.com> <http://www.example.com|Example.COM/> <https://a.example/b/c|a.example/b> <https://a.example/readme.md|readme.md> <mailto:ann@a.example?subject=x|Ann@a.example> <tel:+4930|+4930> <tel:+493012|+49 (30) 1-2>",
        [],
      ],
      ["keeps a label of a word that is in the address, too", "<https://example.com/docs|docs>", ["docs"]],
      ["skips emoji names", "nice :thumbsup::skin-tone-4: :+1: :100: :été: :don't: done:white_check_mark: :e-mail:!", ["nice", "done"]],
      [
        "takes times, ratios and paths for no emoji",
        "12:30:45 12:30: a:b:c std::vector::x arn:aws:s3",
        ["12", "30", "45", "a", "b", "c", "std", "vector", "x", "arn", "aws", "s3"],
      ],
      [
        "drops soft hyphens, word joiners and byte-order marks",
        "Gesamt\u00adkonzept foo\u2060bar \ufeffa\ufeffb e\u00ad\u0301",
        ["gesamtkonzept", "foobar", "ab", "é"],
      ],
      ["drops other invisible characters inside words", "a\u200eb a\u061cb a\ufe0fb a\u034fb a\u200d\u0301\u200db áb ㅤ", ["ab", "áb"]],
      ["drops what stretches an Arabic word", "سـلام سلام", ["سلام"]],
      ["splits at a zero-width space", "a\u200bb", ["a", "b"]],
      ["skips the emoji of digits", "1️⃣ 2\u20e3 #️⃣ *️⃣ 3", ["3"]],
      ["takes the hyphens of other scripts for one", "בית־ספר בית-ספר", ["בית-ספר"]],
      ["takes every apostrophe for one", "п'ять пʼять п’ять п´ять п＇ять", ["п'ять"]],
      ["skips code spans and blocks", "run `rm -rf` now ```\nconst a = 1;\n``` done", ["run", "now", "done"]],
      ["takes a lone backtick literally", "it`s open", ["it", "s", "open"]],
      ["takes an unclosed block literally", "``` still open", ["still", "open"]],
      ["reads entities as characters", "a &amp; b &lt;i&gt; &amp;lt;", ["a", "b", "i", "lt"]],
      ["leaves annotations out", "lunch #receipt", ["lunch"]],
      ["takes names of an object's parts literally", "__proto__ constructor toString", ["proto", "constructor", "tostring"]],
      ["takes DynamoDB expressions literally", "SET #a = :b attribute_exists(c)", ["set", "b", "attribute", "exists", "c"]],
      ["finds nothing in nothing", " \u200b \n ... 🎉", []],
    ];
    for (const [title, text, words] of rows) it(title, () => expect(wordsOf(text)).to.deep.equal(words));
  });

  describe("annotations", () => {
    const rows: [title: string, text: string, annotations: string[]][] = [
      ["keeps the #", "lunch #Receipt #q3-2026", ["#receipt", "#q3-2026"]],
      [
        "takes what is inside whole",
        "#team_a #team_b #v1.2 #c++11 #a.b-c_d+e #rock'n'roll",
        ["#team_a", "#team_b", "#v1.2", "#c++11", "#a.b-c_d+e", "#rock'n'roll"],
      ],
      ["ends at punctuation and formatting", "#v1.2. _#italic_ *#bold* #a, (#b): #c-", ["#v1.2", "#italic", "#bold", "#a", "#b", "#c"]],
      ["takes several signs in a row as inside", "#a__b #a...b", ["#a__b", "#a...b"]],
      ["takes what it can't take whole not at all", "#c++ #team/a #a&amp;b #me@home #_x", []],
      ["takes a full-width # for one", "＃tag ＃Team＿a", ["#tag", "#team_a"]],
      ["ends at another #, and takes digits", "#a#b x#tag #1 C#", ["#a", "#1"]],
      ["needs a beginning", "a#b C# é#c # d", []],
      ["skips those in code and addresses", "`#a` <https://example.com/#b> https://example.com/#c <#C0001|general>", []],
    ];
    for (const [title, text, annotations] of rows) {
      it(title, () => expect(count(text, "annotations").map(([token]) => token)).to.deep.equal(annotations));
    }
  });

  it("counts a word said twice as two, in order of first appearance", () => {
    expect(count("b a B 10 a b")).to.deep.equal([
      ["b", 3],
      ["a", 2],
      ["10", 1],
    ]);
  });

  it("omits ignored words in any case and form", () => {
    expect(count("The cafe\u0301 the don’t end", "words", ["THE", "caf\u00e9", "don't"])).to.deep.equal([["end", 1]]);
  });

  it("ignores an annotation only with its #", () => {
    expect(count("#the #a", "annotations", ["the", "#a"])).to.deep.equal([["#the", 1]]);
  });

  it("keys a token over 1,024 bytes by its beginning and its SHA-256", () => {
    const word = "é".repeat(39_999);
    const [[token = ""] = []] = count(word);
    expect(token).to.equal(`${"é".repeat(64)}-${createHash("sha256").update(word).digest("hex")}`);
    expect(wordsOf(token), "its key is a token too").to.deep.equal([token]);
    expect(wordsOf("a".repeat(MAX_TOKEN_BYTES))).to.deep.equal(["a".repeat(MAX_TOKEN_BYTES)]);
  });

  it("distinguishes words from annotations", () => {
    expect([kindOf("receipt"), kindOf("#receipt")]).to.deep.equal(["word", "annotation"]);
  });

  it("are found even if none counts", () => {
    for (const text of ["hello", "#lunch", "a `code` b", "\u00e9"]) expect(hasTokens(text), text).to.equal(true);
    for (const text of ["", " \u200b", "<@U0001> `code` <https://example.com>", "!?"]) expect(hasTokens(text), text).to.equal(false);
    expect([hasTokens("again"), hasTokens("again")], "no state between two calls").to.deep.equal([true, true]);
  });

  describe("properties", () => {
    // Characters that the grammar gives a meaning, between letters.
    const signs = fc
      .array(
        fc.constantFrom(..."aÉ1#＃_+.-'ʼ:<>|/@&`´\u00ad\u2060\u200d\u0301\u0323 ", "&amp;", "İ", "http://", ":tada:", "\u0301".repeat(40)),
        { maxLength: 60 },
      )
      .map(parts => parts.join(""));
    // As the unit "binary", for which fast-check first lists all code points, in a second.
    const codePoint = fc
      .nat(0x10ffff)
      .map(code => String.fromCodePoint(code))
      .filter(character => character.isWellFormed());
    const text = fc.oneof(
      fc.string({ unit: codePoint }),
      fc.string({ unit: "grapheme" }),
      fc.string(),
      fc.lorem({ mode: "sentences" }),
      signs,
    );
    const split = fc.constantFrom<Split>("words", "annotations");

    it("splits its own tokens into themselves", () => {
      fc.assert(
        fc.property(text, split, (said, kind) => {
          const tokens = count(said, kind).map(([token]) => token);
          expect(count(tokens.join(" "), kind)).to.deep.equal(tokens.map(token => [token, 1]));
        }),
      );
    });

    it("builds short, composed, well-formed tokens without a backtick", () => {
      fc.assert(
        fc.property(text, split, (said, kind) => {
          for (const [token] of count(said, kind)) {
            expect(token).to.equal(token.normalize("NFC")).and.to.equal(token.toLowerCase());
            expect(token.isWellFormed()).to.equal(true);
            expect(Buffer.byteLength(token)).to.be.within(1, MAX_TOKEN_BYTES);
            expect(token).not.to.match(/[`\s]/);
          }
        }),
      );
    });

    it("counts every occurrence of a word", () => {
      const words = fc.array(fc.stringMatching(/^[a-z0-9]{1,8}$/), { maxLength: 50 });
      fc.assert(
        fc.property(words, said => {
          const counts = count(said.join(" "));
          expect(counts.reduce((sum, [, times]) => sum + times, 0)).to.equal(said.length);
          expect(counts.map(([token]) => token)).to.deep.equal([...new Set(said)]);
        }),
      );
    });

    it("counts ASCII text alike beside text of other scripts", () => {
      const ascii = fc.oneof(
        fc.string(),
        fc.array(fc.constantFrom(..."aZ1#_+.-':<>|/@&` ", ":tada:", "::", "#a")).map(parts => parts.join("")),
      );
      fc.assert(
        fc.property(ascii, split, (said, kind) => {
          expect(count(`${said} \u00e9 #\u00e9`, kind)).to.deep.equal([...count(said, kind), [kind === "words" ? "\u00e9" : "#\u00e9", 1]]);
        }),
        { numRuns: 1000 },
      );
    });

    it("counts composed and decomposed text alike", () => {
      fc.assert(
        fc.property(text, said => {
          expect(count(said.normalize("NFD"))).to.deep.equal(count(said.normalize("NFC")));
        }),
      );
    });
  });
});
