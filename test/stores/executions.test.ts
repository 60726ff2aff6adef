import { ExecutionAlreadyExists, SFNClient, type StartExecutionCommand } from "@aws-sdk/client-sfn";
import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { Executions } from "#stores/executions";

const make = () => {
  const client = new SFNClient({ region: "us-east-1" });
  const send = sinon.stub(client, "send");
  return { send, executions: new Executions(client, "arn:machine") };
};

describe("executions", () => {
  it("starts an execution under its name", async () => {
    const { send, executions } = make();
    expect(await executions.start("abc", { key: "march.csv" })).to.equal(true);
    const command = send.args[0]![0] as StartExecutionCommand;
    expect(command.input).to.deep.equal({ stateMachineArn: "arn:machine", name: "abc", input: '{"key":"march.csv"}' });
  });

  it("returns false if the execution exists", async () => {
    const { send, executions } = make();
    send.rejects(new ExecutionAlreadyExists({ message: "exists", $metadata: {} }));
    expect(await executions.start("abc", {})).to.equal(false);
  });

  it("throws any other error", async () => {
    const { send, executions } = make();
    send.rejects(new Error("throttled"));
    expect(await rejectionOf(executions.start("abc", {}))).to.be.instanceOf(Error);
  });
});
