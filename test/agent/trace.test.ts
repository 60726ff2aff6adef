import { expect } from "chai";
import { buildTraceHeaders, type ClientStack, continueTrace, runTraced } from "../../agent/trace";

const ROOT = "Root=1-65000000-0123456789abcdef01234567";

describe("trace", () => {
  it("reaches all calls made because of a message, and no others", async () => {
    const [inside, outside] = await Promise.all([
      runTraced(ROOT, async () => {
        await new Promise(setImmediate);
        return buildTraceHeaders();
      }),
      Promise.resolve(buildTraceHeaders()),
    ]);
    expect(inside).to.deep.equal({ "X-Amzn-Trace-Id": ROOT });
    expect(outside).to.deep.equal({});
  });

  it("is unchanged by a message without a trace", () => {
    expect(runTraced(undefined, buildTraceHeaders)).to.deep.equal({});
    expect(runTraced(ROOT, () => runTraced(undefined, buildTraceHeaders))).to.deep.equal({ "X-Amzn-Trace-Id": ROOT });
  });

  it("is added to every call of an SDK client", async () => {
    type Middleware = (next: (args: object) => Promise<object>) => (args: object) => Promise<object>;
    const added: Middleware[] = [];
    const stack = { add: (middleware: Middleware) => void added.push(middleware) };
    continueTrace.applyToStack(stack as unknown as ClientStack);
    const sent: object[] = [];
    const send = added[0]!(async args => sent.push(args) && {});
    await runTraced(ROOT, () => send({ request: { headers: { host: "sqs" } } }));
    await send({ request: { headers: { host: "sqs" } } });
    await runTraced(ROOT, () => send({ request: "no HTTP" }));
    expect(sent).to.deep.equal([
      { request: { headers: { host: "sqs", "X-Amzn-Trace-Id": ROOT } } },
      { request: { headers: { host: "sqs" } } },
      { request: "no HTTP" },
    ]);
  });
});
