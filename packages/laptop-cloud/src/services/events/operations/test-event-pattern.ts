import { AwsError } from "../../../kernel/aws-error";
import { isObject } from "../../../kernel/json";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { OperationOf } from "../../../kernel/service";
import { parseEventPattern } from "../pattern";

/** TestEventPattern, EventBridge API reference. */
const requiredFields = ["id", "account", "source", "time", "region", "resources", "detail-type"];

const testEventPattern: OperationOf<unknown> = async (_buses, input: { Event?: string; EventPattern?: string }, call) => {
  refuseUnknownParameters(call, input, ["Event", "EventPattern"]);
  call.authorize("events:TestEventPattern", "*");
  const matches = parseEventPattern(input.EventPattern ?? "");
  return { Result: matches(parseEvent(input.Event ?? "")) };
};

const parseEvent = (text: string): object => {
  const event = parseJson(text);
  const missing = requiredFields.find(field => !isObject(event) || !Object.hasOwn(event, field));
  if (missing !== undefined) throw new AwsError("ValidationException", `Parameter Event is not valid. Reason: ${missing} is missing.`);
  return event as object;
};

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AwsError("ValidationException", `Parameter Event is not valid. Reason: ${(error as Error).message}`);
  }
};

export { testEventPattern };
