import type { LoggingConfiguration } from "./function-configuration";

/** The report that Lambda logs at the end of an invocation. */
interface Report {
  durationMs: number;
  memoryMb: number;
  maxMemoryMb: number;
  /** Present if the invocation started a new environment. */
  initDurationMs?: number;
  status: "success" | "error" | "timeout";
}

/** Lambda's own lines around an invocation, in the function's log format ("Monitoring Lambda functions with CloudWatch Logs"). */
interface InvocationLog {
  start(requestId: string): string[];
  end(requestId: string, report: Report): string[];
}

const textLog: InvocationLog = {
  start: requestId => [`START RequestId: ${requestId} Version: $LATEST\n`],
  end: (requestId, { durationMs, memoryMb, maxMemoryMb, initDurationMs, status }) => {
    const fields = [
      `Duration: ${durationMs.toFixed(2)} ms`,
      `Billed Duration: ${Math.ceil(durationMs)} ms`,
      `Memory Size: ${memoryMb} MB`,
      `Max Memory Used: ${maxMemoryMb} MB`,
      ...(initDurationMs === undefined ? [] : [`Init Duration: ${initDurationMs.toFixed(2)} ms`]),
      ...(status === "success" ? [] : [`Status: ${status}`]),
    ];
    return [`END RequestId: ${requestId}\n`, `REPORT RequestId: ${requestId}\t${fields.join("\t")}\t\n`];
  },
};

const jsonLog = (nowMs: () => number): InvocationLog => {
  const line = (type: string, record: object) => JSON.stringify({ time: new Date(nowMs()).toISOString(), type, record });
  return {
    start: requestId => [line("platform.start", { requestId, version: "$LATEST" })],
    end: (requestId, { durationMs, memoryMb, maxMemoryMb, initDurationMs, status }) => [
      line("platform.report", {
        requestId,
        metrics: {
          durationMs,
          billedDurationMs: Math.ceil(durationMs),
          memorySizeMB: memoryMb,
          maxMemoryUsedMB: maxMemoryMb,
          ...(initDurationMs === undefined ? {} : { initDurationMs }),
        },
        status: status === "error" ? "failure" : status,
      }),
    ],
  };
};

const silentLog: InvocationLog = { start: () => [], end: () => [] };

const createInvocationLog = ({ format, systemLevel }: LoggingConfiguration, nowMs: () => number): InvocationLog => {
  if (format === "Text") return textLog;
  return systemLevel === "WARN" ? silentLog : jsonLog(nowMs);
};

export type { InvocationLog, Report };
export { createInvocationLog };
