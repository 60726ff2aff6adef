import { expect } from "chai";
import { isResponseUrl } from "#core/slack/response-url";

describe("slack-response-url", () => {
  const slackUrl = "http://127.0.0.1:3000/slack/api/";
  const cases: [address: unknown, isSlacks: boolean][] = [
    ["https://hooks.slack.com/commands/T0001/1/x", true],
    ["https://slack.com/x", true],
    ["http://127.0.0.1:3000/slack/commands/T0001/1/x", true],
    ["http://hooks.slack.com/commands", false],
    ["https://hooks.slack.com.example.com/", false],
    ["https://notslack.com/", false],
    ["https://user:word@hooks.slack.com/", false],
    ["http://127.0.0.1:3001/slack/commands", false],
    ["https://127.0.0.1:3000/slack/commands", false],
    ["blob:http://127.0.0.1:3000/slack/commands", false],
    ["blob:https://hooks.slack.com/commands", false],
    ["javascript:alert(1)", false],
    ["hooks.slack.com", false],
    ["", false],
    [undefined, false],
    [["https://hooks.slack.com/"], false],
  ];
  for (const [address, isSlacks] of cases) {
    it(`${isSlacks ? "accepts" : "refuses"} ${JSON.stringify(address)}`, () => expect(isResponseUrl(address, slackUrl)).to.equal(isSlacks));
  }

  it("accepts only Slack's hosts if no other is configured", () => {
    expect(isResponseUrl("https://hooks.slack.com/x", undefined)).to.equal(true);
    expect(isResponseUrl("http://127.0.0.1:3000/x", undefined)).to.equal(false);
    expect(isResponseUrl("http://127.0.0.1:3000/x", "no address")).to.equal(false);
  });
});
