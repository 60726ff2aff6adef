import { expect } from "chai";
import { buildFileList, type FoundFile, parseTag } from "#core/documents/archive-search";
import { problemIn } from "../problem";

const file: FoundFile = {
  name: "lunch.png",
  mimetype: "image/png",
  sizeBytes: 70,
  channel: "C0001",
  user: "U0001",
  ts: "1763805600.000200",
};

describe("archive-search", () => {
  for (const text of ["#receipt", " receipt ", "#RECEIPT"]) {
    it(`reads ${JSON.stringify(text)} as a tag`, () => expect(parseTag(text)).to.deep.equal({ tag: "#receipt" }));
  }

  for (const text of ["#team_a", "team_a", "＃team_a", "#Team＿a."]) {
    it(`reads ${text} as a whole`, () => expect(parseTag(text)).to.deep.equal({ tag: "#team_a" }));
  }

  for (const text of ["", "  ", "\u200b"]) {
    it(`shows the usage for ${JSON.stringify(text)}`, () => expect(problemIn(parseTag(text))).to.match(/^Type `\/archive #tag`/));
  }

  for (const [text, quoted] of [
    ["#a #b", '"#a #b"'],
    ["two words", '"two words"'],
    ["#a,b", '"#a,b"'],
    ["#c++", '"#c++"'],
    ["team/a", '"team/a"'],
    ["<!channel>", "&lt;!channel&gt;"],
    ["`code`", '" code "'],
  ] as const) {
    it(`quotes ${text}, escaped`, () =>
      expect(problemIn(parseTag(text)))
        .to.include(quoted)
        .and.to.include("as one hashtag"));
  }

  it("links each file to its message, with user, channel and time", () => {
    expect(buildFileList("#receipt", [file])).to.equal(
      [
        "*Files with #receipt*",
        "1. <https://slack.com/app_redirect?channel=C0001&amp;message_ts=1763805600.000200|lunch.png> (image/png, 70 bytes)" +
          " by <@U0001> in <#C0001>, <!date^1763805600^{date_short_pretty} {time}|2025-11-22T10:00:00.000Z>",
      ].join("\n"),
    );
  });

  it("lets no name end its link or mention anybody", () => {
    const line = buildFileList("#receipt", [{ ...file, name: "a|b\n<!channel>.png" }]).split("\n")[1];
    expect(line).to.include("|a b &lt;!channel&gt;.png>");
  });

  it("says that no file was found", () => {
    expect(buildFileList("#no`ne", [])).to.include("No archived file has");
  });
});
