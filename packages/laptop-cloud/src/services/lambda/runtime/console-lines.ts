import { format } from "node:util";
import { send } from "./channel";
import { toFailure } from "./failure";
import type { Initialise } from "./protocol";

/** From the most to the least verbose (Lambda, "Log-level filtering"). */
const levels = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];

const levelOfMethod = { trace: "TRACE", debug: "DEBUG", info: "INFO", log: "INFO", warn: "WARN", error: "ERROR" } as const;

let requestId: string | undefined;

const nameRequest = (id: string | undefined) => {
  requestId = id;
};

/** Turns `console.*` into lines of the function's log format, and passes raw output on as it is. */
const installConsole = ({ logFormat, logLevel }: Pick<Initialise, "logFormat" | "logLevel">) => {
  const least = logFormat === "JSON" ? Math.max(0, levels.indexOf(logLevel)) : 0;
  const write = logFormat === "JSON" ? jsonLine : textLine;
  for (const [method, level] of Object.entries(levelOfMethod)) {
    console[method as keyof typeof levelOfMethod] = (...parameters: unknown[]) => {
      if (levels.indexOf(level) < least) return;
      const timeMs = Date.now();
      send({ kind: "log", timeMs, level, text: write(new Date(timeMs).toISOString(), level, parameters) });
    };
  }
  passOn(process.stdout);
  passOn(process.stderr);
};

const textLine = (timestamp: string, level: string, parameters: unknown[]) =>
  `${timestamp}\t${requestId}\t${level}\t${format(...parameters)}`;

const jsonLine = (timestamp: string, level: string, parameters: unknown[]) => {
  const [first] = parameters;
  const line = { timestamp, level, requestId };
  if (parameters.length !== 1) return JSON.stringify({ ...line, message: format(...parameters) });
  if (first instanceof Error) {
    const { errorType, errorMessage, trace } = toFailure(first);
    return JSON.stringify({ ...line, message: { errorType, errorMessage, stackTrace: trace } });
  }
  return stringifyOr({ ...line, message: first }, () => ({ ...line, message: format(first) }));
};

/** Values that JSON can't hold (cycles, BigInt) are written as the console would show them. */
const stringifyOr = (value: object, otherwise: () => object) => {
  try {
    return JSON.stringify(value);
  } catch {
    return JSON.stringify(otherwise());
  }
};

const passOn = (stream: NodeJS.WriteStream) => {
  const write = (chunk: string | Uint8Array, encoding?: BufferEncoding | ((error?: Error) => void), written?: (error?: Error) => void) => {
    const text =
      typeof chunk === "string"
        ? Buffer.from(chunk, typeof encoding === "string" ? encoding : "utf8").toString()
        : Buffer.from(chunk).toString();
    send({ kind: "log", timeMs: Date.now(), text });
    const done = typeof encoding === "function" ? encoding : written;
    if (done !== undefined) process.nextTick(done);
    return true;
  };
  stream.write = write;
};

export { installConsole, nameRequest };
