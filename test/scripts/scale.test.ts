import type { RecordedCall } from "@slack-fanout/laptop-cloud/kernel/calls";
import { expect } from "chai";
import { PAGE, RESULTS } from "../../scripts/scale";
import { addUp, dollarsOf, findHotKeys, quantitiesOf } from "../../scripts/scale/costs";
import { buildPage, type Results } from "../../scripts/scale/page";
import { readText } from "../../scripts/write-files";

const arn = "arn:aws:dynamodb:us-east-1:000000000000:table";

const call = (operation: string, more: Partial<RecordedCall> = {}) =>
  ({ function: "webhook", service: "dynamodb", operation, resource: null, ...more }) as RecordedCall;

const invocation = call("Invoke", {
  function: null,
  service: "lambda",
  resource: "arn:aws:lambda:us-east-1:000000000000:function:webhook",
});

const write = (place: string, units: number, key = "hot", more = 0) => ({
  resource: `${arn}/${place}`,
  read: 0,
  write: units + more,
  keys: [{ key, units }, ...(more === 0 ? [] : [{ key: "hotter, but of one message", units: more }])],
});

describe("scale", () => {
  it("docs/scale.md is what the stored results give", () => {
    expect(readText(PAGE)).to.equal(buildPage(JSON.parse(readText(RESULTS)) as Results));
  });

  it("adds up the calls, units and invocations of each function", () => {
    const units = [write("words", 4), write("words/index/by-level", 2)];
    const calls = [
      invocation,
      call("TransactWriteItems", { units }),
      call("TransactWriteItems", { units }),
      call("Publish", { service: "sns" }),
    ];

    expect(addUp(calls, { webhook: 256 })).to.deep.equal([
      {
        name: "webhook",
        memoryMb: 256,
        invocations: 1,
        calls: { "dynamodb:TransactWriteItems": 2, "sns:Publish": 1 },
        units: { words: { read: 0, write: 8 }, "words/by-level": { read: 0, write: 4 } },
      },
    ]);
  });

  it("counts batches that Lambda polls from a queue as invocations, and the requests to the queue", () => {
    const ofNotifier = (invocation: string) => call("UpdateItem", { function: "notifier", invocation });
    const [notifier] = addUp([ofNotifier("a"), ofNotifier("a"), ofNotifier("b")], { notifier: 512 });

    expect(quantitiesOf(notifier!, false)).to.deep.include({ invocations: 2, sqsRequests: 6 });
  });

  it("finds the hottest key of each table and index, of those that messages share", () => {
    const first = [call("PutItem", { units: [write("words", 2, "a"), write("seen", 2, "message 1")] })];
    const second = [
      call("PutItem", { units: [write("words", 2, "a"), write("seen", 2, "message 2")] }),
      call("PutItem", { units: [write("words", 3, "a", 7)] }),
    ];

    expect(findHotKeys(second, first)).to.deep.equal([{ place: "words", key: "a", kind: "write", units: 5 }]);
  });

  it("counts dollars", () => {
    const cost = { name: "events", memoryMb: 1024, invocations: 1, calls: { "sns:Publish": 1 }, units: { words: { read: 8, write: 10 } } };

    // 10 x 0.625 + 8 x 0.125 + 0.5 + 0.2 + 0.1 s x 1 GB x 13.3334, and 1 for the request.
    expect(dollarsOf(cost, false) * 1_000_000).to.be.closeTo(9.28334, 0.00001);
    expect(dollarsOf(cost, true) * 1_000_000).to.be.closeTo(10.28334, 0.00001);
  });
});
