import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import * as sinon from "sinon";
import { Archiver } from "../../subscribers/archiver";
import { buildEnvelope } from "./envelopes";

const picture = { id: "F0001", name: "lunch.png", mimetype: "image/png", size: 70, url: "https://files.slack.com/x" };
const video = { id: "F0002", name: "<!channel>.mp4", mimetype: "video/mp4", size: 7, url: "https://files.slack.com/y" };

const make = () => {
  const executions = { start: sinon.stub().resolves(true) };
  const errors = { publish: sinon.stub().resolves() };
  return { executions, errors, archiver: new Archiver(executions, errors, { mimeTypes: ["image/png", "application/pdf"] }) };
};

const envelope = (files: object[]) =>
  buildEnvelope({ door: "events", private: true, text: "lunch #receipt", files: files as never, tokens: [] });

describe("archiver", () => {
  it("starts one execution per file", async () => {
    const { archiver, executions, errors } = make();
    await archiver.handle(envelope([picture, { ...picture, id: "F0003" }]));
    expect(executions.start.args.map(([, input]) => [input.file.id, input.tags, input.eventId])).to.deep.equal([
      ["F0001", ["#receipt"], "T0001-C0001-1763805600.000200-events"],
      ["F0003", ["#receipt"], "T0001-C0001-1763805600.000200-events"],
    ]);
    expect(executions.start.args[0]![1].about).to.deep.equal({
      file: "lunch.png",
      team: "T0001",
      channel: "C0001",
      private: true,
      threadTs: "1763805600.000200",
      messageId: "T0001-C0001-1763805600.000200-events",
    });
    expect(errors.publish.callCount).to.equal(0);
  });

  it("names a repeated message's execution like the first", async () => {
    const { archiver, executions } = make();
    await archiver.handle(envelope([picture]));
    await archiver.handle(envelope([picture]));
    expect(new Set(executions.start.args.map(([name]) => name)).size).to.equal(1);
  });

  it("reports types that are not archived, and archives the others", async () => {
    const { archiver, executions, errors } = make();
    await archiver.handle(envelope([video, picture]));
    expect(executions.start.callCount).to.equal(1);
    expect(errors.publish.args).to.deep.equal([
      [
        {
          id: "T0001-C0001-1763805600.000200-events#F0002#refused",
          outcome: "error",
          title: "File not archived",
          text: 'The file <!channel>.mp4 has the type "video/mp4", which is not archived. Supported: image/png, application/pdf.',
          fields: { file: "<!channel>.mp4" },
          team: "T0001",
          channel: "C0001",
          private: true,
          threadTs: "1763805600.000200",
          messageId: "T0001-C0001-1763805600.000200-events",
        },
      ],
    ]);
  });

  it("starts the pipeline for a file of which only the id is known", async () => {
    const { archiver, executions } = make();
    await archiver.handle(envelope([{ id: "F0009" }]));
    expect(executions.start.args[0]![1].file).to.deep.equal({ id: "F0009" });
  });

  it("does nothing for a message without files", async () => {
    const { archiver, executions, errors } = make();
    await archiver.handle(envelope([]));
    expect(executions.start.callCount + errors.publish.callCount).to.equal(0);
  });

  it("starts the others when one fails, and throws, so that Lambda tries again", async () => {
    const { archiver, executions } = make();
    executions.start.onFirstCall().rejects(new Error("throttled"));
    expect(await rejectionOf(archiver.handle(envelope([picture, { ...picture, id: "F0003" }])))).to.be.instanceOf(Error);
    expect(executions.start.callCount).to.equal(2);
  });

  describe("if files are removed with their message", () => {
    const makeRecording = (isNew: boolean) => {
      const { executions, errors } = make();
      const shares = { record: sinon.stub().resolves(isNew) };
      return { executions, errors, shares, archiver: new Archiver(executions, errors, { mimeTypes: ["image/png"] }, shares) };
    };

    it("records what it will archive, before it does", async () => {
      const { archiver, executions, shares } = makeRecording(true);
      await archiver.handle(envelope([picture, video]));
      sinon.assert.calledOnceWithMatch(shares.record, { ts: "1763805600.000200" }, { files: ["F0001"], tags: ["#receipt"] });
      sinon.assert.callOrder(shares.record, executions.start);
    });

    it("ignores a message that was deleted before it arrived", async () => {
      const { archiver, executions, errors } = makeRecording(false);
      await archiver.handle(envelope([picture, video]));
      expect([executions.start.callCount, errors.publish.callCount]).to.deep.equal([0, 0]);
    });

    it("records nothing of a message without a file to archive", async () => {
      const { archiver, errors, shares } = makeRecording(true);
      await archiver.handle(envelope([video]));
      expect([shares.record.callCount, errors.publish.callCount]).to.deep.equal([0, 1]);
    });
  });
});
