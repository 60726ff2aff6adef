/** What the cloud and a container's process say to each other over the channel between them. */
type ToContainer =
  /** The cloud's time is now so far ahead of the machine's. */
  | { kind: "clock"; offsetMs: number }
  /** Answer when nothing is under way. */
  | { kind: "settle"; id: number };

/** Nothing is under way, or too long; the next timer is due at `dueMs` (epoch milliseconds of the cloud), null for none. */
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

/** The variable by which a process learns where the cloud's time stands when it begins. It is gone before the container's own code runs. */
const offsetVariable = "CLOUD_CLOCK_OFFSET_MS";

/** SQS's longest long poll, milliseconds (ReceiveMessage, "WaitTimeSeconds"). */
const MAX_POLL_MS = 20_000;

export type { FromContainer, Requested, Settled, ToContainer };
export { MAX_POLL_MS, offsetVariable };
