/** The messages between the cloud and a container's process. */
type ToContainer =
  /** How far the cloud's clock is now ahead of the machine's. */
  | { kind: "clock"; offsetMs: number }
  /** Asks for an answer when no work is in progress. */
  | { kind: "settle"; id: number };

/** No work is in progress, or it took too long. The next timer is due at `dueMs` (epoch milliseconds of the cloud), null for none. */
interface Settled {
  kind: "settled";
  id: number;
  dueMs: number | null;
}

/** An HTTP request began. */
interface Requested {
  kind: "requested";
  /** Without the query, which may hold secrets. */
  url: string;
}

type FromContainer = Settled | Requested;

/** The variable that passes the cloud's clock offset to a new process. It is removed before the container's own code runs. */
const offsetVariable = "CLOUD_CLOCK_OFFSET_MS";

/** SQS's longest long poll, milliseconds (ReceiveMessage, "WaitTimeSeconds"). */
const MAX_POLL_MS = 20_000;

export type { FromContainer, Requested, Settled, ToContainer };
export { MAX_POLL_MS, offsetVariable };
