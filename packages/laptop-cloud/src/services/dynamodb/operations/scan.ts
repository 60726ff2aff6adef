import action from "dynalite/actions/scan";
import { validationError } from "../action";
import type { Item } from "../attribute-value";
import { type EngineOperation, permit, weatherThrottle } from "../engine";
import { readRange } from "../range-read";
import { readRequest } from "../request";
import { checkSelection, type Selection } from "../selection";

interface ScanRequest extends Selection {
  TableName: string;
  ExclusiveStartKey?: Item;
  Segment?: number;
  TotalSegments?: number;
}

/** Behaves as Scan; differs: every read is consistent, and the administrator is not throttled, so that the page uses up no faults. */
const scan: EngineOperation = async (engine, input: object, call) => {
  const request = readRequest<ScanRequest>("scan", input);
  checkSelection("Scan", request);
  checkSegment(request);
  const table = permit(engine, call, "Scan", { table: request.TableName, index: request.IndexName });
  if (call.caller.kind !== "administrator") weatherThrottle(engine, table);
  return readRange(engine, call, request, { action });
};

/** dynalite accepts segment 0 without `TotalSegments`. */
const checkSegment = ({ Segment, TotalSegments }: ScanRequest) => {
  if (Segment !== undefined && TotalSegments === undefined)
    throw validationError("The TotalSegments parameter is required but was not present in the request when Segment parameter is present");
};

export { scan };
