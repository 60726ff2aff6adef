import { randomBytes } from "node:crypto";

/** A new trace root in X-Ray's form, `1-SECONDS-RANDOM` (AWS X-Ray, "Tracing header"). */
const createTraceRoot = (nowMs: number) =>
  `1-${Math.floor(nowMs / 1000)
    .toString(16)
    .padStart(8, "0")}-${randomBytes(12).toString("hex")}`;

/** Parses `Root=...;Parent=...;Sampled=...`. */
const parseTraceHeader = (header: string | undefined): { root?: string; parent?: string } => {
  const parts = new Map((header ?? "").split(";").map(part => part.split("=", 2) as [string, string]));
  return { root: parts.get("Root"), parent: parts.get("Parent") };
};

export { createTraceRoot, parseTraceHeader };
