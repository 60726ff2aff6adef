import { useEffect, useId, useState } from "preact/hooks";
import type { Invocation } from "../../src/protocol";
import { control } from "../control";
import { formatDuration, formatJson } from "../format";
import { usePage } from "../page-context";
import { Time } from "../time";
import { useLiveData } from "../use-live-data";
import { LogLines } from "./log-lines";

interface Props {
  /** The function's Pulumi name. */
  name: string;
  invocation: Invocation;
  /** Called with the id of the new invocation. */
  onRunAgain(requestId: string): void;
}

/** An invocation's outcome, result, log and event. The event can be edited and run again. */
const InvocationDetails = ({ name, invocation, onRunAgain }: Props) => {
  const { showTrace } = usePage();
  const { requestId, attempt, atMs, ms, trace, error, reported } = invocation;
  // Without a result it is read again, until there is one.
  const report = useLiveData(`invocation ${name} ${requestId} ${attempt}`, () => control.readInvocation(name, invocation));
  return (
    <>
      <p class="panel-line">
        <Time atMs={atMs} isExact /> <span>{callerOf(invocation)}</span>{" "}
        {ms === null ? null : <span>{formatDuration(Math.round(ms))}</span>}
        <span class={error === null && reported === null ? undefined : "bad"}>{outcomeOf(invocation)}</span>
        {trace === undefined ? null : (
          <button type="button" class="quiet" onClick={() => showTrace(trace)}>
            Trace
          </button>
        )}
      </p>
      {report === undefined ? null : (
        <>
          {report.stack.length === 0 ? null : <pre class="bad">{report.stack.join("\n")}</pre>}
          <h3>Result</h3>
          {report.result === null ? (
            <p class="empty">{ms === null ? "It still runs." : "It did not run."}</p>
          ) : (
            <pre>{formatJson(report.result)}</pre>
          )}
          <h3>Log</h3>
          <LogLines lines={report.logs} />
          <EventEditor {...{ name, invocation, onRunAgain }} event={report.event} />
        </>
      )}
    </>
  );
};

const EventEditor = ({ name, invocation, event, onRunAgain }: Props & { event: string }) => {
  const { reportError } = usePage();
  const [text, setText] = useState(() => formatJson(event));
  const [isRunning, setRunning] = useState(false);
  const id = useId();
  useEffect(() => setText(formatJson(event)), [event]);
  const problem = problemOf(text);
  const runAgain = async () => {
    setRunning(true);
    try {
      const { requestId } = await control.runAgain(name, invocation, text);
      onRunAgain(requestId);
    } catch (error) {
      reportError(error);
    } finally {
      setRunning(false);
    }
  };
  return (
    <form
      class="event"
      onSubmit={submitted => {
        submitted.preventDefault();
        void runAgain();
      }}
    >
      <h3 id={`${id}-title`}>Event</h3>
      <textarea
        rows={12}
        spellcheck={false}
        aria-labelledby={`${id}-title`}
        aria-invalid={problem !== undefined}
        aria-describedby={`${id}-problem`}
        value={text}
        onInput={changed => setText(changed.currentTarget.value)}
      />
      <p id={`${id}-problem`} class="bad" role="status">
        {problem}
      </p>
      <p class="panel-line">
        <button type="submit" disabled={problem !== undefined || isRunning}>
          {isRunning ? "Running ..." : "Run again"}
        </button>
        <span class="empty">
          Invokes {name} with this event. What is [secret] here is sent as it was, and a body as base64 if it came so.
        </span>
      </p>
    </form>
  );
};

const problemOf = (text: string): string | undefined => {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return `The event is not JSON: ${(error as Error).message}`;
  }
};

/** Who invoked it: "sns", "public", "run again". */
const callerOf = ({ from = "", isRunAgain }: Invocation) => (isRunAgain ? "run again" : from.replace(/\.amazonaws\.com$/, ""));

const outcomeOf = ({ ms, error, reported, followUp, cold, attempt }: Invocation) =>
  [attempt > 1 ? `try ${attempt}` : "", ms === null ? "running" : (error ?? reported ?? "ok"), followUp ?? "", cold ? "cold start" : ""]
    .filter(part => part !== "")
    .join(", ");

export { callerOf, InvocationDetails, outcomeOf };
