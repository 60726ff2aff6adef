/** The API's operations, with their routes, parameters and answers. The door routes and parses requests by them; openapi.json is built from them. */
import * as z from "zod";
import { CLAIM_REQUEST, keyHeaders, LIMIT_REQUEST, leaseQuery, PAGE_QUERY, WAIT_QUERY } from "#functions/api/parameters";
import { CLAIM, ENDED, HOLDING, LIVE_CLAIM, PAST_PAGE, RESOURCE, RESOURCE_PAGE, WAITING } from "#functions/api/shapes";

interface Answer {
  description: string;
  /** Without a schema, there is no body. */
  schema?: z.ZodType;
  /** Default: JSON. */
  mediaType?: string;
}

interface Operation {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** As OpenAPI writes it. */
  path: `/${string}`;
  summary: string;
  /** Whether it needs no token. */
  isOpen?: boolean;
  query?: z.ZodObject;
  headers?: z.ZodObject;
  /** Error messages call the body by its noun. */
  body?: { noun: string; schema: z.ZodObject; required?: boolean };
  /** By status. */
  answers: Record<number, Answer>;
  /** Error statuses, in addition to those that every operation may answer. */
  problems?: readonly (409 | 422)[];
}

const OPERATIONS = {
  describeApi: {
    method: "GET",
    path: "/openapi.json",
    summary: "This description.",
    answers: { 200: { description: "OpenAPI 3.1.", schema: z.object({}) } },
  },
  readCommand: {
    method: "GET",
    path: "/cli",
    summary: "The command `slack-fanout dibs run`: one file for Node.js. Takes no token.",
    isOpen: true,
    answers: { 200: { description: "JavaScript.", schema: z.string(), mediaType: "text/javascript" } },
  },
  listResources: {
    method: "GET",
    path: "/resources",
    summary: "All resources by name.",
    query: PAGE_QUERY,
    answers: { 200: { description: "A page of resources.", schema: RESOURCE_PAGE } },
  },
  readResource: {
    method: "GET",
    path: "/resources/{name}",
    summary: "The holder and the queue of a resource.",
    answers: { 200: { description: "The resource.", schema: RESOURCE } },
  },
  listPast: {
    method: "GET",
    path: "/resources/{name}/history",
    summary: "Claims that have ended, the latest first; kept for 90 days.",
    query: PAGE_QUERY,
    answers: { 200: { description: "A page of claims.", schema: PAST_PAGE } },
  },
  claim: {
    method: "POST",
    path: "/resources/{name}/claims",
    summary: "Claims the resource, or joins its queue.",
    headers: keyHeaders("A request with the same key, token and resource gets the same claim. The answer shows its current state."),
    body: { noun: "a claim", schema: CLAIM_REQUEST },
    answers: {
      200: { description: "The claim of this idempotency key has ended.", schema: ENDED },
      201: { description: "The claim holds the turn.", schema: HOLDING },
      202: { description: "The claim waits in the queue.", schema: WAITING },
    },
    problems: [409, 422],
  },
  readClaim: {
    method: "GET",
    path: "/claims/{claimId}",
    summary: "Returns a claim and its status.",
    query: WAIT_QUERY,
    answers: { 200: { description: "The claim.", schema: CLAIM } },
  },
  release: {
    method: "DELETE",
    path: "/claims/{claimId}",
    summary: "Releases a claim, or leaves the queue.",
    query: leaseQuery("Releases the claim only if this is its current lease."),
    answers: { 204: { description: "The claim has ended." } },
    problems: [409],
  },
  limit: {
    method: "PATCH",
    path: "/claims/{claimId}",
    summary: "Sets when the turn ends: after a duration from now, or never (open).",
    headers: keyHeaders("For 15 minutes, a request with the same key and claim is the same change."),
    body: { noun: "a change of a claim", schema: LIMIT_REQUEST, required: true },
    answers: { 200: { description: "The claim holds the turn.", schema: HOLDING } },
    problems: [409, 422],
  },
  beat: {
    method: "PUT",
    path: "/claims/{claimId}/heartbeat",
    summary: "Sends a heartbeat, which keeps the claim alive.",
    query: leaseQuery("The lease of the turn. Lets somebody other than the claim's maker do this."),
    answers: { 200: { description: "The claim.", schema: LIVE_CLAIM } },
    problems: [409],
  },
} satisfies Record<string, Operation>;

type Action = keyof typeof OPERATIONS;

/** The same operations, each with every optional field. */
const operationOf = (action: Action): Operation => OPERATIONS[action];

const ACTIONS = Object.keys(OPERATIONS) as Action[];

export type { Action, Operation };
export { ACTIONS, OPERATIONS, operationOf };
