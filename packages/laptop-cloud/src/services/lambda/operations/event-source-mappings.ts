import { randomUUID } from "node:crypto";
import { AwsError } from "../../../kernel/aws-error";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { Cloud, OperationOf } from "../../../kernel/service";
import { arnOfFunction, parseFunctionName } from "../function-configuration";
import { type EventSourceMapping, mappingOf, mappingRefusal } from "../resources/event-source-mapping";
import type { Functions } from "../store";
import { invalidParameter, resourceNotFound } from "./errors";

/** The event source mappings, as operations see them. */
interface Mappings {
  all(): EventSourceMapping[];
  /** Throws `Error` where AWS would refuse it. */
  create(mapping: EventSourceMapping): Promise<void>;
  remove(mapping: EventSourceMapping): Promise<void>;
  enable(mapping: EventSourceMapping, enabled: boolean): Promise<void>;
}

interface CreateInput {
  FunctionName: string;
  EventSourceArn?: string;
  Enabled?: boolean;
  BatchSize?: number;
  MaximumBatchingWindowInSeconds?: number;
  FunctionResponseTypes?: string[];
  FilterCriteria?: { Filters?: { Pattern?: string }[] };
  ScalingConfig?: { MaximumConcurrency?: number };
}

const createNames = [
  "FunctionName",
  "EventSourceArn",
  "Enabled",
  "BatchSize",
  "MaximumBatchingWindowInSeconds",
  "FunctionResponseTypes",
  "FilterCriteria",
  "ScalingConfig",
];

const describe = (cloud: Cloud, mapping: EventSourceMapping) => ({
  UUID: mapping.uuid,
  EventSourceMappingArn: mapping.arn,
  EventSourceArn: mapping.queueArn,
  FunctionArn: arnOfFunction(cloud.place, mapping.functionName),
  BatchSize: mapping.batchSize,
  MaximumBatchingWindowInSeconds: mapping.windowSeconds,
  FunctionResponseTypes: mapping.reportsFailures ? ["ReportBatchItemFailures"] : [],
  ...(mapping.filters.length === 0 ? {} : { FilterCriteria: { Filters: mapping.filters.map(Pattern => ({ Pattern })) } }),
  ...(mapping.maximumConcurrency === undefined ? {} : { ScalingConfig: { MaximumConcurrency: mapping.maximumConcurrency } }),
  State: mapping.enabled ? "Enabled" : "Disabled",
  StateTransitionReason: "USER_INITIATED",
});

interface Parts {
  cloud: Cloud;
  functions: Functions;
  mappings: Mappings;
}

/** Behaves as ListEventSourceMappings; differs: returns one page. */
const listEventSourceMappings: OperationOf<Parts> = async (
  { cloud, mappings },
  input: { FunctionName?: string; EventSourceArn?: string },
  call,
) => {
  refuseUnknownParameters(call, input, ["FunctionName", "EventSourceArn", "MaxItems", "Marker"]);
  call.authorize("lambda:ListEventSourceMappings", "*");
  const { name } = parseFunctionName(input.FunctionName ?? "");
  const isAsked = ({ functionName, queueArn }: EventSourceMapping) =>
    (input.FunctionName === undefined || functionName === name) &&
    (input.EventSourceArn === undefined || queueArn === input.EventSourceArn);
  return {
    EventSourceMappings: mappings
      .all()
      .filter(isAsked)
      .map(mapping => describe(cloud, mapping)),
  };
};

const getEventSourceMapping: OperationOf<Parts> = async ({ cloud, mappings }, { UUID }: { UUID: string }, call) => {
  call.authorize("lambda:GetEventSourceMapping", arnOfMapping(cloud, UUID));
  return describe(cloud, find(mappings, UUID));
};

/** Behaves as CreateEventSourceMapping; differs: it is enabled at once. */
const createEventSourceMapping: OperationOf<Parts> = async ({ cloud, functions, mappings }, input: CreateInput, call) => {
  refuseUnknownParameters(call, input, createNames);
  const uuid = randomUUID();
  call.authorize("lambda:CreateEventSourceMapping", arnOfMapping(cloud, uuid));
  const { name } = functions.find(input.FunctionName).configuration;
  const inputs = {
    functionName: name,
    eventSourceArn: input.EventSourceArn,
    enabled: input.Enabled,
    batchSize: input.BatchSize,
    maximumBatchingWindowInSeconds: input.MaximumBatchingWindowInSeconds,
    functionResponseTypes: input.FunctionResponseTypes,
    filterCriteria: { filters: (input.FilterCriteria?.Filters ?? []).map(({ Pattern }) => ({ pattern: Pattern })) },
    scalingConfig: { maximumConcurrency: input.ScalingConfig?.MaximumConcurrency },
  };
  const refusal = mappingRefusal(inputs);
  if (refusal !== undefined) throw invalidParameter(`${refusal}.`);
  const mapping = mappingOf(inputs, uuid, cloud.place);
  const existing = mappings.all().find(({ queueArn, functionName }) => queueArn === mapping.queueArn && functionName === name);
  if (existing !== undefined)
    throw new AwsError(
      "ResourceConflictException",
      `An event source mapping with SQS arn ("${existing.queueArn}") and function ("${name}") already exists. Please update or delete the existing mapping with UUID ${existing.uuid}`,
      409,
      { Type: "User" },
    );
  await mappings.create(mapping).catch((error: Error) => {
    throw invalidParameter(error.message);
  });
  return describe(cloud, mapping);
};

/** Behaves as DeleteEventSourceMapping; differs: the mapping is deleted at once, and a declared one exists again at the next start. */
const deleteEventSourceMapping: OperationOf<Parts> = async ({ cloud, mappings }, { UUID }: { UUID: string }, call) => {
  call.authorize("lambda:DeleteEventSourceMapping", arnOfMapping(cloud, UUID));
  const mapping = find(mappings, UUID);
  await mappings.remove(mapping);
  return { ...describe(cloud, mapping), State: "Deleting" };
};

/** Behaves as UpdateEventSourceMapping; differs: changes only `Enabled`, at once, and a declared mapping is as declared again at the next start. */
const updateEventSourceMapping: OperationOf<Parts> = async ({ cloud, mappings }, input: { UUID: string; Enabled?: boolean }, call) => {
  refuseUnknownParameters(call, input, ["UUID", "Enabled"]);
  call.authorize("lambda:UpdateEventSourceMapping", arnOfMapping(cloud, input.UUID));
  const mapping = find(mappings, input.UUID);
  if (input.Enabled !== undefined && input.Enabled !== mapping.enabled) await mappings.enable(mapping, input.Enabled);
  return describe(cloud, mapping);
};

const arnOfMapping = ({ place }: Cloud, uuid: string) => `arn:aws:lambda:${place.region}:${place.account}:event-source-mapping:${uuid}`;

const find = (mappings: Mappings, uuid: string): EventSourceMapping => {
  const mapping = mappings.all().find(mapping => mapping.uuid === uuid);
  if (mapping === undefined) throw resourceNotFound();
  return mapping;
};

export type { Mappings };
export { createEventSourceMapping, deleteEventSourceMapping, getEventSourceMapping, listEventSourceMappings, updateEventSourceMapping };
