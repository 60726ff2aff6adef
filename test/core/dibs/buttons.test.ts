import { expect } from "chai";
import { type ButtonValue, buildBlocks, isButtonAction, parseButtonValue } from "#core/dibs/buttons";

describe("dibs-buttons", () => {
  const value: ButtonValue = { name: "staging", fencing: 7, expiresAtMs: 1_763_805_600_000 };

  it("are under the text, and contain the turn that it shows", () => {
    const blocks = buildBlocks("*staging*", ["dibs_release", "dibs_extend"], value);
    expect(blocks).to.deep.equal([
      { type: "section", text: { type: "mrkdwn", text: "*staging*" } },
      {
        type: "actions",
        elements: [
          { type: "button", action_id: "dibs_release", text: { type: "plain_text", text: "Release" }, value: JSON.stringify(value) },
          { type: "button", action_id: "dibs_extend", text: { type: "plain_text", text: "Extend 1 h" }, value: JSON.stringify(value) },
        ],
      },
    ]);
    expect(parseButtonValue(JSON.stringify(value))).to.deep.equal(value);
  });

  it("have no row if there are none, because Slack refuses an empty one", () => {
    expect(buildBlocks("free", [], { name: "staging" })).to.have.lengthOf(1);
  });

  it("keep the text within a section's limit", () => {
    const [section] = buildBlocks("a line\n".repeat(1000), [], { name: "staging" }) as [{ text: { text: string } }];
    expect(section.text.text.length).to.be.at.most(3000);
  });

  for (const text of [undefined, "", "no JSON", "null", "[]", '"staging"', "{}", '{"name":7}']) {
    it(`are not ours with the value ${text}`, () => expect(parseButtonValue(text)).to.equal(undefined));
  }

  it("drop properties of the wrong type", () => {
    expect(parseButtonValue('{"name":"staging","fencing":"7","expiresAtMs":null}')).to.deep.equal({ name: "staging" });
  });

  for (const action of ["dibs_steal", "toString", "__proto__", 7, undefined]) {
    it(`are not ours with the action ${String(action)}`, () => expect(isButtonAction(action)).to.equal(false));
  }
});
