import { expect } from "chai";
import { RuntimeAnswer } from "#core/agent/runtime-answer";

const JSON_TYPE = "application/json";
const STREAM = "text/event-stream; charset=utf-8";

describe("runtime-answer", () => {
  const read = (type: string, ...chunks: string[]) => {
    const answer = new RuntimeAnswer(type);
    const shown = chunks.map(chunk => answer.add(chunk));
    return { answer: answer.end(), shown };
  };

  it("is the field `answer`, and empty until the whole JSON has come", () => {
    expect(read(JSON_TYPE, '{"ans', 'wer":"done"}')).to.deep.equal({ answer: "done", shown: ["", ""] });
  });

  it("grows with each piece of a stream, however the stream is cut", () => {
    expect(read(STREAM, ': hello\r\ndata: "one', ' "\r\n\r\nevent: x\ndata:"two"\n\n', 'data: "!"')).to.deep.equal({
      answer: "one two!",
      shown: ["", "one two", "one two"],
    });
  });

  const refused: [what: string, type: string, body: string, sentence: RegExp][] = [
    ["text", JSON_TYPE, "done", /^The agent's answer is "done", but must be \{"answer": TEXT\}/],
    ["an object without an answer", JSON_TYPE, '{"result":"done"}', /but must be \{"answer": TEXT\}/],
    ["an answer that is no text", JSON_TYPE, '{"answer":1}', /but must be/],
    ["a piece that is no JSON", STREAM, "data: done\n", /^A piece of the agent's answer is "done", but must be a JSON string/],
    ["an error in a stream", STREAM, 'data: {"error":"out of tokens"}\n', /^The agent failed: out of tokens/],
    ["more than Slack could show", JSON_TYPE, `{"answer":"${"x".repeat(200_000)}"}`, /more than 200000 characters/],
  ];
  for (const [what, type, body, sentence] of refused) {
    it(`refuses ${what}`, () => {
      expect(() => read(type, body)).to.throw(Error, sentence);
    });
  }
});
