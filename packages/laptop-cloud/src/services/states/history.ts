/** An event in the result of GetExecutionHistory ("HistoryEvent"). */
interface HistoryEvent {
  id: number;
  previousEventId: number;
  /** Epoch seconds. */
  timestamp: number;
  type: string;
  [details: `${string}EventDetails`]: object;
}

interface EventDraft {
  type: string;
  atMs: number;
  details?: object;
}

/** "Execution history size": an execution with more fails. */
const MAX_EVENTS = 25_000;

/** Event types that share a details field, by suffix or prefix of their names; other types have their own. */
const sharedDetails: [RegExp, `${string}EventDetails`][] = [
  [/StateEntered$/, "stateEnteredEventDetails"],
  [/StateExited$/, "stateExitedEventDetails"],
];

const buildEvent = (draft: EventDraft, id: number, previousEventId: number): HistoryEvent => ({
  id,
  previousEventId,
  timestamp: draft.atMs / 1000,
  type: draft.type,
  ...(draft.details === undefined ? {} : { [detailsKeyOf(draft.type)]: draft.details }),
});

const detailsKeyOf = (type: string): `${string}EventDetails` =>
  sharedDetails.find(([pattern]) => pattern.test(type))?.[1] ?? `${type[0]!.toLowerCase()}${type.slice(1)}EventDetails`;

/** A copy without inputs, outputs and parameters (`includeExecutionData: false`). */
const withoutData = (event: HistoryEvent): HistoryEvent => {
  const entries = Object.entries(event).map(([key, value]) => {
    if (typeof value !== "object") return [key, value];
    const { input, inputDetails, output, outputDetails, parameters, ...rest } = value as Record<string, unknown>;
    return [key, rest];
  });
  return Object.fromEntries(entries) as HistoryEvent;
};

export type { EventDraft, HistoryEvent };
export { buildEvent, MAX_EVENTS, withoutData };
