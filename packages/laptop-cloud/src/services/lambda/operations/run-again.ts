/** The laptop's own operations on past invocations, for its controls. */
import { AwsError } from "../../../kernel/aws-error";
import { shownNameOf } from "../../../kernel/calls";
import type { Cloud, OperationOf } from "../../../kernel/service";
import { createTraceRoot } from "../../../kernel/trace";
import type { Invoker } from "../invoker";
import type { KeptInvocation } from "../kept-invocations";
import type { Functions } from "../store";
import { parsePayload } from "./invoke";

interface PastInvocation {
  FunctionName: string;
  RequestId: string;
  Attempt: number;
}

/** The event and the result of a past invocation. Throws `AwsError` ResourceNotFoundException if it is no longer kept. */
const readInvocation: OperationOf<{ functions: Functions; invoker: Invoker }> = async (
  { functions, invoker },
  input: PastInvocation,
  call,
) => {
  call.authorize("lambda:InvokeFunction", functions.arnOf(input.FunctionName));
  return findKept(invoker, input);
};

/** Invokes the function of a past invocation with this payload. Resolves when it has ended, also if it failed. */
const runAgain: OperationOf<{ cloud: Cloud; functions: Functions; invoker: Invoker }> = async (
  { cloud, functions, invoker },
  input: PastInvocation & { Payload: string },
  call,
) => {
  call.authorize("lambda:InvokeFunction", functions.arnOf(input.FunctionName));
  findKept(invoker, input);
  const payload = parsePayload(input.Payload, "RequestResponse");
  const request = { requestId: call.id, payload, trace: createTraceRoot(cloud.clock.nowMs()) };
  const from = shownNameOf(cloud.inventory, call.caller);
  await invoker.run(functions.find(input.FunctionName), request, { from, type: "RequestResponse", attempt: 1, isRunAgain: true });
  return { RequestId: call.id };
};

const findKept = ({ kept }: Invoker, { FunctionName, RequestId, Attempt }: PastInvocation): KeptInvocation => {
  const found = kept.find(FunctionName, RequestId, Attempt);
  if (found === undefined)
    throw new AwsError("ResourceNotFoundException", `The event of ${RequestId}, attempt ${Attempt}, is no longer kept.`, 404, {
      Type: "User",
    });
  return found;
};

export { readInvocation, runAgain };
