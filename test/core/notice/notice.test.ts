import { expect } from "chai";
import { buildNotification, type Notice, parseNotice, type SnsNotification } from "#core/notice/notice";

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
  it("is parsed as it was built", () => {
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

  it("has its text and its id as the message, for e-mail", () => {
    const { text, message } = buildNotification(notice());
    expect(text).to.equal("Payroll process complete. The file march.csv: 2 employees.");
    expect(message).to.equal(`${text}\n\nNotice: ${notice().id}`);
  });

  it("hides private text in e-mail, but not in Slack", () => {
    const { message, details } = buildNotification(notice({ private: true, text: "The file plan.pdf is archived." }));
    expect(message).to.equal("The details are in Slack, in the conversation where this began.\n\nNotice: run1#success");
    expect(parseNotice(received({ message, details }), ERRORS)).to.include({ text: "The file plan.pdf is archived." });
  });

  it("has a valid SNS subject", () => {
    expect(buildNotification(notice({ title: `ü\n${"x".repeat(200)}` })).subject).to.match(/^[\x20-\x7e]{1,100}$/);
  });

  it("is parsed from JSON in the message too", () => {
    const sent = notice({ outcome: "error", user: "U0001" });
    expect(parseNotice(received({ message: JSON.stringify(sent) }), ERRORS)).to.deep.equal(sent);
  });

  it("can be any other text, with its topic and subject", () => {
    expect(parseNotice(received(), ERRORS)).to.deep.equal({ id: "m1", outcome: "success", title: "Subject", text: "A text." });
    expect(parseNotice(received({ topicArn: ERRORS, subject: undefined, message: "{no json" }), ERRORS)).to.deep.equal({
      id: "m1",
      outcome: "error",
      title: "Failed",
      text: "{no json",
    });
  });

  it("can be a CloudWatch alarm", () => {
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
    expect(over).to.include({ outcome: "success", title: "Alarm resolved" });
  });

  it("drops invalid Slack ids", () => {
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
