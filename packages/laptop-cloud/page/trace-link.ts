/** Links to traces, for everybody who uses this machine: `#trace=1-6b0bf0be-1f25c0e82c97d4664adfc587`. */

const PREFIX = "#trace=";

const linkToTrace = (trace: string): string => PREFIX + encodeURIComponent(trace);

/** The trace that the page's address names. */
const readTraceLink = (): string | undefined =>
  location.hash.startsWith(PREFIX) ? decodeURIComponent(location.hash.slice(PREFIX.length)) : undefined;

export { linkToTrace, readTraceLink };
