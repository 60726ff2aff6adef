import { AwsError } from "../../../kernel/aws-error";
import { isObject } from "../../../kernel/json";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { Call, OperationOf } from "../../../kernel/service";
import { createTraceRoot, parseTraceHeader } from "../../../kernel/trace";
import { buildBusEvent } from "../bus-event";
import type { Deliveries } from "../deliveries";
import { busNameOf, invalid } from "../names";
import type { Bus, Buses } from "../store";
import { failureOf } from "../target";

interface Entry {
  Time?: number;
  Source?: string;
  Resources?: string[];
  DetailType?: string;
  Detail?: string;
  EventBusName?: string;
  TraceHeader?: string;
}

const entryParameters = ["Time", "Source", "Resources", "DetailType", "Detail", "EventBusName", "TraceHeader"];

/** PutEvents, EventBridge API reference. */
const MAX_ENTRIES = 10;
const MAX_REQUEST_BYTES = 1024 * 1024;

/**
 * Behaves as PutEvents: answers when every delivery is durable. Differs: an entry for a bus that does not exist fails, while AWS drops
 * it. AWS services put events on the default bus without a grant.
 */
const putEvents: OperationOf<{ buses: Buses; deliveries: Deliveries }> = async ({ buses, deliveries }, input, call) => {
  refuseUnknownParameters(call, input, ["Entries"]);
  const entries = verifyEntries(input.Entries);
  authorize(buses, call, entries);
  const Entries: object[] = [];
  for (const entry of entries) Entries.push(await putEntry(buses, deliveries, entry, call));
  return { FailedEntryCount: Entries.filter(entry => "ErrorCode" in entry).length, Entries };
};

const verifyEntries = (entries: unknown): Entry[] => {
  if (!Array.isArray(entries) || entries.length < 1 || entries.length > MAX_ENTRIES)
    throw invalid(`Entries has ${Array.isArray(entries) ? entries.length : "no"} entries, but must have 1 to ${MAX_ENTRIES}.`);
  const bytes = entries.reduce((sum: number, entry: Entry) => sum + sizeOf(entry), 0);
  if (bytes > MAX_REQUEST_BYTES) throw invalid(`Total size of the entries in the request is over the limit: ${bytes} bytes.`);
  return entries as Entry[];
};

/** "Calculating PutEvents event entry size". */
const sizeOf = ({ Time, Source = "", DetailType = "", Detail = "", Resources = [] }: Entry): number =>
  (Time === undefined ? 0 : 14) + [Source, DetailType, Detail, ...Resources].reduce((sum, text) => sum + Buffer.byteLength(text), 0);

/** One denied entry denies the request. */
const authorize = (buses: Buses, call: Call, entries: Entry[]) => {
  if (call.caller.kind === "service") return;
  for (const { EventBusName, Source = "", DetailType = "" } of entries) {
    const bus = buses.findBus(EventBusName);
    const context = { "events:source": Source, "events:detail-type": DetailType };
    call.authorize("events:PutEvents", buses.busArn(bus?.name ?? busNameOf(EventBusName)), { resourcePolicy: bus?.policy, context });
  }
};

const putEntry = async (buses: Buses, deliveries: Deliveries, entry: Entry, call: Call): Promise<object> => {
  try {
    refuseUnknownParameters(call, entry, entryParameters);
    verifyEntry(entry, call);
    return { EventId: await publish(buses, deliveries, buses.bus(entry.EventBusName), entry, call) };
  } catch (error) {
    return failureOf(error);
  }
};

const verifyEntry = ({ Source, DetailType, Detail }: Entry, { caller }: Call) => {
  for (const [name, value] of Object.entries({ Source, DetailType, Detail }))
    if (!value) throw new AwsError("InvalidArgument", `Parameter ${name} is not valid. Reason: ${name} is a required argument.`);
  if (!isObject(parseDetail(Detail!))) throw new AwsError("MalformedDetail", "Detail is malformed.");
  if (Source!.startsWith("aws.") && caller.kind !== "service")
    throw new AwsError("NotAuthorizedForSourceException", "Not authorized for the source.");
};

const parseDetail = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const publish = async (buses: Buses, deliveries: Deliveries, bus: Bus, entry: Entry, { caller }: Call): Promise<string> => {
  const nowMs = buses.cloud.clock.nowMs();
  const event = buildBusEvent(
    {
      detailType: entry.DetailType!,
      source: entry.Source!,
      timeMs: entry.Time === undefined ? nowMs : entry.Time * 1000,
      resources: entry.Resources,
      detail: JSON.parse(entry.Detail!),
    },
    buses.cloud.place,
  );
  const trace = parseTraceHeader(entry.TraceHeader).root ?? caller.trace ?? createTraceRoot(nowMs);
  const matching = buses.rulesOf(bus.name).filter(rule => rule.matches(event));
  const created = deliveries.create(matching, event, trace);
  await buses.state.batch(deliveries.toChanges(created));
  deliveries.begin(created);
  return event.id;
};

export { putEvents };
