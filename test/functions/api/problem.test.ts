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

  it("hands on what was answered", async () => {
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
    it(`tells ${error.name} as ${status}, with its sentence`, async () => {
      expect(await answerFor(error)).to.deep.equal({
        statusCode: status,
        headers: TYPE,
        body: { type: "about:blank", title, status, code: error.name, detail: error.message },
      });
      sinon.assert.calledOnceWithExactly(log.info, "refused", { status, reason: String(error) });
      sinon.assert.notCalled(log.error);
    });
  }

  it("names the methods that there are", async () => {
    const error = new MethodNotAllowed("It takes GET, PUT.", { allowed: ["GET", "PUT"] });
    expect(await answerFor(error)).to.deep.include({ statusCode: 405, headers: { ...TYPE, Allow: "GET, PUT" } });
  });

  it("says of a missing proof only that it is missing, and keeps the reason for the log", async () => {
    const error = new Unauthorized("the token ended yesterday");
    expect(await answerFor(error)).to.deep.equal({
      statusCode: 401,
      headers: { ...TYPE, "WWW-Authenticate": "Bearer" },
      body: { type: "about:blank", title: "Unauthorized", status: 401, code: "Unauthorized" },
    });
    sinon.assert.calledOnceWithExactly(log.info, "refused", { status: 401, reason: String(error) });
  });

  it("answers 429, and no failure, where Slack asks to wait", async () => {
    const error = new SlackBusy("Slack asks to wait 7 s.", { retryAfterSeconds: 7 });
    expect(await answerFor(error)).to.deep.include({ statusCode: 429, headers: { ...TYPE, "Retry-After": "7" } });
    sinon.assert.notCalled(log.error);
  });

  const broken = [
    ["what could not be made durable", new NotDurable("The table is down.")],
    ["an error that no caller of an API makes", new SlackRefused("channel_not_found")],
    ["a bug", new TypeError("secret is undefined")],
    ["what is no error", "down"],
  ] as const;
  for (const [what, error] of broken) {
    it(`says of ${what} only that it may be tried again, and logs it as a failure`, async () => {
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
