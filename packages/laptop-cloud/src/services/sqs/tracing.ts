import { readCloudEventId } from "../../kernel/cloud-event";
import { parseTraceHeader } from "../../kernel/trace";
import type { StoredMessage } from "./message";

/** The trace fields of an occurrence about a message. */
const tracingOf = ({ body, traceHeader }: Pick<StoredMessage, "body" | "traceHeader">) => ({
  trace: parseTraceHeader(traceHeader).root,
  message: readCloudEventId(body),
});

export { tracingOf };
