import action from "dynalite/actions/scan";
import type { Item } from "./attribute-value";
import { type EngineOperation, permit, weatherThrottle } from "./engine";
import { readRange } from "./range-read";
import { readRequest } from "./request";

interface ScanRequest {
  TableName: string;
  IndexName?: string;
  ExclusiveStartKey?: Item;
}

/** Behaves as Scan; differs: every read is consistent, and the administrator's are not throttled, so that looking on uses up no fault. */
const scan: EngineOperation = engine => async (input: object, call) => {
  const request = readRequest<ScanRequest>("scan", input);
  const table = permit(engine, call, "Scan", { table: request.TableName, index: request.IndexName });
  if (call.caller.kind !== "administrator") weatherThrottle(engine, table);
  return readRange(engine, action, request);
};

export { scan };
