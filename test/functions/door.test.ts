import { thrownBy } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { BadRequest, NotDurable, TooLarge, Unauthorized, UnsupportedMediaType } from "#core/errors";
import { createLog } from "#core/log";
import { guard, type HttpRequest, readBody, readHeader } from "#functions/door";

const request = (over: Partial<HttpRequest> = {}): HttpRequest => ({
  headers: { "content-type": "application/json" },
  body: "{}",
  ...over,
});
const read = (over: Partial<HttpRequest> = {}) => readBody(request(over), "application/json");

describe("door", () => {
  describe("body", () => {
    it("is read as text or as base64", () => {
      expect(read({ body: '{"a":"ü🎉"}' }).toString()).to.equal('{"a":"ü🎉"}');
      expect(read({ body: Buffer.from("ü🎉").toString("base64"), isBase64Encoded: true }).toString()).to.equal("ü🎉");
      expect(read({ body: undefined })).to.have.length(0);
    });

    it("may have up to 1 MB after decoding", () => {
      const bytes = 1024 * 1024;
      expect(read({ body: "x".repeat(bytes) })).to.have.length(bytes);
      expect(read({ body: Buffer.alloc(bytes).toString("base64"), isBase64Encoded: true })).to.have.length(bytes);
      for (const over of [
        { body: "x".repeat(bytes + 1) },
        { body: "é".repeat(bytes / 2 + 1) },
        { body: Buffer.alloc(bytes + 1).toString("base64"), isBase64Encoded: true },
      ]) {
        expect(thrownBy(() => read(over))).to.be.instanceOf(TooLarge);
      }
    });

    for (const contentType of [
      "application/json",
      "APPLICATION/JSON",
      "application/json; charset=utf-8",
      'application/json;charset="UTF-8"',
    ]) {
      it(`is accepted as ${contentType}`, () => expect(read({ headers: { "Content-Type": contentType } }).toString()).to.equal("{}"));
    }

    const refused: Record<string, string>[] = [
      {},
      { "content-type": "" },
      { "content-type": "text/plain" },
      { "content-type": "application/json-seq" },
      { "content-type": "multipart/form-data; boundary=x" },
      { "content-type": "application/json; charset=utf-16" },
      { "content-type": "application/json; charset = utf-16" },
      { "content-type": "application/json; charset=utf-8; charset=utf-16" },
      { "content-type": "application/json", "Content-Encoding": "gzip" },
      { "content-type": "application/json", "content-encoding": "identity" },
    ];
    for (const headers of refused) {
      it(`is refused with ${JSON.stringify(headers)}`, () =>
        expect(thrownBy(() => read({ headers }))).to.be.instanceOf(UnsupportedMediaType));
    }
  });

  it("finds a header in any case", () => {
    expect(readHeader(request({ headers: { "X-SLACK-Signature": "a" } }), "x-slack-signature")).to.equal("a");
    expect(readHeader(request(), "x-slack-signature")).to.equal(undefined);
  });

  describe("guard", () => {
    beforeEach(() => {
      sinon.stub(console, "log");
      sinon.stub(console, "error");
    });
    afterEach(() => sinon.restore());

    const answer = (error: unknown) => guard(createLog("test", {}), () => Promise.reject(error))(request());

    const rows: [error: Error, statusCode: number, message: string | undefined][] = [
      [new BadRequest("why"), 400, "why"],
      [new Unauthorized("why"), 401, undefined],
      [new TooLarge("why"), 413, "why"],
      [new UnsupportedMediaType("why"), 415, "why"],
    ];
    for (const [error, statusCode, message] of rows) {
      it(`answers ${error.name} with ${statusCode}, and tells Slack not to retry`, async () => {
        const response = await answer(error);
        expect(response).to.deep.include({ statusCode, body: JSON.stringify({ error: error.name, message }) });
        expect(response.headers).to.include({ "X-Slack-No-Retry": "1" });
      });
    }

    for (const error of [new NotDurable("why"), new TypeError("secret"), "text"]) {
      it(`answers ${error} with 503, so that Slack retries`, async () => {
        const response = await answer(error);
        expect(response.statusCode).to.equal(503);
        expect(response.headers).not.to.have.property("X-Slack-No-Retry");
        expect(response.body).to.include('"error":"NotDurable"').and.not.to.include("secret");
      });
    }
  });
});
