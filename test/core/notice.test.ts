import { expect } from "chai";
import { buildNotification, type Notice, parseNotice, type SnsNotification } from "#core/notice";
import { buildLayout } from "#core/notice-layout";

const ERRORS = "arn:aws:sns:us-east-1:123456789012:errors";
const SUCCESSES = "arn:aws:sns:us-east-1:123456789012:successes";

const notice = (overrides: Partial<Notice> = {}): Notice => ({
  id: "run1#success",
  outcome: "success",
  title: "Payroll process complete",
  text: "Payroll process complete. The file march.csv: 2 employees.",
  ...overrides,
});

const received = (overrides: Partial<SnsNotification> = {}): SnsNotification => ({
  messageId: "m1",
  topicArn: SUCCESSES,
  subject: "Subject",
  message: "A text.",
  ...overrides,
});

describe("notice", () => {
  it("comes back as it was built", () => {
    const sent = notice({
      channel: "C0001",
      threadTs: "1763805600.000200",
      messageId: "m",
      fields: { file: "a.csv" },
      blocks: [{ type: "divider" }],
    });
    const { subject, message, details } = buildNotification(sent);
    expect(parseNotice(received({ subject, message, details }), ERRORS)).to.deep.equal(sent);
  });

  it("has its text alone as the message, for people who read it by e-mail", () => {
    const { message, details } = buildNotification(notice());
    expect(message).to.equal("Payroll process complete. The file march.csv: 2 employees.");
    expect(details).not.to.contain("employees");
  });

  it("has a subject that SNS takes", () => {
    expect(buildNotification(notice({ title: `ü\n${"x".repeat(200)}` })).subject).to.match(/^[\x20-\x7e]{1,100}$/);
  });

  it("is understood as JSON in the message too", () => {
    const sent = notice({ outcome: "error", user: "U0001" });
    expect(parseNotice(received({ message: JSON.stringify(sent) }), ERRORS)).to.deep.equal(sent);
  });

  it("is any other text, with what its topic and subject say", () => {
    expect(parseNotice(received(), ERRORS)).to.deep.equal({ id: "m1", outcome: "success", title: "Subject", text: "A text." });
    expect(parseNotice(received({ topicArn: ERRORS, subject: undefined, message: "{no json" }), ERRORS)).to.deep.equal({
      id: "m1",
      outcome: "error",
      title: "Failed",
      text: "{no json",
    });
  });

  it("is an alarm of CloudWatch's", () => {
    const alarm = {
      AlarmName: "multiplier-dead-letters",
      AlarmDescription: "Events failed to the end.",
      NewStateValue: "ALARM",
      NewStateReason: "Threshold Crossed",
      StateChangeTime: "2026-11-22T10:00:00.000+0000",
      AlarmArn: "arn:alarm",
    };
    expect(parseNotice(received({ topicArn: ERRORS, message: JSON.stringify(alarm) }), ERRORS)).to.deep.equal({
      id: "alarm#arn:alarm#2026-11-22T10:00:00.000+0000",
      outcome: "error",
      title: "Alarm",
      text: "Events failed to the end.",
      fields: { alarm: "multiplier-dead-letters", state: "ALARM", reason: "Threshold Crossed" },
    });
    const over = parseNotice(received({ topicArn: ERRORS, message: JSON.stringify({ ...alarm, NewStateValue: "OK" }) }), ERRORS);
    expect(over).to.include({ outcome: "success", title: "Alarm is over" });
  });

  it("leaves out ids that are none of Slack's", () => {
    const details = JSON.stringify({
      id: "x",
      channel: "#general",
      user: { id: 1 },
      threadTs: "soon",
      blocks: "none",
      outcome: "maybe",
      title: "",
    });
    expect(parseNotice(received({ details }), ERRORS)).to.deep.equal({ id: "x", outcome: "success", title: "Subject", text: "A text." });
  });
});

describe("notice-layout", () => {
  it("shows title, text and facts, with a plain fallback", () => {
    expect(buildLayout(notice({ fields: { file: "a.csv", none: "" } }))).to.deep.equal({
      text: "Payroll process complete: Payroll process complete. The file march.csv: 2 employees.",
      blocks: [
        {
          type: "section",
          text: {
            type: "mrkdwn",
            text: ":white_check_mark: *Payroll process complete*\nPayroll process complete. The file march.csv: 2 employees.",
            verbatim: true,
          },
        },
        { type: "section", fields: [{ type: "mrkdwn", text: "*file*\na.csv", verbatim: true }] },
      ],
    });
  });

  it("mentions nobody, whatever a file is called", () => {
    const shown = JSON.stringify(
      buildLayout(notice({ title: "<!here>", text: "<!channel> <@U0001> & <https://x|y>", fields: { "<#C1>": "<!everyone>" } })),
    );
    expect(shown).not.to.match(/[<>]/);
    expect(shown).to.contain("&lt;!channel&gt; &lt;@U0001&gt; &amp; &lt;https://x|y&gt;");
  });

  it("keeps to Slack's limits, and cuts no entity apart", () => {
    const fields = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`f${n}`, "&".repeat(5000)]));
    const { blocks, text } = buildLayout(notice({ title: "<".repeat(5000), text: "&".repeat(50_000), fields }));
    const [said, facts] = blocks as [{ text: { text: string } }, { fields: { text: string }[] }];
    expect(said.text.text.length).to.be.at.most(3000);
    expect(facts.fields).to.have.length(10);
    for (const field of facts.fields) expect(field.text.length).to.be.at.most(2000);
    for (const each of [text, said.text.text]) expect(each.replace(/&(?:amp|lt|gt);/g, "")).not.to.contain("&");
  });

  it("takes given blocks as they are", () => {
    expect(buildLayout(notice({ blocks: [{ type: "divider" }] })).blocks).to.deep.equal([{ type: "divider" }]);
  });
});
