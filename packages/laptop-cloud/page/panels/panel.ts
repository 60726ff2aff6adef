import type { Activity, Program } from "../control";
import type { Hearing } from "../hearing";

/** What every panel about a place is given. */
interface PanelProps {
  /** The place's Pulumi name; an address for mail. */
  name: string;
  program: Program;
  activity: Activity | undefined;
  hearing: Hearing;
  /** The cloud's time, epoch milliseconds. */
  nowMs: number;
  fail(error: unknown): void;
  /** Shows everything under one trace. */
  onTrace(trace: string): void;
}

export type { PanelProps };
