import { expect } from "chai";
import sinon from "sinon";
import {
  BadRequest,
  Conflict,
  Forbidden,
  KeyReused,
  MethodNotAllowed,
  NotDurable,
  NotFound,
  SENTENCES,
  SlackBusy,
  SlackRefused,
  TooLarge,
  Unauthorized,
  UnsupportedMediaType,
} from "#core/errors";
import { answer } from "#functions/api/problem";

const TYPE = { "Content-Type": "application/problem+json; charset=utf-8" };

describe("api problem", () => {
  const log = { info: sinon.stub(), debug: sinon.stub(), error: sinon.stub() };
  beforeEach(() => {
    for (const write of Object.values(log)) write.resetHistory();
  });
  const answerFor = async (error: unknown) => {
    const { statusCode, headers, body } = await answer(log, () => Promise.reject(error));
    return { statusCode, headers, body: JSON.parse(body) as unknown };
  };

  it("returns the answer of a request that succeeds", async () => {
    const response = { statusCode: 204, headers: {}, body: "" };
    expect(await answer(log, async () => response)).to.equal(response);
    for (const write of Object.values(log)) sinon.assert.notCalled(write);
  });

  const told = [
    [400, "Bad Request", new BadRequest("limit is 0.")],
    [403, "Forbidden", new Forbidden("The claim is another team's.")],
    [404, "Not Found", new NotFound("There is no such claim.")],
    [409, "Conflict", new Conflict("The queue is full.")],
    [413, "Payload Too Large", new TooLarge("It has 2 MB.")],
    [415, "Unsupported Media Type", new UnsupportedMediaType("It is text.")],
    [422, "Unprocessable Entity", new KeyReused("The key came before.")],
  ] as const;
  for (const [status, title, error] of told) {
    it(`answers ${error.name} with ${status} and its message`, async () => {
      expect(await answerFor(error)).to.deep.equal({
        statusCode: status,
        headers: TYPE,
        body: { type: "about:blank", title, status, code: error.name, detail: error.message },
      });
      sinon.assert.calledOnceWithExactly(log.info, "refused", { status, reason: String(error) });
      sinon.assert.notCalled(log.error);
    });
  }

  it("names the allowed methods", async () => {
    const error = new MethodNotAllowed("It takes GET, PUT.", { allowed: ["GET", "PUT"] });
    expect(await answerFor(error)).to.deep.include({ statusCode: 405, headers: { ...TYPE, Allow: "GET, PUT" } });
  });

  it("logs why authentication failed, but does not tell the client", async () => {
    const error = new Unauthorized("the token ended yesterday");
    expect(await answerFor(error)).to.deep.equal({
      statusCode: 401,
      headers: { ...TYPE, "WWW-Authenticate": "Bearer" },
      body: { type: "about:blank", title: "Unauthorized", status: 401, code: "Unauthorized" },
    });
    sinon.assert.calledOnceWithExactly(log.info, "refused", { status: 401, reason: String(error) });
  });

  it("answers 429 when Slack asks to wait, and logs no error", async () => {
    const error = new SlackBusy("Slack asks to wait 7 s.", { retryAfterSeconds: 7 });
    expect(await answerFor(error)).to.deep.include({ statusCode: 429, headers: { ...TYPE, "Retry-After": "7" } });
    sinon.assert.notCalled(log.error);
  });

  const broken = [
    ["a write that was not durable", new NotDurable("The table is down.")],
    ["an error that is not the caller's", new SlackRefused("channel_not_found")],
    ["a bug", new TypeError("secret is undefined")],
    ["a value that is not an error", "down"],
  ] as const;
  for (const [what, error] of broken) {
    it(`answers ${what} with 503 without details, and logs it as an error`, async () => {
      expect(await answerFor(error)).to.deep.equal({
        statusCode: 503,
        headers: { ...TYPE, "Retry-After": "1" },
        body: { type: "about:blank", title: "Service Unavailable", status: 503, code: "NotDurable", detail: SENTENCES.NotDurable },
      });
      sinon.assert.calledOnceWithExactly(log.error, "not answered", error);
      sinon.assert.notCalled(log.info);
    });
  }
});
