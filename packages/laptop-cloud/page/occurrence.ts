/** Something that happened in the cloud. */
interface Occurrence {
  atMs: number;
  kind: string;
  trace?: string;
  from?: string;
  to?: string;
  detail?: Record<string, unknown>;
}

export type { Occurrence };
