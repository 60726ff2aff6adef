import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { composeText, decomposeText, foldText } from "#core/normalize";

const ROOT = join(__dirname, "../..");
const FOLDERS = ["agent", "bench", "bin", "components", "core", "functions", "panels", "scripts", "stores", "subscribers"];
/** Without `dist`, whose files come and go while tests run. */
const PACKAGES = [
  "packages/dibs-cli",
  "packages/laptop-cloud/page",
  "packages/laptop-cloud/src",
  "packages/pretend-slack/page",
  "packages/pretend-slack/src",
];

describe("normalize", () => {
  it("composes letters, as NFC does", () => {
    expect(composeText("cafe\u0301 Ａ ﬁ")).to.equal("café Ａ ﬁ");
    expect(composeText(`a${"\u0301".repeat(30)}`)).to.equal(`á${"\u0301".repeat(29)}`);
  });

  it("decomposes letters and compatible forms, as NFKD does", () => {
    expect(decomposeText("é Ａ ﬁ")).to.equal("e\u0301 A fi");
  });

  it("keeps 30 different marks of a longer run", () => {
    expect(composeText(`e${"\u0301".repeat(1000)}x`)).to.equal("éx");
    expect(
      Array.from(decomposeText(Array.from({ length: 70 }, (_, index) => String.fromCodePoint(0x300 + index)).join(""))),
    ).to.have.lengthOf(30);
  });

  it("makes equivalent texts equal, however many marks they have", () => {
    const marks = fc.array(fc.constantFrom(..."\u0300\u0301\u0316\u0323\u0327\u0334\u0344\u0345\u05b0\u093c\u3099\uff9e\ufe0f"), {
      maxLength: 80,
    });
    const text = fc.array(fc.tuple(fc.constantFrom(..."aệÅカक한ﷺ≮\ud800"), marks)).map(parts => parts.flat(2).join(""));
    fc.assert(
      fc.property(text, said => {
        const composed = composeText(said);
        expect(composed)
          .to.equal(composeText(said.normalize("NFD")))
          .and.to.equal(composeText(said.normalize("NFC")));
        expect(composeText(composed), "twice").to.equal(composed);
      }),
    );
  });

  describe("foldText", () => {
    const all = Array.from({ length: 0x110000 }, (_, point) => point).filter(point => point < 0xd800 || point > 0xdfff);
    const cased = all.map(point => String.fromCodePoint(point)).filter(each => each.toLowerCase() !== each || each.toUpperCase() !== each);

    it("folds case as case-insensitive patterns do, character by character", () => {
      for (const character of cased) {
        const pattern = new RegExp(`^${character}$`, "iu");
        for (const other of new Set([character.toLowerCase(), character.toUpperCase(), character.toUpperCase().toLowerCase()])) {
          if (pattern.test(other)) expect(foldText(other), `${character} ${other}`).to.equal(foldText(character));
        }
      }
    });

    it("folds letters that become several, and compatible forms", () => {
      for (const [text, folded] of [
        ["ẞßSS", "ssssss"],
        ["ŉ", "ʼn"],
        ["ΐ", "ΐ"],
        ["ᾳ", "αι"],
        ["ς", "σ"],
        ["ＡＢ１", "ab1"],
        ["ﬃ", "ffi"],
        ["K", "k"],
        ["İ", "i\u0307"],
        ["ı", "ı"],
      ] as const) {
        expect(foldText(text), text).to.equal(folded);
      }
    });

    it("is idempotent, and folds lower and upper case to the same text", () => {
      for (const character of cased) {
        const folded = foldText(character);
        expect(foldText(folded)).to.equal(folded);
        if (!"ıİ".includes(character)) expect(foldText(character.toUpperCase()), character).to.equal(folded);
      }
    });
  });

  it("is the only place that normalizes: elsewhere long runs of marks would take quadratic time", () => {
    const list = (folder: string) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" }).map(file => `${folder}/${file}`);
    const files = [...FOLDERS, ...PACKAGES].flatMap(list).filter(file => /\.(?:tsx?|[mc]js)$/.test(file));
    const callers = files.filter(file => /\.normalize\(/.test(readFileSync(join(ROOT, file), "utf8")));
    expect(files.length).to.be.above(100);
    // The command is one file without imports; it normalizes 64 characters at most.
    expect(callers).to.deep.equal(["core/normalize.ts", "packages/dibs-cli/slack-fanout.mjs"]);
  });
});
