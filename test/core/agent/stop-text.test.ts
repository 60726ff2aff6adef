import { expect } from "chai";
import { isStopText } from "#core/agent/stop-text";

describe("stop text", () => {
  for (const text of [
    "stop",
    "Stop.",
    " STOP!!! ",
    "<@UBOT01> stop",
    "stop, <@UBOT01|fanout>",
    "*stop*",
    "<@UBOT01>: stop <@U0002>",
    "stop\n",
  ]) {
    it(`recognizes ${JSON.stringify(text)}`, () => expect(isStopText(text)).to.equal(true));
  }

  for (const text of [
    "",
    "<@UBOT01>",
    "stop it",
    "don't stop",
    "stopp",
    "s t o p",
    "stop stop",
    "<!here> stop",
    "&lt;@U0001&gt; stop",
    "stop 1",
  ]) {
    it(`ignores ${JSON.stringify(text)}`, () => expect(isStopText(text)).to.equal(false));
  }
});
