import { expect } from "chai";
import {
  buildApprovalMessage,
  buildDecidedMessage,
  buildFeedbackRow,
  buildStopRow,
  isAgentAction,
  parseAgentPress,
} from "#core/agent/buttons";
import { isJsonObject, type JsonObject } from "#core/json";

/** The buttons of a layout: action and value. */
const buttonsOf = (blocks: JsonObject[]): [unknown, unknown][] =>
  blocks.flatMap(({ elements }) =>
    Array.isArray(elements) ? elements.filter(isJsonObject).map((each): [unknown, unknown] => [each["action_id"], each["value"]]) : [],
  );

describe("agent-buttons", () => {
  it("parses its own buttons", () => {
    const { blocks } = buildApprovalMessage({ tool: "post_to_slack", summary: "> hello" }, "t1", "step-0001");
    expect(
      [...buttonsOf([buildStopRow("t1")]), ...buttonsOf(blocks)].map(([action, value]) => parseAgentPress(action, value)),
    ).to.deep.equal([
      { action: "agent_stop", task: "t1" },
      { action: "agent_approve", task: "t1", key: "step-0001" },
      { action: "agent_decline", task: "t1", key: "step-0001" },
    ]);
  });

  it("parses the two buttons below an answer", () => {
    const { elements } = buildFeedbackRow("t1") as { elements: Record<string, { value: string }>[] };
    const values = ["positive_button", "negative_button"].map(name => elements[0]![name]!.value);
    expect(values.map(value => parseAgentPress(elements[0]!["action_id"], value))).to.deep.equal([
      { action: "agent_feedback", task: "t1", rating: "good" },
      { action: "agent_feedback", task: "t1", rating: "bad" },
    ]);
  });

  it("shows who decided, without buttons", () => {
    const { text, blocks } = buildDecidedMessage({ tool: "post_to_slack", summary: "> hello" }, "declined", "U0002");
    expect(text).to.equal("Declined: post_to_slack");
    expect(JSON.stringify(blocks)).to.include("<@U0002>").and.include("> hello");
    expect(buttonsOf(blocks)).to.deep.equal([]);
  });

  for (const [action, value] of [
    ["agent_stop", "{}"],
    ["agent_stop", "nonsense"],
    ["agent_stop", '{"task": ""}'],
    ["agent_stop", undefined],
    ["agent_approve", '{"task": "t1"}'],
    ["agent_approve", '{"task": "t1", "key": 1}'],
    ["agent_approve", `{"task": "t1", "key": "${"k".repeat(257)}"}`],
    ["agent_feedback", `{"task": "${"t".repeat(257)}", "rating": "good"}`],
    ["dibs_join", '{"task": "t1"}'],
    ["toString", '{"task": "t1"}'],
  ] as const) {
    it(`ignores ${action} ${value}`, () => expect(parseAgentPress(action, value)).to.equal(undefined));
  }

  it("knows its actions", () => {
    expect(["agent_stop", "agent_approve", "agent_decline", "dibs_join", "constructor"].map(isAgentAction)).to.deep.equal([
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});
