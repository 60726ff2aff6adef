import { AwsError } from "../../kernel/aws-error";
import { isObject } from "../../kernel/json";
import type { Cloud } from "../../kernel/service";
import { type DeliveryStream, writerOf } from "./delivery-stream";
import type { StoredRecord } from "./record-buffer";

/** Why a record was not transformed, with the code that AWS gives it. */
interface Failure {
  code: string;
  message: string;
}

interface Transformed {
  ok: StoredRecord[];
  failed: { record: StoredRecord; failure: Failure }[];
}

/** An invocation failed, and is repeated. */
class InvocationFailure extends Error {
  constructor(readonly failure: Failure) {
    super(`${failure.code}: ${failure.message}`);
  }
}

/** "Monitor Amazon Data Firehose using CloudWatch Logs" (developer guide), for calls that Lambda refuses. */
const CALL_CODES: Record<string, string> = {
  AccessDeniedException: "Lambda.InvokeAccessDenied",
  ResourceNotFoundException: "Lambda.ResourceNotFound",
  TooManyRequestsException: "Lambda.InvokeLimitExceeded",
};

const FUNCTION_ERROR = {
  code: "Lambda.FunctionError",
  message: "The Lambda function was successfully invoked but it returned an error result.",
};

/**
 * Invokes the stream's function with records. Behaves as "Transform source data" (Firehose developer guide): a function that fails is invoked
 * again, and its answer is final, however malformed. Differs: no metadata for partitions. Throws `InvocationFailure`.
 */
const transform = async (cloud: Cloud, stream: DeliveryStream, records: StoredRecord[]): Promise<Transformed> => {
  const answer = await invoke(cloud, stream, records);
  const results = parseResults(answer, records);
  if (!Array.isArray(results)) return { ok: [], failed: records.map(record => ({ record, failure: results })) };
  const transformed: Transformed = { ok: [], failed: [] };
  for (const [index, record] of records.entries()) {
    const { result, data } = results[index]!;
    if (result === "Ok" && typeof data === "string") transformed.ok.push({ ...record, data });
    else if (result !== "Dropped") transformed.failed.push({ record, failure: failureOf(result) });
  }
  return transformed;
};

const invoke = async (cloud: Cloud, stream: DeliveryStream, records: StoredRecord[]): Promise<string> => {
  const event = {
    invocationId: crypto.randomUUID(),
    deliveryStreamArn: stream.arn,
    region: cloud.place.region,
    records: records.map(({ id, data, arrivedMs }) => ({ recordId: id, approximateArrivalTimestamp: arrivedMs, data })),
  };
  const input = { FunctionName: stream.transformation!.functionArn, Payload: JSON.stringify(event) };
  try {
    const { FunctionError, Payload } = await cloud.call("lambda", "Invoke", input, writerOf(stream));
    if (FunctionError !== undefined) throw new InvocationFailure(FUNCTION_ERROR);
    return Buffer.from(Payload).toString();
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new InvocationFailure({ code: CALL_CODES[error.code] ?? `Lambda.${error.code}`, message: error.message });
  }
};

interface RecordResult {
  result: unknown;
  data: unknown;
}

/** The results in the order of the records, or why they can't be used. */
const parseResults = (answer: string, records: StoredRecord[]): RecordResult[] | Failure => {
  const content: unknown = JSON.parse(answer);
  const all = isObject(content) && Array.isArray(content["records"]) ? content["records"].filter(isObject) : undefined;
  if (all === undefined)
    return { code: "Lambda.JsonProcessingException", message: "There was an error parsing returned records from the Lambda function." };
  const byId = new Map(all.map(each => [each["recordId"], { result: each["result"], data: each["data"] }]));
  if (byId.size < all.length)
    return { code: "Lambda.DuplicatedRecordId", message: "Multiple records were returned with the same record ID." };
  const results = records.map(({ id }) => byId.get(id));
  if (results.includes(undefined) || all.length > records.length)
    return { code: "Lambda.MissingRecordId", message: "One or more record Ids were not returned." };
  return results as RecordResult[];
};

const failureOf = (result: unknown): Failure =>
  result === "ProcessingFailed"
    ? { code: "Lambda.ProcessingFailedStatus", message: "ProcessingFailed status set for record." }
    : { code: "Lambda.JsonProcessingException", message: `result is ${JSON.stringify(result)}, or data is not a text.` };

/** Builds the lines that are written for failed records. "Handle failure in data transformation" (developer guide). */
const buildFailedLines = (stream: DeliveryStream, failed: Transformed["failed"], attemptsMade: number, nowMs: number): Buffer =>
  Buffer.from(
    failed
      .map(({ record, failure }) => ({
        attemptsMade,
        arrivalTimestamp: record.arrivedMs,
        errorCode: failure.code,
        errorMessage: failure.message,
        attemptEndingTimestamp: nowMs,
        rawData: record.data,
        lambdaArn: stream.transformation!.functionArn,
      }))
      .map(line => `${JSON.stringify(line)}\n`)
      .join(""),
  );

export { buildFailedLines, InvocationFailure, transform };
