/** SDK clients that call the cloud in this process, without HTTP and signatures, which take half of a call's processor time. */
import { AwsError } from "../kernel/aws-error";
import { administrator } from "../kernel/caller";
import type { Cloud, ServiceDefinition } from "../kernel/service";

interface HttpRequest {
  headers: Record<string, string>;
  body?: Uint8Array;
}

/** The configuration of a stock SDK client of services that speak JSON, such as DynamoDB and SQS. Its calls are the administrator's. */
const createDirectClient = ({ call, place }: Pick<Cloud, "call" | "place">, definitions: readonly ServiceDefinition[]) => {
  const handle = async ({ headers, body = new Uint8Array() }: HttpRequest, { abortSignal: signal }: { abortSignal?: unknown } = {}) => {
    const [target, operation = ""] = (headers["x-amz-target"] ?? "").split(".");
    const service = definitions.find(({ wire }) => wire?.protocol === "aws-json" && wire.target === target);
    if (service === undefined) throw new Error(`${operation} is not a call of a service with AWS's JSON protocol.`);
    try {
      const work = call(
        service.name,
        operation,
        JSON.parse(Buffer.from(body).toString()) as object,
        administrator,
        signal as AbortSignal | undefined,
      );
      return buildResponse(200, await untilAborted(work, signal as AbortSignal | undefined));
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return buildResponse(error.status, { __type: error.code, message: error.message, Message: error.message, ...error.fields });
    }
  };
  return {
    endpoint: place.awsUrl,
    region: place.region,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    signer: { sign: async <Request>(request: Request) => request },
    requestHandler: { handle, updateHttpClientConfig: () => {}, httpHandlerConfigs: () => ({}) },
  };
};

const buildResponse = (statusCode: number, body: object) => ({
  response: { statusCode, headers: { "content-type": "application/x-amz-json-1.0" }, body: Buffer.from(JSON.stringify(body)) },
});

/** Rejects as the SDK's own handler does when the caller hangs up. */
const untilAborted = <T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> => {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const abort = () => reject(Object.assign(new Error("Request aborted"), { name: "AbortError" }));
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
};

export type { HttpRequest };
export { createDirectClient };
