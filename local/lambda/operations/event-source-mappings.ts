import { AwsError } from "../../kernel/aws-error";
import { refuseUnknownParameters } from "../../kernel/parameters";
import type { Cloud, Operation } from "../../kernel/service";
import type { EventSourceMapping } from "../event-source-mapping";
import { arnOfFunction, parseFunctionName } from "../function-configuration";

/** The mappings that there are, and how to switch one on or off. */
interface Mappings {
  all(): EventSourceMapping[];
  enable(mapping: EventSourceMapping, enabled: boolean): void;
}

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

/** Behaves as ListEventSourceMappings; differs: all in one page. */
const listEventSourceMappings =
  (cloud: Cloud, mappings: Mappings): Operation =>
  async (input: { FunctionName?: string; EventSourceArn?: string }, call) => {
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

/** Behaves as GetEventSourceMapping. */
const getEventSourceMapping =
  (cloud: Cloud, mappings: Mappings): Operation =>
  async ({ UUID }: { UUID: string }, call) => {
    call.authorize("lambda:GetEventSourceMapping", arnOfMapping(cloud, UUID));
    return describe(cloud, find(mappings, UUID));
  };

/** Behaves as UpdateEventSourceMapping, for `Enabled`; differs: it is switched at once, and the next start follows the program again. */
const updateEventSourceMapping =
  (cloud: Cloud, mappings: Mappings): Operation =>
  async (input: { UUID: string; Enabled?: boolean }, call) => {
    refuseUnknownParameters(call, input, ["UUID", "Enabled"]);
    call.authorize("lambda:UpdateEventSourceMapping", arnOfMapping(cloud, input.UUID));
    const mapping = find(mappings, input.UUID);
    if (input.Enabled !== undefined && input.Enabled !== mapping.enabled) mappings.enable(mapping, input.Enabled);
    return describe(cloud, mapping);
  };

const arnOfMapping = ({ place }: Cloud, uuid: string) => `arn:aws:lambda:${place.region}:${place.account}:event-source-mapping:${uuid}`;

const find = (mappings: Mappings, uuid: string): EventSourceMapping => {
  const mapping = mappings.all().find(mapping => mapping.uuid === uuid);
  if (mapping === undefined)
    throw new AwsError("ResourceNotFoundException", "The resource you requested does not exist.", 404, { Type: "User" });
  return mapping;
};

export type { Mappings };
export { getEventSourceMapping, listEventSourceMappings, updateEventSourceMapping };
