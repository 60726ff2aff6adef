import { expect } from "chai";
import { buildLayout } from "#core/notice/layout";
import type { Notice } from "#core/notice/notice";

const notice = (over: Partial<Notice>): Notice => ({
  id: "run1#success",
  outcome: "success",
  title: "Payroll process complete",
  text: "Payroll process complete. The file march.csv: 2 employees.",
  ...over,
});

describe("notice-layout", () => {
  it("shows the title once, text and facts, with a plain fallback", () => {
    expect(buildLayout(notice({ fields: { file: "a.csv", none: "" } }))).to.deep.equal({
      text: "Payroll process complete: The file march.csv: 2 employees.",
      blocks: [
        {
          type: "section",
          text: {
            type: "mrkdwn",
            text: ":white_check_mark: *Payroll process complete*\nThe file march.csv: 2 employees.",
            verbatim: true,
          },
        },
        { type: "section", fields: [{ type: "mrkdwn", text: "*file*\na.csv", verbatim: true }] },
      ],
    });
  });

  it("mentions nobody, whatever the name of a file", () => {
    const shown = JSON.stringify(
      buildLayout(notice({ title: "<!here>", text: "<!channel> <@U0001> & <https://x|y>", fields: { "<#C1>": "<!everyone>" } })),
    );
    expect(shown).not.to.match(/[<>]/);
    expect(shown).to.contain("&lt;!channel&gt; &lt;@U0001&gt; &amp; &lt;https://x|y&gt;");
  });

  it("keeps within Slack's limits without cutting an entity", () => {
    const fields = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`f${n}`, "&".repeat(5000)]));
    const { blocks, text } = buildLayout(notice({ title: "<".repeat(5000), text: "&".repeat(50_000), fields }));
    const [said, facts] = blocks as [{ text: { text: string } }, { fields: { text: string }[] }];
    expect(said.text.text.length).to.be.at.most(3000);
    expect(facts.fields).to.have.length(10);
    for (const field of facts.fields) expect(field.text.length).to.be.at.most(2000);
    for (const each of [text, said.text.text]) expect(each.replace(/&(?:amp|lt|gt);/g, "")).not.to.contain("&");
  });

  it("uses given blocks unchanged", () => {
    expect(buildLayout(notice({ blocks: [{ type: "divider" }] })).blocks).to.deep.equal([{ type: "divider" }]);
  });
});
