import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import type { Task } from "#core/agent/task";
import { Deadline } from "#core/deadline";
import { ToolRefused } from "#core/errors";
import { ArchiveTool } from "#functions/gateway/archive-tool";
import { FilesTable } from "#stores/documents/files-table";

describe("archive-tool", () => {
  const deadline = new Deadline(5000);
  let files: sinon.SinonStubbedInstance<FilesTable>;
  beforeEach(() => {
    files = sinon.createStubInstance(FilesTable);
    files.readVisible.resolves([]);
  });
  const find = (tag: string, task?: Partial<Task>, teamId = "T0001") =>
    new ArchiveTool(files, teamId).find({ tag, limit: 3 }, { task: task as Task | undefined, partition: "p", key: "k" }, deadline);

  it("finds what the conversation of the task may see, with links to the messages", async () => {
    const file = {
      fileId: "F1",
      name: "a.png",
      mimetype: "image/png",
      sizeBytes: 7,
      channel: "C0002",
      user: "U0002",
      ts: "1763805600.000200",
    };
    files.readVisible.resolves([{ ...file, private: false, key: "secret/key" }]);
    const { fileId: _, ...shown } = file;
    const link = "https://slack.com/app_redirect?channel=C0002&message_ts=1763805600.000200";
    expect(await find("Receipt", { team: "T0002", channel: "G0001" })).to.deep.equal({ files: [{ ...shown, link }] });
    sinon.assert.calledOnceWithExactly(files.readVisible, { team: "T0002", tag: "#receipt", channel: "G0001", limit: 3 }, deadline);
  });

  it("finds public files only for a call without a task", async () => {
    await find("#receipt");
    sinon.assert.calledOnceWithMatch(files.readVisible, { team: "T0001", channel: "" });
    expect(await rejectionOf(find("#receipt", undefined, ""))).to.include({ name: "ToolRefused", rule: "task" });
  });

  it("refuses what is not one hashtag", async () => {
    for (const tag of ["#a #b", "two words"]) expect(await rejectionOf(find(tag))).to.be.instanceOf(ToolRefused);
    sinon.assert.notCalled(files.readVisible);
  });
});
