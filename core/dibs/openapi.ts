/** The API's description, as OpenAPI 3.1: what `GET /openapi.json` answers. A test holds it to the routes. */
import { MAX_OWNER_CHARACTERS, MAX_REASON_CHARACTERS } from "#core/dibs/queue";

const schema = (name: string) => ({ $ref: `#/components/schemas/${name}` });

const json = (description: string, content: object) => ({ description, content: { "application/json": { schema: content } } });

const problem = (description: string) => ({ description, content: { "application/problem+json": { schema: schema("Problem") } } });

const PROBLEMS = {
  400: problem("The request can't be understood: an unknown or doubled parameter or field, a wrong type, a value out of range."),
  401: problem("There is no token, or it is unknown, expired or revoked. Nothing more is said."),
  403: problem("The token is another team's, or the claim was made by somebody else."),
  404: problem("There is no such thing."),
  405: problem("The method is not one of the header Allow."),
  409: problem("It stands otherwise by now: the lease is stale, the claim has ended, or the queue is full."),
  413: problem("The body has more than 1 MB."),
  415: problem("The body is not application/json in UTF-8, or it is compressed."),
  422: problem("The idempotency key was used with another body before."),
  503: problem("It could not be made durable in time: ask again, with the same idempotency key."),
} as const;

/** Any route may answer these. */
const ALWAYS = [400, 401, 403, 404, 405, 413, 415, 503] as const;

const problems = (...more: (keyof typeof PROBLEMS)[]) =>
  Object.fromEntries([...ALWAYS, ...more].map(status => [String(status), PROBLEMS[status]]));

const inPath = (name: string, description: string) => ({ name, in: "path", required: true, description, schema: { type: "string" } });
const inQuery = (name: string, description: string, type: object) => ({ name, in: "query", description, schema: type });

const NAME = inPath("name", "One word: letters, digits, dots, hyphens and underscores, 64 characters at most; in any case the same.");
const CLAIM_ID = inPath("claimId", "As the claim was answered with.");
const IDEMPOTENCY_KEY = {
  name: "Idempotency-Key",
  in: "header",
  description: "The same key for the same claim is the same change, for 15 minutes.",
  schema: { type: "string", minLength: 1, maxLength: 255 },
};
const PAGE = [
  inQuery("limit", "How many at most.", { type: "integer", minimum: 1, maximum: 100, default: 50 }),
  inQuery("cursor", "nextCursor of the page before.", { type: "string" }),
];
const WAIT = { type: "integer", minimum: 0, maximum: 25, default: 0 };
const SPAN = {
  oneOf: [
    { type: "string", examples: ["30m", "1.5h", "2 days"] },
    { type: "integer", minimum: 1, description: "Seconds." },
  ],
};
const LENGTH = {
  oneOf: [
    { type: "string", examples: ["30m", "1.5h", "2 days", "open"] },
    { type: "integer", minimum: 1, description: "Seconds." },
  ],
};
/** Null stands for an open turn, which lasts until it is released. */
const END = { type: ["string", "null"], format: "date-time" };
const TIME = { type: "string", format: "date-time" };

const OPEN_API = {
  openapi: "3.1.0",
  info: {
    title: "slack-fanout: turn queues",
    version: "1",
    description:
      "Claims on shared things, for pipelines and people. A resource exists from its first claim. Tokens come from `/dibs token` in Slack.",
  },
  // Relative to this description, so that it holds wherever the API is; paths are appended to it.
  servers: [{ url: "../api" }],
  security: [{ bearer: [] }],
  paths: {
    "/openapi.json": {
      get: {
        operationId: "describeApi",
        summary: "This description.",
        responses: { 200: json("OpenAPI 3.1.", { type: "object" }), ...problems() },
      },
    },
    "/resources": {
      get: {
        operationId: "listResources",
        summary: "All resources by name.",
        parameters: PAGE,
        responses: {
          200: json("A page of resources.", {
            type: "object",
            required: ["resources"],
            properties: { resources: { type: "array", items: schema("Resource") }, nextCursor: { type: "string" } },
          }),
          ...problems(),
        },
      },
    },
    "/resources/{name}": {
      get: {
        operationId: "readResource",
        summary: "Who holds it, and who waits.",
        parameters: [NAME],
        responses: { 200: json("The resource.", schema("Resource")), ...problems() },
      },
    },
    "/resources/{name}/history": {
      get: {
        operationId: "listPast",
        summary: "Claims that have ended, the latest first; kept for 90 days.",
        parameters: [NAME, ...PAGE],
        responses: {
          200: json("A page of claims.", {
            type: "object",
            required: ["claims"],
            properties: { claims: { type: "array", items: schema("PastClaim") }, nextCursor: { type: "string" } },
          }),
          ...problems(),
        },
      },
    },
    "/resources/{name}/claims": {
      post: {
        operationId: "claim",
        summary: "Claims it, or queues for it.",
        parameters: [
          NAME,
          {
            name: "Idempotency-Key",
            in: "header",
            description: "The same key for the same token and resource is the same claim, and is answered with how that stands now.",
            schema: { type: "string", minLength: 1, maxLength: 255 },
          },
        ],
        requestBody: { content: { "application/json": { schema: schema("ClaimRequest") } } },
        responses: {
          200: json("The claim of this idempotency key has ended.", schema("Ended")),
          201: json("You hold it.", schema("Holding")),
          202: json("You wait.", schema("Waiting")),
          ...problems(409, 422),
        },
      },
    },
    "/claims/{claimId}": {
      get: {
        operationId: "readClaim",
        summary: "How a claim stands.",
        parameters: [CLAIM_ID, inQuery("wait", "Seconds to wait for its turn.", WAIT)],
        responses: {
          200: json("The claim.", { oneOf: [schema("Holding"), schema("Waiting"), schema("Ended")] }),
          ...problems(),
        },
      },
      patch: {
        operationId: "limit",
        summary: "Sets when the turn ends: after a duration from now, or never (open).",
        parameters: [CLAIM_ID, IDEMPOTENCY_KEY],
        requestBody: { required: true, content: { "application/json": { schema: schema("LimitRequest") } } },
        responses: { 200: json("You hold it.", schema("Holding")), ...problems(409, 422) },
      },
      delete: {
        operationId: "release",
        summary: "Releases a claim, or leaves the queue.",
        parameters: [CLAIM_ID, inQuery("leaseId", "Releases only while this lease is the claim's own.", { type: "string" })],
        responses: { 204: { description: "It is released." }, ...problems(409) },
      },
    },
    "/claims/{claimId}/heartbeat": {
      put: {
        operationId: "beat",
        summary: "Says that whoever made the claim is alive.",
        parameters: [
          CLAIM_ID,
          inQuery("leaseId", "The lease of the turn. Lets somebody other than the claim's maker do this.", { type: "string" }),
        ],
        responses: { 200: json("The claim.", { oneOf: [schema("Holding"), schema("Waiting")] }), ...problems(409) },
      },
    },
  },
  components: {
    securitySchemes: { bearer: { type: "http", scheme: "bearer", description: "`sf_` and 40 letters or digits, in the header only." } },
    schemas: {
      ClaimRequest: {
        type: "object",
        additionalProperties: false,
        properties: {
          owner: {
            type: "string",
            maxLength: MAX_OWNER_CHARACTERS,
            description: "A Slack user's id, who is then written to, or any name. Default: whoever asked for the token.",
          },
          for: {
            ...LENGTH,
            description:
              'How long the turn lasts, 1 second to 30 days, or "open": until it is released. Default: the setting dibsDefault, "open" where it says nothing.',
          },
          reason: { type: "string", maxLength: MAX_REASON_CHARACTERS },
          deadAfter: { ...SPAN, description: "Ends the claim so long after its last heartbeat, whether it holds or waits." },
          wait: { ...WAIT, description: "Seconds to wait for the turn before answering." },
        },
      },
      LimitRequest: {
        type: "object",
        additionalProperties: false,
        required: ["for", "leaseId"],
        properties: {
          for: { ...LENGTH, description: 'From now on, 1 second to 30 days, or "open".' },
          leaseId: { type: "string", description: "The lease of the turn. 409 when it is not the claim's current one." },
        },
      },
      Holding: {
        type: "object",
        required: ["claimId", "status", "fencing", "expiresAt"],
        properties: {
          claimId: { type: "string" },
          status: { const: "holding" },
          leaseId: { type: "string", description: "Names this turn; for whoever made the claim." },
          fencing: { type: "integer", description: "Grows with every turn of the resource, and never shrinks." },
          expiresAt: {
            ...END,
            description: "The turn ends then, up to a minute late; null for an open turn, which ends when it is released.",
          },
        },
      },
      Waiting: {
        type: "object",
        required: ["claimId", "status", "position"],
        properties: {
          claimId: { type: "string" },
          status: { const: "waiting" },
          position: { type: "integer", minimum: 1, description: "1 is next." },
        },
      },
      Ended: {
        type: "object",
        required: ["claimId", "status", "endedAt"],
        properties: {
          claimId: { type: "string" },
          status: { enum: ["released", "left", "expired", "dead", "kicked"] },
          endedAt: TIME,
        },
      },
      Resource: {
        type: "object",
        required: ["name", "holder", "queue"],
        properties: {
          name: { type: "string" },
          holder: {
            oneOf: [
              { type: "null" },
              {
                type: "object",
                required: ["claimId", "owner", "since", "expiresAt", "fencing"],
                properties: {
                  claimId: { type: "string" },
                  owner: { type: "string" },
                  since: TIME,
                  expiresAt: { ...END, description: "Null for an open turn." },
                  fencing: { type: "integer" },
                  reason: { type: "string" },
                },
              },
            ],
          },
          queue: {
            type: "array",
            description: "Who waits, without the holder.",
            items: {
              type: "object",
              required: ["claimId", "owner", "position", "since", "forSeconds", "startsBy"],
              properties: {
                claimId: { type: "string" },
                owner: { type: "string" },
                position: { type: "integer" },
                since: TIME,
                forSeconds: { type: ["integer", "null"], description: "Null for an open turn." },
                startsBy: {
                  ...END,
                  description: "The latest start of the turn, if nobody extends or jumps the queue; null if an open turn comes before it.",
                },
                reason: { type: "string" },
              },
            },
          },
        },
      },
      PastClaim: {
        type: "object",
        required: ["claimId", "owner", "status", "joinedAt", "endedAt"],
        properties: {
          claimId: { type: "string" },
          owner: { type: "string" },
          status: { enum: ["released", "left", "expired", "dead", "kicked"] },
          joinedAt: TIME,
          since: { ...TIME, description: "When its turn began, if it had one." },
          fencing: { type: "integer" },
          endedAt: TIME,
          by: { type: "string", description: "Who ended it, if not its owner." },
          reason: { type: "string" },
        },
      },
      Problem: {
        type: "object",
        required: ["type", "title", "status", "code"],
        properties: {
          type: { const: "about:blank" },
          title: { type: "string" },
          status: { type: "integer" },
          code: { type: "string", description: "Stable; what a program may look at." },
          detail: { type: "string", description: "What is wrong, for a person." },
        },
      },
    },
  },
} as const;

export { OPEN_API };
