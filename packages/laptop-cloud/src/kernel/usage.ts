/** What roles were granted and what of it was used since the start: least privilege, seen. */
interface UsageReport {
  grants: Grant[];
  denials: Denial[];
}

/** One action on one resource that a statement grants, as it is written there. */
interface Grant {
  /** Pulumi name of the role. */
  role: string;
  policy: string;
  /** The Sid in quotes, or the statement's place. */
  statement: string;
  action: string;
  resource: string;
  /** How many calls it allowed. */
  used: number;
  /** The actions of those calls, where the grant has a wildcard there. */
  actionsUsed: string[];
}

interface Denial {
  /** Pulumi name of the role, or the service's principal. */
  who: string;
  action: string;
  resource: string;
  reason: string;
  count: number;
}

export type { Denial, Grant, UsageReport };
