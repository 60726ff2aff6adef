import { expect } from "chai";
import { SlackBusy, SlackRefused } from "#core/errors";
import type { JsonObject } from "#core/json";
import type { Toolbox } from "#functions/gateway/toolbox";
import { type GatewayWorld, MortalProcess, THREAD, useGatewayWorld } from "./world";

const WHOLE = "One two three, <@U0007>, and <!channel> four.";
/** How it is shown: with names, and calling nobody. */
const SHOWN = "One two three, @Bob, and &lt;!channel> four.";

describe("answer-tool", () => {
  let world: GatewayWorld;
  let id: string;
  let number = 0;
  useGatewayWorld(given => {
    world = given;
  });
  /** Begins another task, after the minute in which Slack counts the streams of the one before. */
  const begin = async () => {
    number += 1;
    id = `T0001-C0001-${1_763_805_600 + number}.000100`;
    await world.createTask(id);
    world.empty();
    world.nowMs += number * 150_000;
  };
  beforeEach(begin);

  type Step = "go" | "pause" | "end" | "close";
  const write = async (toolbox: Toolbox, text: string, step: Step, stream?: unknown): Promise<JsonObject> => {
    const answer = await toolbox.call("write_answer", { task: id, text, step, ...(stream === undefined ? {} : { stream }) });
    if ("refusal" in answer) throw new Error(answer.refusal);
    return answer.result;
  };
  /** Writes the whole text, sixteen characters at a time, as a worker does. */
  const writeAll = async (toolbox: Toolbox): Promise<void> => {
    let stream: JsonObject | undefined;
    for (let end = 16; end < WHOLE.length; end += 16) stream = await write(toolbox, WHOLE.slice(0, end), "go", stream);
    await write(toolbox, WHOLE, "end", stream);
  };
  const shown = () => world.slack.messages.map(({ text }) => text);

  it("streams a text that grows, calls nobody, and ends as one message in the thread", async () => {
    await writeAll(world.createToolbox());
    expect(shown()).to.deep.equal([SHOWN]);
    expect(world.slack.messages[0]).to.include({ channel: "C0001", threadTs: THREAD });
    expect(world.slack.open.size).to.equal(0);
    expect((await world.tasks.read(id))?.hasStream).to.equal(true);
    expect(await world.posts(id), "it counts as a post").to.equal(1);
  });

  it("holds back what may become a mention", async () => {
    const toolbox = world.createToolbox();
    const stream = await write(toolbox, "Ask <@U00", "go");
    expect([shown(), stream["sent"]]).to.deep.equal([["Ask "], 4]);
    await write(toolbox, "Ask <@U0007> now", "go", stream);
    expect(shown()).to.deep.equal(["Ask @Bob now"]);
  });

  it("stands there once, whole and closed, whichever call the gateway dies at", async () => {
    const deaths = new Set<string>();
    for (const when of ["before", "after"] as const) {
      for (let call = 1; ; call += 1) {
        await begin();
        const process = new MortalProcess({ call, when });
        await writeAll(world.createToolbox({}, process)).catch(() => {});
        const where = `${when} call ${call}, ${process.calls.at(call - 1)}`;
        // As long as the dead invocation may have run.
        world.nowMs += 60_000;
        await write(world.createToolbox(), WHOLE, "end");
        expect(shown(), where).to.deep.equal([SHOWN]);
        expect(world.slack.open.size, where).to.equal(0);
        if (!process.isDead) break;
        deaths.add(process.calls[call - 1]!);
      }
    }
    expect([...deaths]).to.include.members(["start", "append", "stop", "TransactWriteItemsCommand"]);
  });

  it("asks for a rating below the whole answer, however it was shown", async () => {
    const asks = () => world.slack.messages.filter(({ blocks }) => JSON.stringify(blocks ?? []).includes("feedback_buttons")).length;
    const stream = await write(world.createToolbox(), "Hello", "go");
    expect(asks()).to.equal(0);
    await write(world.createToolbox(), "Hello you", "end", stream);
    expect(asks()).to.equal(1);
    await begin();
    await write(world.createToolbox(), "Hello", "go");
    await write(world.createToolbox(), "Hello you", "end");
    expect(asks()).to.equal(1);
  });

  it("goes on by changing the message after a pause", async () => {
    const toolbox = world.createToolbox();
    const paused = await write(toolbox, "Wait", "pause", await write(toolbox, "Wa", "go"));
    expect([shown(), paused["mode"], world.slack.open.size]).to.deep.equal([["Wait"], "message", 0]);
    await write(toolbox, "Wait for it", "go", paused);
    await write(toolbox, "Wait for it.", "end", paused);
    expect(shown()).to.deep.equal(["Wait for it."]);
  });

  it("posts one message and changes it where Slack refuses streams", async () => {
    const toolbox = world.createToolbox();
    world.slack.problems.push(new SlackRefused("Slack refuses chat.startStream: not_allowed."));
    const stream = await write(toolbox, "Hello", "go");
    expect(stream).to.include({ mode: "message" });
    await write(toolbox, "Hello you", "end", stream);
    expect(shown()).to.deep.equal(["Hello you"]);
  });

  it("rewrites the text after an append that Slack may have done", async () => {
    const toolbox = world.createToolbox();
    const stream = await write(toolbox, "Hello", "go");
    world.slack.problems.push(new SlackBusy("Slack did not answer."));
    expect(await write(toolbox, "Hello you", "go", stream)).to.include({ mode: "message" });
    expect([shown(), world.slack.open.size]).to.deep.equal([["Hello you"], 0]);
  });

  it("stays below Slack's limit of appends of a team", async () => {
    const toolbox = world.createToolbox();
    let stream = await write(toolbox, "x", "go");
    for (let length = 2; length <= 90; length += 1) stream = await write(toolbox, "x".repeat(length), "go", stream);
    expect(stream).to.include({ mode: "message" });
    expect(shown()).to.deep.equal(["x".repeat(90)]);
  });

  it("closes what a dead worker left open, and posts nothing for it", async () => {
    const toolbox = world.createToolbox();
    await write(toolbox, "Half of", "go");
    await write(toolbox, "-", "close");
    expect([shown(), world.slack.open.size]).to.deep.equal([["Half of"], 0]);
  });

  it("does not stream where posts need approval", async () => {
    const answer = await world.createToolbox({ approvals: ["post_to_slack"] }).call("write_answer", { task: id, text: "x", step: "go" });
    expect(answer).to.deep.equal({ refusal: "approval: posts need approval, so the answer can't be streamed." });
  });
});
