import type { IncomingMessage, ServerResponse } from "node:http";
import type { Caller } from "./caller";
import type { CallFacts, Calls } from "./calls";
import type { Clock } from "./clock";
import type { Identities } from "./identities";
import type { Inventory, Resource } from "./inventory";
import type { Occurrences } from "./occurrences";
import type { State } from "./state";
import type { UsageReport } from "./usage";
import type { Fault, Weather } from "./weather";

/** The definition that a service folder exports: its Pulumi types, its protocol, and how to create it. */
interface ServiceDefinition {
  /** The service's name in a request's credential scope, "dynamodb". */
  name: string;
  /** The Pulumi resource types that it imitates, by type token. It is started when the program declares one of them. */
  resources: Record<string, ResourceKind>;
  /** Whether it always starts, like STS and IAM, whatever the program declares. */
  always?: boolean;
  /** Whether it reads the program's outputs or settings when it starts, so a reload that changes them concerns it. */
  readsProgram?: boolean;
  wire?: Wire;
  /** The service's own faults, by name. The weather can switch them on. */
  faults?: Record<string, Fault>;
  /** The prefix of the `User-Agent` in its own HTTP requests. The page shows these requests as coming from this service. */
  userAgent?: string;
  create(cloud: Cloud): Service;
}

interface Service {
  /** Loads what an earlier run stored, and creates what the program declares. Other services may not have started yet. */
  start(): Promise<void>;
  /** Continues interrupted work and starts deliveries, polls and timers. All services have started by now. */
  resume?(): Promise<void>;
  /**
   * Takes over what the program declares after a reload, without disturbing running work. A service without it is stopped, and a new one
   * is created and started in its place.
   */
  update?(): Promise<void>;
  /** Ends timers, children and connections. The state is already on disk. */
  stop(): Promise<void>;
  /** By AWS's operation names. Inputs and outputs are those of the SDK's commands. */
  operations: Record<string, Operation>;
}

// biome-ignore lint/suspicious/noExplicitAny: the shapes are AWS's; each operation declares the part that it reads.
type Operation = (input: any, call: Call) => Promise<object>;

/** An operation that is handed the part of its service that it works on, such as the service's store. `bindOperations` hands it over. */
// biome-ignore lint/suspicious/noExplicitAny: see Operation.
type OperationOf<Part> = (part: Part, input: any, call: Call) => Promise<object>;

/** One call of an operation, over HTTP or from another service. */
interface Call {
  /** The request id. */
  id: string;
  service: string;
  operation: string;
  caller: Caller;
  /**
   * Authorizes one action on one resource by the caller's role and the resource's policy, if it has one.
   * Throws `AccessDenied` (as the service names it), whose message names action, resource, role and the missing statement.
   */
  authorize(action: string, resourceArn: string, more?: AuthorizeMore): void;
  /** Adds facts to the call's record; later facts replace earlier ones of the same name. */
  note(facts: CallFacts): void;
  /** Aborted when the client hangs up or the cloud stops. */
  signal: AbortSignal;
}

interface AuthorizeMore {
  /** The policy of the resource: Lambda permissions, or the policy of a queue or topic. */
  resourcePolicy?: PolicyDocument;
  /** Whether a role's own policies count only if the resource's policy leaves the decision to the account, as a KMS key's does. */
  isPolicyRequired?: boolean;
  /** Condition keys in addition to those that the kernel sets (`aws:SourceArn`, `aws:SourceAccount`, `aws:PrincipalArn`). */
  context?: Record<string, string | string[]>;
}

interface PolicyDocument {
  Version?: string;
  Statement: PolicyStatement | PolicyStatement[];
}

interface PolicyStatement {
  Sid?: string;
  Effect: "Allow" | "Deny";
  Principal?: "*" | Record<string, string | string[]>;
  Action?: string | string[];
  NotAction?: string | string[];
  Resource?: string | string[];
  NotResource?: string | string[];
  Condition?: Record<string, Record<string, string | string[] | boolean | number>>;
}

/** A Pulumi resource type. A property that is not listed is refused by name. */
interface ResourceKind {
  /** The known input properties: "acts", or the reason why one has no effect on a laptop. `region` is always known: there is one. */
  properties: Record<string, string>;
  /** The input that is the path of a folder: the program's folder if it is missing. A service reads it as an archive's `path`. */
  folder?: string;
  /** For resources that keep data, which a replacement would lose. */
  data?: {
    /** Whether Pulumi would replace the resource, rather than change it. */
    isReplaced(before: Declared, after: Declared): boolean;
    /** How many items there are. */
    count(resource: Resource, cloud: Pick<Cloud, "call">): Promise<number>;
  };
  /** Refuses values that are not imitated: returns a sentence that quotes the value and names valid ones. */
  check?(resource: Declared): string | undefined;
  /** What is created together with the resource, such as the children of a component. It is declared after the resource. */
  parts?(resource: Declared, place: Place): Declared[];
  /** The id and the outputs that AWS would compute. Inputs are outputs already. */
  outputs(resource: Declared, place: Place): { id: string; [output: string]: unknown };
}

/** A resource as the program declares it. `name` is its Pulumi name; inputs are resolved, secrets unwrapped. */
interface Declared {
  type: string;
  name: string;
  // biome-ignore lint/suspicious/noExplicitAny: the inputs of every resource type of @pulumi/aws.
  inputs: Record<string, any>;
}

/** The addresses of the cloud. Base URLs have no slash at the end. */
interface Place {
  region: string;
  account: string;
  /** The AWS endpoint, `http://127.0.0.1:4566`. */
  awsUrl: string;
  /** The page's server, `http://127.0.0.1:3000`. */
  pageUrl: string;
  /** Another emulator, for calls of services that the laptop cloud does not have (`AWS_FALLBACK_ENDPOINT`). */
  fallbackUrl?: string;
  /** The addresses of agents that run as processes of your own, by the ARN of their AgentCore Runtime. */
  runtimes?: Record<string, string>;
}

/** A function to debug. */
interface Inspection {
  /** The function's Pulumi name. */
  name: string;
  /** Whether its module is loaded only when a debugger is attached. */
  waits: boolean;
  /** The debugger's port. It is the same after each reload. */
  port: number;
  /** Finds the source map of a file in the function's archive, an absolute path. */
  findMap(path: string): string | undefined;
}

/** The kernel as services see it. Services know one another through `call` only. */
interface Cloud {
  place: Place;
  /** State directory of this cloud (`LOCAL_DIR`), for artefacts and LevelDB folders of a service's own. */
  directory: string;
  inventory: Inventory;
  inspection?: Inspection;
  clock: Clock;
  weather: Weather;
  calls: Calls;
  /** Grants, used grants and denials since the start. */
  usage(): UsageReport;
  identities: Identities;
  occurrences: Occurrences;
  /** Durable key-value state of one service; survives kill -9. */
  state(name: string): State;
  /** Calls an operation of another service in-process, authorized and recorded like a call over HTTP. Throws `AwsError`. */
  // biome-ignore lint/suspicious/noExplicitAny: see Operation.
  call(service: string, operation: string, input: object, caller: Caller, signal?: AbortSignal): Promise<any>;
  /** The name of the service whose requests have this `User-Agent`. */
  senderOf(userAgent: string | undefined): string | undefined;
  /** Serves `PREFIX` and all paths below it on the page's server. The longest prefix wins. Returns a function that ends this. */
  mount(prefix: string, handler: HttpHandler): () => void;
}

type HttpHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

/** The protocol of a service. The endpoint finds the service by the request's credential scope. */
type Wire =
  /**
   * `X-Amz-Target: TARGET.Operation`, with JSON in both directions. `queryCodes`: the codes of errors that had another name in the query
   * protocol, which the service used to speak (Smithy's awsQueryCompatible). botocore and SDK v3 use these codes.
   */
  | { protocol: "aws-json"; version: "1.0" | "1.1"; target: string; queryCodes?: Record<string, string> }
  /** Form parameters in, XML out. Outputs: arrays become `<member>`, a `Map` becomes `<entry>`. */
  | { protocol: "query"; version: string }
  | {
      protocol: "rest";
      routes: RestRoute[];
      /** The percent-encoded path for routing. Default: the URL's path. S3 adds buckets in the host name and keeps dots. */
      readPath?(request: IncomingMessage): string;
      /** Whether its operations decide about requests of pages from other servers on this machine. Otherwise they are refused. */
      decidesOrigins?: true;
    };

/** The route of an operation in a REST protocol. Default input: path, query and JSON body merged. Default output: JSON. */
interface RestRoute {
  method: string;
  /**
   * "/2015-03-31/functions/{FunctionName}/invocations". A final `{Key+}` also matches slashes. Parameters after `?` must be in the query,
   * with the same value if one is given: "/{Bucket}?list-type=2".
   */
  path: string;
  /** A header that the request must have, "x-amz-copy-source". */
  header?: string;
  operation: string;
  /** Success status. Default: 200. */
  status?: number;
  /** Whether the operation reads the body as a stream (S3). */
  streams?: boolean;
  read?(request: RestRequest): object | Promise<object>;
  // biome-ignore lint/suspicious/noExplicitAny: see Operation.
  write?(output: any, request: RestRequest): RestReply;
}

interface RestRequest {
  method: string;
  path: string;
  parameters: Record<string, string>;
  query: URLSearchParams;
  headers: Record<string, string>;
  /** Empty if the route streams. */
  body: Buffer;
  stream: IncomingMessage;
}

interface RestReply {
  status: number;
  headers?: Record<string, string>;
  body?: string | Buffer | NodeJS.ReadableStream;
}

export type {
  AuthorizeMore,
  Call,
  Cloud,
  Declared,
  HttpHandler,
  Inspection,
  Operation,
  OperationOf,
  Place,
  PolicyDocument,
  PolicyStatement,
  Resource,
  ResourceKind,
  RestReply,
  RestRequest,
  RestRoute,
  Service,
  ServiceDefinition,
  Wire,
};
