import { expect } from "chai";
import { joinText, readChunks, showChunks } from "../src/chunks";

const task = (change: object) => ({ type: "task_update", id: "1", title: "Read", status: "pending", ...change });

const richText = (...texts: string[]) => ({
  type: "rich_text",
  elements: [{ type: "rich_text_section", elements: texts.map(text => ({ type: "text", text })) }],
});

describe("chunks", () => {
  const CHUNKS = readChunks("Let me ", [
    { type: "markdown_text", text: "see. " },
    { type: "plan_update", title: "The plan" },
    task({ status: "in_progress", details: "page 1" }),
    { type: "markdown_text", text: "Done." },
    task({ id: "2", title: "Write" }),
    task({ title: "Read it", status: "complete", details: ", page 2", output: "two pages" }),
    { type: "blocks", blocks: [{ type: "divider", block_id: "d" }] },
  ]);
  const READ = {
    type: "task_card",
    task_id: "1",
    title: "Read it",
    status: "complete",
    details: richText("page 1", ", page 2"),
    output: richText("two pages"),
  };
  const WRITE = { type: "task_card", task_id: "2", title: "Write", status: "pending" };

  it("say what the text chunks say", () => {
    expect(joinText(CHUNKS)).to.equal("Let me see. Done.");
  });

  it("show a task where it began on a timeline", () => {
    expect(showChunks(CHUNKS, "timeline")).to.deep.equal([
      { type: "markdown", text: "Let me see. " },
      READ,
      { type: "markdown", text: "Done." },
      WRITE,
      { type: "divider", block_id: "d" },
    ]);
  });

  it("show all tasks together in a plan", () => {
    expect(showChunks(CHUNKS, "plan")).to.deep.equal([
      { type: "markdown", text: "Let me see. " },
      { type: "plan", title: "The plan", tasks: [READ, WRITE] },
      { type: "markdown", text: "Done." },
      { type: "divider", block_id: "d" },
    ]);
  });

  const BAD: [unknown, string, string?][] = [
    ["text", "invalid_arguments", "/chunks/0"],
    [{ type: "html" }, "invalid_arguments", "/chunks/0/type"],
    [{ type: "markdown_text" }, "invalid_arguments", "/chunks/0"],
    [{ type: "markdown_text", text: "x".repeat(12_001) }, "msg_too_long"],
    [task({ id: 1 }), "invalid_arguments", "/chunks/0/id"],
    [task({ status: "done" }), "invalid_arguments", "/chunks/0/status"],
    [task({ output: "x".repeat(257) }), "invalid_arguments", "/chunks/0/output"],
    [task({ sources: ["x"] }), "invalid_arguments", "/chunks/0/sources"],
    [{ type: "blocks", blocks: Array(51).fill({ type: "divider" }) }, "invalid_blocks"],
  ];

  it("are refused where Slack refuses them, with the place", () => {
    for (const [chunk, code, pointer = ""] of BAD) {
      const read = () => readChunks(undefined, [chunk]);
      const error = (() => {
        try {
          read();
        } catch (cause) {
          return cause as { code: string; fields: object };
        }
        throw new Error(`${JSON.stringify(chunk)} was not refused`);
      })();
      expect(error.code, JSON.stringify(chunk).slice(0, 60)).to.equal(code);
      expect(JSON.stringify(error.fields)).to.contain(pointer);
    }
  });
});
