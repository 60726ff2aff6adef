import { BedrockAgentCoreClient, ResourceNotFoundException, StopRuntimeSessionCommand } from "@aws-sdk/client-bedrock-agentcore";
import { expect } from "chai";
import sinon from "sinon";
import { AgentRuntime } from "#stores/agent/runtime";

describe("agent-runtime", () => {
  const make = () => {
    const client = new BedrockAgentCoreClient({ region: "us-east-1" });
    const transformToString = sinon.stub().resolves('{"status":"accepted"}');
    const send = sinon.stub(client, "send").resolves({ response: { transformToString } });
    const inputs = () =>
      send.args.map(([command]) => command.input as { runtimeSessionId: string; payload: Buffer; agentRuntimeArn: string });
    return { runtime: new AgentRuntime(client, "arn:runtime"), inputs, send, transformToString };
  };

  it("sends a task unchanged, and reads the whole answer", async () => {
    const { runtime, inputs, transformToString } = make();
    await runtime.invoke("T0001-C0001-1-events", '{"text":"ü"}');
    const [{ agentRuntimeArn, payload }] = inputs() as [ReturnType<typeof inputs>[number]];
    expect([agentRuntimeArn, payload.toString()]).to.deep.equal(["arn:runtime", '{"text":"ü"}']);
    sinon.assert.calledOnce(transformToString);
  });

  it("gives each task one session, with an id of a valid length", async () => {
    const { runtime, inputs } = make();
    for (const task of ["a", "a", `b${"x".repeat(300)}`]) await runtime.invoke(task, "{}");
    const [first, again, other] = inputs().map(({ runtimeSessionId }) => runtimeSessionId);
    expect(again).to.equal(first);
    expect(other).not.to.equal(first);
    for (const session of [first, other]) expect(session).to.match(/^[a-zA-Z0-9-]{33,256}$/);
  });

  it("ends the session of its task, and accepts that there is none", async () => {
    const { runtime, inputs, send } = make();
    await runtime.invoke("a", "{}");
    send.rejects(new ResourceNotFoundException({ message: "no such session", $metadata: {} }));
    await runtime.stop("a");
    const [asked, stopped] = inputs();
    expect(send.secondCall.args[0]).to.be.instanceOf(StopRuntimeSessionCommand);
    expect(stopped?.runtimeSessionId).to.equal(asked?.runtimeSessionId);
  });
});
