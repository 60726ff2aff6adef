import { expect } from "chai";
import * as sinon from "sinon";
import { type S3Record, StartForUpload } from "#functions/start-for-upload";

const record = (object: Partial<S3Record["s3"]["object"]> = {}): S3Record => ({
  eventTime: "2026-03-31T10:00:00.000Z",
  s3: { bucket: { name: "raw" }, object: { key: "march.csv", eTag: '"abc"', sequencer: "0055AED6", ...object } },
});

describe("start-for-upload", () => {
  const make = () => {
    const executions = { start: sinon.stub().resolves(true) };
    return { executions, start: new StartForUpload(executions, { info: sinon.stub() }) };
  };
  const namesOf = (executions: { start: sinon.SinonStub }) => executions.start.args.map(([name]) => name);

  it("starts one execution per upload", async () => {
    const { executions, start } = make();
    await start.handle({ Records: [record(), record({ key: "april.csv" })] });
    expect(executions.start.args.map(([, input]) => input)).to.deep.equal(
      ["march.csv", "april.csv"].map((key, index) => ({
        about: { file: key },
        key,
        eTag: "abc",
        uploadedAt: "2026-03-31T10:00:00.000Z",
        run: namesOf(executions)[index],
      })),
    );
  });

  it("names a repeated notification like the first", async () => {
    const { executions, start } = make();
    await start.handle({ Records: [record()] });
    await start.handle({ Records: [record()] });
    expect(new Set(namesOf(executions)).size).to.equal(1);
  });

  it("names another upload to the same key differently", async () => {
    const { executions, start } = make();
    await start.handle({
      Records: [record(), record({ sequencer: "0055AED7" }), record({ versionId: "v1" }), record({ versionId: "v2" })],
    });
    expect(new Set(namesOf(executions)).size).to.equal(4);
  });

  it("decodes keys", async () => {
    const { executions, start } = make();
    await start.handle({ Records: [record({ key: "m%C3%A4rz+2026%2B.csv" })] });
    expect(executions.start.args[0]?.[1]).to.include({ key: "märz 2026+.csv" });
  });

  it("shows the key without invisible characters", async () => {
    const { executions, start } = make();
    await start.handle({ Records: [record({ key: "m%E2%80%AEvsc.exe%00.csv" }), record({ key: "%E2%80%AE" })] });
    const [first, second] = executions.start.args;
    expect(first?.[1].about).to.deep.equal({ file: "mvsc.exe.csv" });
    expect(second?.[1].about).to.deep.equal({ file: second?.[0] });
  });

  it("skips folders and S3's test event", async () => {
    const { executions, start } = make();
    await start.handle({ Records: [record({ key: "2026/" })] });
    await start.handle({});
    expect(executions.start.callCount).to.equal(0);
  });

  it("throws failures, so that Lambda retries", async () => {
    const { executions, start } = make();
    executions.start.rejects(new Error("throttled"));
    let thrown: unknown;
    await start.handle({ Records: [record()] }).catch(error => {
      thrown = error;
    });
    expect(thrown).to.be.instanceOf(Error);
  });
});
