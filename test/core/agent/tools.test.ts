import { thrownBy } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { buildInputSchema, isToolName, parseCall, TOOL_NAMES } from "#core/agent/tools";

describe("agent-tools", () => {
  describe("buildInputSchema", () => {
    it("builds a JSON Schema for each tool, with the worker's two arguments", () => {
      for (const name of TOOL_NAMES) {
        const schema = buildInputSchema(name);
        expect(schema, name).to.include({ type: "object", additionalProperties: false });
        expect(schema["properties"], name).to.include.keys("task", "idempotencyKey");
        expect(JSON.parse(JSON.stringify(schema)), name).to.deep.equal(schema);
      }
    });

    it("names the required arguments and describes them", () => {
      const { properties, required } = buildInputSchema("post_to_slack");
      expect(required).to.deep.equal(["text"]);
      expect(properties).to.have.nested.property("text.description").that.is.a("string");
    });
  });

  describe("parseCall", () => {
    it("separates the tool's arguments from the worker's", () => {
      expect(parseCall("read_words", { limit: 3, task: "t", idempotencyKey: "k" })).to.deep.equal({
        name: "read_words",
        args: { limit: 3 },
        task: "t",
        key: "k",
      });
      expect(parseCall("read_words", undefined)).to.deep.equal({ name: "read_words", args: {} });
    });

    it("writes arguments in the schema's order", () => {
      const [one, other] = [
        parseCall("create_canvas", { title: "a", markdown: "b", channel: "C1" }),
        parseCall("create_canvas", { channel: "C1", markdown: "b", title: "a" }),
      ];
      expect(JSON.stringify(one)).to.equal(JSON.stringify(other));
    });

    for (const [name, args, said] of [
      ["post_to_slack", {}, "text"],
      ["post_to_slack", { text: 1 }, "text"],
      ["post_to_slack", { text: "a", channel: "#general" }, "channel's id"],
      ["post_to_slack", { text: "a", color: "red" }, "color"],
      ["post_to_slack", "hello", "expected object"],
      ["post_to_slack", { text: "a", task: "x".repeat(257) }, "task"],
      ["update_message", { ts: "1", text: "a" }, "ts"],
      ["read_words", { limit: 51 }, "limit"],
      ["read_words", { day: "2026-02-30" }, "day"],
      ["report_progress", { state: "asleep", steps: [] }, "state"],
      ["report_progress", { state: "done", steps: [{ label: "a" }] }, "steps.0.state"],
    ] as const) {
      it(`refuses ${name} ${JSON.stringify(args).slice(0, 60)}`, () => {
        const error = thrownBy(() => parseCall(name, args)) as Error;
        expect(error).to.include({ name: "BadRequest" });
        expect(error.message)
          .to.match(new RegExp(`^${name}: `))
          .and.include(said);
      });
    }
  });

  it("knows its own names only", () => {
    expect(isToolName("post_to_slack")).to.equal(true);
    expect(isToolName("toString")).to.equal(false);
    expect(isToolName(7)).to.equal(false);
  });
});
