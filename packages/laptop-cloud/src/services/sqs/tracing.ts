import { readCloudEventId } from "../../kernel/cloud-event";
import { parseTraceHeader } from "../../kernel/trace";
import type { StoredMessage } from "./message";

/** What an occurrence says of the message that it is about. */
const tracingOf = ({ body, traceHeader }: Pick<StoredMessage, "body" | "traceHeader">) => ({
  trace: parseTraceHeader(traceHeader).root,
  message: readCloudEventId(body),
});

export { tracingOf };
