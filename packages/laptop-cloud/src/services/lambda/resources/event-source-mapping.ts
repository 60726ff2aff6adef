import { createHash } from "node:crypto";
import { acts, inert } from "../../../kernel/declared";
import { PatternError } from "../../../kernel/filter/pattern";
import type { Declared, Place, ResourceKind } from "../../../kernel/service";
import { compileEventFilter } from "../event-filter";
import { arnOfFunction, parseFunctionName } from "../function-configuration";

/** An event source mapping: a queue whose messages are sent to a function. */
interface EventSourceMapping {
  uuid: string;
  arn: string;
  queueArn: string;
  functionName: string;
  enabled: boolean;
  batchSize: number;
  /** How long to wait for a fuller batch. */
  windowSeconds: number;
  /** The function reports the failed messages of a batch (`ReportBatchItemFailures`). */
  reportsFailures: boolean;
  /** Filter patterns. If there are any, a message must match one of them. */
  filters: string[];
  maximumConcurrency?: number;
}

const DEFAULT_BATCH_SIZE = 10;

const eventSourceMapping: ResourceKind = {
  properties: {
    ...acts("batchSize", "enabled", "eventSourceArn", "filterCriteria", "functionName", "functionResponseTypes"),
    ...acts("maximumBatchingWindowInSeconds", "scalingConfig"),
    ...inert("there are no such metrics", "metricsConfig"),
    ...inert("shown only", "tags", "tagsAll"),
    ...inert("there is no propagation", "useResourceTimeoutForPropagation"),
  },
  check: ({ inputs }) => mappingRefusal(inputs),
  outputs(declared, place) {
    const { uuid, arn, functionName } = declaredMapping(declared, place);
    return {
      id: uuid,
      uuid,
      arn,
      functionArn: arnOfFunction(place, functionName),
      state: declared.inputs["enabled"] === false ? "Disabled" : "Enabled",
      stateTransitionReason: "USER_INITIATED",
      lastProcessingResult: "",
    };
  },
};

/** Returns the reason to refuse the mapping, if there is one. */
const mappingRefusal = (inputs: Declared["inputs"]): string | undefined =>
  checkSource(inputs) ?? checkBatches(inputs) ?? checkScaling(inputs["scalingConfig"]?.maximumConcurrency) ?? checkFilters(inputs);

const checkSource = ({ eventSourceArn, functionResponseTypes }: Declared["inputs"]): string | undefined => {
  if (!/^arn:aws:sqs:/.test(eventSourceArn ?? ""))
    return `eventSourceArn is ${JSON.stringify(eventSourceArn)}: the laptop cloud polls SQS queues`;
  const unknown = (functionResponseTypes ?? []).find((type: string) => type !== "ReportBatchItemFailures");
  return unknown === undefined
    ? undefined
    : `functionResponseTypes contains ${JSON.stringify(unknown)}, but may contain only ReportBatchItemFailures`;
};

/** CreateEventSourceMapping, "BatchSize": more than 10 need a window of a second or more. */
const checkBatches = ({
  batchSize = DEFAULT_BATCH_SIZE,
  maximumBatchingWindowInSeconds: window = 0,
}: Declared["inputs"]): string | undefined => {
  if (!Number.isInteger(batchSize) || batchSize < 1 || batchSize > 10_000)
    return `batchSize is ${JSON.stringify(batchSize)}, but must be 1 to 10000`;
  if (!Number.isInteger(window) || window < 0 || window > 300)
    return `maximumBatchingWindowInSeconds is ${JSON.stringify(window)}, but must be 0 to 300`;
  return batchSize > 10 && window === 0 ? `batchSize is ${batchSize}: more than 10 need a maximumBatchingWindowInSeconds` : undefined;
};

const checkScaling = (concurrency: unknown) =>
  concurrency === undefined || (Number.isInteger(concurrency) && Number(concurrency) >= 2 && Number(concurrency) <= 1000)
    ? undefined
    : `scalingConfig.maximumConcurrency is ${JSON.stringify(concurrency)}, but must be 2 to 1000`;

const checkFilters = (inputs: Declared["inputs"]): string | undefined => {
  try {
    patternsOf(inputs).forEach(compileEventFilter);
    return undefined;
  } catch (error) {
    if (error instanceof PatternError) return `filterCriteria: ${error.message}`;
    throw error;
  }
};

const patternsOf = ({ filterCriteria }: Declared["inputs"]): string[] =>
  (filterCriteria?.filters ?? []).map(({ pattern }: { pattern?: string }) => pattern ?? "{}");

/** The mapping that a program declares. It has the same UUID at each start. */
const declaredMapping = ({ name, inputs }: Declared, place: Place): EventSourceMapping => {
  const uuid = createHash("sha256")
    .update(name)
    .digest("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");
  return mappingOf(inputs, uuid, place);
};

const mappingOf = (inputs: Declared["inputs"], uuid: string, place: Place): EventSourceMapping => ({
  uuid,
  arn: `arn:aws:lambda:${place.region}:${place.account}:event-source-mapping:${uuid}`,
  queueArn: inputs["eventSourceArn"],
  functionName: parseFunctionName(inputs["functionName"]).name,
  enabled: inputs["enabled"] !== false,
  batchSize: inputs["batchSize"] ?? DEFAULT_BATCH_SIZE,
  windowSeconds: inputs["maximumBatchingWindowInSeconds"] ?? 0,
  reportsFailures: inputs["functionResponseTypes"]?.includes("ReportBatchItemFailures") ?? false,
  filters: patternsOf(inputs),
  maximumConcurrency: inputs["scalingConfig"]?.maximumConcurrency,
});

export type { EventSourceMapping };
export { declaredMapping, eventSourceMapping, mappingOf, mappingRefusal };
