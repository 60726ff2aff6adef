import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { createControls } from "../../src/controls";
import type { Invocation, InvocationReport } from "../../src/protocol";
import { startFunctions } from "../services/lambda/functions-under-test";

const SECRET = "correct-horse-battery";

const code = `exports.handler = async ({ n, token, headers = {}, body }) => {
  console.log("n is " + n + " for " + token);
  if (n > 1) throw new RangeError("n is " + n);
  if (body) return Buffer.from(body, "base64").toString() === "token=" + process.env.TOKEN + "&text=edited";
  return { n, asIs: token === process.env.TOKEN && headers.Authorization === "Bearer abc" };
};`;

describe("the inside of an invocation", () => {
  let laptop: Awaited<ReturnType<typeof startFunctions>>;

  before(async () => {
    const program = { outputs: { token: SECRET }, secretOutputs: ["token"], config: {} };
    let map: string | undefined;
    laptop = await startFunctions({
      functions: [{ code, inputs: { environment: { variables: { TOKEN: SECRET } } } }],
      definitions: [
        createControls(
          () => program,
          () => map,
        ),
      ],
    });
    map = join(laptop.directory, "worker.js.map");
    // Each line of the bundle is the same line of a source.
    const mappings = code
      .split("\n")
      .map((_, line) => (line === 0 ? "AAAA" : "AACA"))
      .join(";");
    writeFileSync(map, JSON.stringify({ version: 3, sources: [join(process.cwd(), "functions/worker.ts")], names: [], mappings }));
  });

  after(() => laptop?.stop());

  const get = async <T>(path: string) => {
    const response = await fetch(`${laptop.cloud.place.pageUrl}/control/${path}`);
    return { status: response.status, body: (await response.json()) as T & { message: string } };
  };
  const newest = async () => (await get<Invocation[]>("invocations?function=worker")).body[0]!;
  const inside = async ({ requestId, attempt }: Invocation) =>
    (await get<InvocationReport>(`invocation?function=worker&id=${requestId}&attempt=${attempt}`)).body;
  const runAgain = async (body: object) => {
    const response = await fetch(`${laptop.cloud.place.pageUrl}/control/run-again`, { method: "POST", body: JSON.stringify(body) });
    return { status: response.status, body: (await response.json()) as { requestId: string; message: string } };
  };
  const event = { n: 1, token: SECRET, headers: { Authorization: "Bearer abc" } };

  it("shows event, result and log without secrets, which are sent all the same when it is run again", async () => {
    await laptop.invoke(event);
    const first = await newest();
    const report = await inside(first);
    const shown = { n: 1, token: "[secret]", headers: { Authorization: "[secret]" } };
    expect(JSON.parse(report.event)).to.deep.equal(shown);
    expect(JSON.parse(report.result!)).to.deep.equal({ n: 1, asIs: true });
    expect(report.logs.map(({ message }) => message)).to.have.length(1);
    expect(report.logs[0]!.message).to.contain("n is 1 for [secret]");

    const { body } = await runAgain({
      function: "worker",
      requestId: first.requestId,
      attempt: 1,
      event: JSON.stringify({ ...shown, n: 0 }),
    });
    const second = await newest();
    expect(second).to.include({ requestId: body.requestId, isRunAgain: true, error: null });
    expect(JSON.parse((await inside(second)).result!)).to.deep.equal({ n: 0, asIs: true });
  });

  it("shows the body of an HTTP request as text, and sends it as base64", async () => {
    await laptop.invoke({ body: Buffer.from(`token=${SECRET}&text=said`).toString("base64"), isBase64Encoded: true });
    const { requestId } = await newest();
    const { event: shown } = await inside(await newest());
    expect(JSON.parse(shown)).to.deep.equal({ body: "token=[secret]&text=said", isBase64Encoded: true });
    await runAgain({ function: "worker", requestId, attempt: 1, event: shown.replace("said", "edited") });
    expect((await inside(await newest())).result).to.equal("true");
  });

  it("shows where an error was thrown, in the sources", async () => {
    await laptop.invoke({ ...event, n: 2 });
    const failed = await newest();
    expect(failed.error).to.equal("RangeError: n is 2");
    const { stack } = await inside(failed);
    expect(stack[0]).to.equal("RangeError: n is 2");
    expect(stack[1]).to.contain("functions/worker.ts:3:");
  });

  it("refuses an event that is not JSON, and an invocation that is not kept", async () => {
    await laptop.invoke(event);
    const { requestId } = await newest();
    const refused = await runAgain({ function: "worker", requestId, attempt: 1, event: "{n}" });
    expect(refused.status).to.equal(400);
    expect(refused.body.message).to.match(/^event is "\{n\}", but must be JSON: /);
    expect((await runAgain({ function: "worker", requestId: "none", attempt: 1, event: "{}" })).status).to.equal(404);
    expect((await get("invocation?function=nobody&id=x&attempt=1")).body.message).to.equal('There is no function "nobody".');
  });
});
