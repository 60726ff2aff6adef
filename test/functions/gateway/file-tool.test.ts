import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import type { Task } from "#core/agent/task";
import { Deadline } from "#core/deadline";
import { SlackBusy } from "#core/errors";
import type { MessageFile } from "#core/message/message";
import { FileTool } from "#functions/gateway/file-tool";
import { SlackFiles } from "#stores/slack/files";
import { send, useHosts } from "../../stores/slack/file-host";

const task = { id: "t", team: "T0001" } as Task;
const text = Buffer.from("Eggs, milk");

describe("file-tool", () => {
  const host = useHosts();

  const read = async (file: Partial<MessageFile> | undefined, respond = send(text, { "content-type": "text/plain" })) => {
    const { origin } = await host(respond);
    const files = new SlackFiles({ of: () => ({ readFile: sinon.stub().resolves({}) }), tokenOf: async () => "xoxb-secret" }, [origin]);
    const findFile = async () => file && { id: "F1", name: "list.txt", mimetype: "text/plain", url: `${origin}/x`, ...file };
    return new FileTool(files, { findFile }).read("F1", task, new Deadline(20_000));
  };

  it("reads a file with its format and hash", async () => {
    const { result, bytes } = await read({});
    expect(bytes).to.deep.equal(text);
    expect(result).to.include({ name: "list.txt", kind: "document", format: "txt" });
    expect(result["sha256"]).to.match(/^[0-9a-f]{64}$/);
  });

  const refusals: [what: string, file: Partial<MessageFile> | undefined, respond: ReturnType<typeof send> | undefined, reason: RegExp][] = [
    ["a file of another conversation", undefined, undefined, /was not shared in the task's thread/],
    ["a type that models don't read", { mimetype: "video/mp4" }, undefined, /its type is "video\/mp4"/],
    ["a file that is too large", { size: 4_500_001 }, undefined, /4500001 bytes; at most 4500000/],
    ["a picture that is none", { mimetype: "image/png" }, send(text), /not a picture/],
    ["Slack's login page", {}, send(text, { "content-type": "text/html" }), /a web page instead of the file/],
    ["a file that was deleted", {}, send(text, {}, 404), /not ready, or was deleted/],
  ];
  for (const [what, file, respond, reason] of refusals) {
    it(`names the reason for ${what}`, async () => {
      const error = await rejectionOf(read(file, respond));
      expect(error).to.include({ name: "ToolRefused", rule: "file" });
      expect(String(error)).to.match(reason);
    });
  }

  it("lets the caller repeat the call while Slack is busy", async () => {
    expect(await rejectionOf(read({}, send(text, {}, 503)))).to.be.instanceOf(SlackBusy);
  });
});
