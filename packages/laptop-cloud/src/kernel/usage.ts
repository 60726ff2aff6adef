/** The grants of all roles, and which of them were used since the start, to find grants that can be removed. */
interface UsageReport {
  grants: Grant[];
  denials: Denial[];
}

/** One action on one resource that a statement grants, as written there. */
interface Grant {
  /** Pulumi name of the role. */
  role: string;
  policy: string;
  /** The Sid in quotes, or the statement's position. */
  statement: string;
  action: string;
  resource: string;
  /** The number of calls that it allowed. */
  used: number;
  /** The actions of these calls, if the grant has a wildcard. */
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
