import { randomUUID } from "node:crypto";
import type { Place } from "../../kernel/service";

/** An event in the format in which patterns and targets see it ("Event structure"). */
interface BusEvent {
  version: "0";
  id: string;
  "detail-type": string;
  source: string;
  account: string;
  time: string;
  region: string;
  resources: string[];
  detail: object;
}

interface EventDraft {
  detailType: string;
  source: string;
  timeMs: number;
  resources?: string[];
  detail?: object;
}

const buildBusEvent = ({ detailType, source, timeMs, resources = [], detail = {} }: EventDraft, place: Place): BusEvent => ({
  version: "0",
  id: randomUUID(),
  "detail-type": detailType,
  source,
  account: place.account,
  // ISO 8601 without fractions.
  time: new Date(timeMs).toISOString().replace(/\.\d+Z$/, "Z"),
  region: place.region,
  resources,
  detail,
});

export type { BusEvent };
export { buildBusEvent };
