import { expect } from "chai";
import { showLetter } from "../../../scripts/dead-letters/shown-letter";

describe("shown letter", () => {
  const envelope = (data: object) => ({
    id: "T0001-C0001-1.1-events",
    type: "slack.message",
    data: { channel: "C0001", user: "U0001", ...data },
  });
  const notification = (event: object) =>
    JSON.stringify({ Type: "Notification", Message: JSON.stringify(event), SigningCertURL: "https://x" });
  const attribute = (StringValue: string) => ({ DataType: "String", StringValue });
  const show = (Body: string, withPrivate = false, MessageAttributes = {}) =>
    showLetter({ MessageId: "m1", Body, Attributes: { SentTimestamp: "1763805600000" }, MessageAttributes }, withPrivate);

  it("takes events out of what SNS, Lambda and queues wrap around them", () => {
    const event = envelope({ text: "lunch", private: false });
    const records = { Records: [{ Sns: { Message: JSON.stringify(event), UnsubscribeUrl: "https://x" } }] };
    for (const body of [notification(event), JSON.stringify(records), JSON.stringify(event)]) {
      const { about, events } = show(body);
      expect(about).to.deep.equal(["T0001-C0001-1.1-events"]);
      expect(events).to.deep.equal([event]);
    }
    expect(show("not JSON", true).events).to.deep.equal(["not JSON"]);
  });

  it("hides what was said in private, in every kind of event, unless asked for", () => {
    const said = [
      envelope({ text: "hush", tokens: { hush: 1 }, files: [{ id: "F1", name: "hush.png" }], private: true }),
      envelope({ text: "hush" }),
      { id: "e1", type: "slack.message_changed", data: { channel: "D0001", channel_type: "im", message: { text: "hush" } } },
      { id: "n1", channel: "C0001", text: "hush" },
    ];
    for (const event of said) {
      const shown = show(notification(event));
      expect(JSON.stringify(shown)).not.to.include("hush");
      expect(shown.about).to.deep.equal([event.id]);
      expect(JSON.stringify(show(notification(event), true))).to.include("hush");
    }
    expect(JSON.stringify(show('"hush"'))).not.to.include("hush");
  });

  it("never shows a secret", () => {
    const secrets = {
      token: "verify-me",
      response_url: "https://hooks.example/1",
      note: `xoxb-12-ab Bearer abc.def sf_${"a".repeat(40)} https://hooks.slack.com/commands/T0001/1/x`,
      nested: [{ clientSecret: "s3cr3t", AuthorizationHeader: "Basic x" }],
    };
    const shown = JSON.stringify(show(JSON.stringify(secrets), true, { ErrorMessage: attribute("refused xoxb-12-ab") }));
    expect(shown).not.to.match(/verify-me|hooks|xoxb|abc\.def|sf_a|s3cr3t|Basic/);
  });

  for (const [attributes, reason] of [
    [{ ErrorCode: attribute("200"), ErrorMessage: attribute("Task timed\nout") }, "200: Task timed out"],
    [{ ERROR_CODE: attribute("AccessDenied"), ERROR_MESSAGE: attribute("no") }, "AccessDenied: no"],
    [{ reason: attribute("not_in_channel") }, "not_in_channel"],
    [{}, "unknown"],
  ] as const) {
    it(`tells the reason ${reason}`, () => expect(show("{}", false, attributes).reason).to.equal(reason));
  }
});
