import { expect } from "chai";
import sinon from "sinon";
import { Deadline } from "#core/deadline";
import { isButtonAction } from "#core/dibs/buttons";
import { OFF } from "#core/feature-off";
import { PLAIN_LAYOUT } from "#core/message/count-keys";
import { create as createApi } from "#functions/api";
import { create as createCommands } from "#functions/commands";
import { OffButtons } from "#functions/off";
import { buildCommandRequest, NOW_MS, parseAnswer, SECRET } from "./requests";

describe("a feature that is off", () => {
  beforeEach(() => {
    sinon.useFakeTimers({ now: NOW_MS, toFake: ["Date"] });
    sinon.stub(console, "log");
    sinon.stub(process, "env").value({ ...process.env, SIGNING_SECRET: SECRET });
  });
  afterEach(() => sinon.restore());

  const settings = {
    wordsTable: "words",
    boardsTable: "boards",
    layout: PLAIN_LAYOUT,
    personalBoards: true,
    externalUsers: "refuse",
  } as const;
  for (const [command, text] of [
    ["/archive", OFF.documents],
    ["/dibs", OFF.dibs],
  ] as const) {
    it(`is explained by ${command}`, async () => {
      const response = await createCommands(settings)(buildCommandRequest({ command, text: "help" }));

      expect(parseAnswer(response)).to.deep.equal({ response_type: "ephemeral", text });
    });
  }

  it("is explained by its buttons under earlier messages, which leaves these messages alone", async () => {
    const buttons = new OffButtons(isButtonAction, OFF.dibs);
    const press = { team: "T0001", user: "U0001", request: "r", isEphemeral: false };

    expect(await buttons.read("dibs_release")?.(press, new Deadline(1000))).to.deep.equal({
      response_type: "ephemeral",
      replace_original: false,
      text: OFF.dibs,
    });
    expect(buttons.read("agent_stop")).to.equal(undefined);
  });

  it("is explained by the API with 404, whatever the route and the token", async () => {
    const request = { rawPath: "/api/resources", requestContext: { http: { method: "GET" } }, headers: {} };
    const response = await createApi({})(request);

    expect(response).to.have.property("statusCode", 404);
    expect(response.headers).to.include({ "Content-Type": "application/problem+json; charset=utf-8" });
    expect(JSON.parse(response.body!)).to.include({ status: 404, code: "NotFound", detail: OFF.dibs });
  });
});
