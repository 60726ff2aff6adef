import { expect } from "chai";
import sinon from "sinon";
import { Deadline } from "#core/deadline";
import { createLog } from "#core/log";
import { tell } from "#core/slack/slash-answer";
import { AnswerOnce } from "#functions/answer-once";
import { RequestsTable } from "#stores/dibs/requests-table";

describe("answer once", () => {
  let requests: sinon.SinonStubbedInstance<RequestsTable>;
  let once: AnswerOnce;
  const work = sinon.stub<[], Promise<ReturnType<typeof tell>>>();
  beforeEach(() => {
    sinon.stub(console, "error");
    requests = sinon.createStubInstance(RequestsTable);
    once = new AnswerOnce(requests, createLog("test", {}), () => 0);
    work.reset();
    work.resolves(tell("done"));
  });
  afterEach(() => sinon.restore());

  it("runs a new request, and stores its answer", async () => {
    expect(await once.answer("r", new Deadline(5000), work)).to.deep.equal(tell("done"));
    expect(requests.put.args.map(([request, answer]) => [request, answer])).to.deep.equal([["r", tell("done")]]);
  });

  it("answers a repeated request with the stored answer, and does nothing", async () => {
    requests.find.resolves(tell("earlier"));
    expect(await once.answer("r", new Deadline(5000), work)).to.deep.equal(tell("earlier"));
    expect(work.called).to.equal(false);
  });

  it("answers even if the answer can't be stored, and stores no answer of failed work", async () => {
    requests.put.rejects(new Error("down"));
    expect(await once.answer("r", new Deadline(5000), work)).to.deep.equal(tell("done"));
    requests.put.reset();
    work.rejects(new Error("failed"));
    expect(await once.answer("r", new Deadline(5000), work).catch(({ message }) => message)).to.equal("failed");
    expect(requests.put.called).to.equal(false);
  });
});
