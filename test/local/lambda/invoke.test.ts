import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { expect } from "chai";
import { lambda } from "../../../local/lambda";
import { startLaptop } from "../laptop";
import { declareFunction, type FunctionUnderTest } from "./functions-under-test";

const start = async (...functions: FunctionUnderTest[]) => {
  const laptop = await startLaptop({ definitions: [lambda], resources: functions.map(declareFunction) });
  const client = new LambdaClient(laptop.client);
  const invoke = async (payload: unknown, input: object = {}) => {
    const { Payload, ...output } = await client.send(
      new InvokeCommand({ FunctionName: "worker", Payload: payload === undefined ? undefined : JSON.stringify(payload), ...input }),
    );
    return { ...output, answer: Payload?.length ? JSON.parse(Payload.transformToString()) : undefined };
  };
  return { ...laptop, client, invoke };
};

describe("lambda invoke", () => {
  it("answers what the handler returns", async () => {
    const { invoke, stop } = await start({ code: "exports.handler = async event => ({ seen: event.word });" });
    try {
      const { answer, StatusCode, ExecutedVersion, FunctionError } = await invoke({ word: "hello" });
      expect(answer).to.deep.equal({ seen: "hello" });
      expect({ StatusCode, ExecutedVersion, FunctionError }).to.deep.equal({
        StatusCode: 200,
        ExecutedVersion: "$LATEST",
        FunctionError: undefined,
      });
    } finally {
      await stop();
    }
  });
});
