import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { AwsError } from "../../src/kernel/aws-error";
import { administrator, type FunctionCaller } from "../../src/kernel/caller";
import { Calls } from "../../src/kernel/calls";
import { Clock } from "../../src/kernel/clock";
import { type Authorizer, Dispatcher } from "../../src/kernel/dispatch";
import type { Operation } from "../../src/kernel/service";

const webhook: FunctionCaller = {
  kind: "function",
  function: "webhook",
  functionArn: "arn:aws:lambda:us-east-1:000000000000:function:webhook",
  roleArn: "arn:aws:iam::000000000000:role/webhook",
  environment: "e1",
  invocation: "i1",
  trace: "1-a-b",
};

const denyWrites: Authorizer = {
  decide: (_caller, action) => (action.includes("Put") ? { allowed: false, reason: `${action} is missing` } : { allowed: true }),
};

describe("dispatch", () => {
  let calls: Calls;
  let dispatcher: Dispatcher;

  const withOperation = (operation: Operation, name = "dynamodb") => {
    calls = new Calls();
    dispatcher = new Dispatcher(denyWrites, calls, new Clock());
    dispatcher.add(name, { operations: { Run: operation }, start: async () => {}, stop: async () => {} });
  };

  it("records every checked action with its caller", async () => {
    withOperation(async (_input, call) => {
      call.authorize("dynamodb:GetItem", "arn:table");
      call.authorize("dynamodb:UpdateItem", "arn:other");
      return { done: true };
    });

    expect(await dispatcher.dispatch("dynamodb", "Run", {}, webhook)).to.deep.equal({ done: true });
    expect(calls.all()).to.have.lengthOf(1);
    expect(calls.all()[0]).to.deep.include({
      function: "webhook",
      invocation: "i1",
      trace: "1-a-b",
      service: "dynamodb",
      operation: "Run",
      action: "dynamodb:GetItem",
      resource: "arn:table",
      allowed: true,
      error: null,
    });
  });

  it("refuses a forbidden call with the service's error, and records the denial", async () => {
    for (const [service, code, status] of [
      ["dynamodb", "AccessDeniedException", 400],
      ["sns", "AuthorizationError", 403],
    ] as const) {
      withOperation(async (_input, call) => {
        call.authorize("dynamodb:PutItem", "arn:table");
        throw new Error("not reached");
      }, service);

      const error = await rejectionOf(dispatcher.dispatch(service, "Run", {}, webhook));

      expect(error).to.be.instanceOf(AwsError).and.to.include({ code, status, message: "dynamodb:PutItem is missing" });
      expect(calls.all()[0]).to.include({ allowed: false, error: code });
    }
  });

  it("lets the administrator do everything", async () => {
    withOperation(async (_input, call) => {
      call.authorize("dynamodb:PutItem", "arn:table");
      return {};
    });

    await dispatcher.dispatch("dynamodb", "Run", {}, administrator);

    expect(calls.all()[0]).to.include({ allowed: true, function: null, caller: "administrator" });
  });

  it("refuses a service that is not started, and an operation that is not imitated, by name", async () => {
    withOperation(async () => ({}));

    expect(await rejectionOf(dispatcher.dispatch("kinesis", "PutRecord", {}, administrator)))
      .to.have.property("message")
      .that.contains("kinesis is not started");
    for (const operation of ["Walk", "constructor", "__proto__"]) {
      const error = await rejectionOf(dispatcher.dispatch("dynamodb", operation, {}, administrator));
      expect(error).to.have.property("message").that.contains(`does not imitate dynamodb:${operation}. It knows Run.`);
    }
  });

  it("aborts running calls when it stops", async () => {
    withOperation(async (_input, call) => {
      await new Promise(resolve => call.signal.addEventListener("abort", resolve));
      return { aborted: true };
    });

    const running = dispatcher.dispatch("dynamodb", "Run", {}, administrator);
    dispatcher.stop();

    expect(await running).to.deep.equal({ aborted: true });
  });
});
