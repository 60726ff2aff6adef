import { rm } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { Endpoint } from "./endpoint";
import { Fallback } from "./endpoint/fallback";
import { Front } from "./front";
import { Calls } from "./kernel/calls";
import { Clock } from "./kernel/clock";
import { commandWith } from "./kernel/command-name";
import { Dispatcher } from "./kernel/dispatch";
import { Identities } from "./kernel/identities";
import type { Inventory } from "./kernel/inventory";
import { Occurrences } from "./kernel/occurrences";
import type { Cloud, Inspection, Place, ServiceDefinition } from "./kernel/service";
import { type State, StateStore } from "./kernel/state";
import { Weather } from "./kernel/weather";
import { RunningServices } from "./running-services";
import { createAuthorizer } from "./services/iam/authorizer";
import { awsPort, type Exceptions, pagePort, refuseStrangers } from "./strangers";

interface CloudOptions {
  /** State directory (`LOCAL_DIR`); made if it is missing. One process at a time. */
  directory: string;
  /** Deletes what earlier runs left in the directory. */
  fresh?: boolean;
  /** Port of the page's server; 0 = any free port. */
  port: number;
  /** Port of the AWS endpoint; 0 = any free port. */
  awsPort: number;
  /** The paths on the page's port that strangers may reach. Default: none. */
  exceptions?: Exceptions;
  region: string;
  /** See `Place`. */
  fallbackUrl?: string;
  /** The addresses of agents, by the ARN of their AgentCore Runtime. */
  runtimes?: Record<string, string>;
  inspection?: Inspection;
  /** All services that can be imitated. Those that the program declares are started. */
  definitions: ServiceDefinition[];
  /** Runs once both ports are known, since URLs are outputs. */
  declare(place: Place): Promise<Inventory>;
}

interface RunningCloud extends Cloud {
  /** Applies what the program declares after a reload. See `RunningServices.apply`. */
  apply: RunningServices["apply"];
  /** Ends everything, in reverse order. */
  stop(): Promise<void>;
}

/** The account that all ARNs on the laptop name. */
const account = "000000000000";

const noExceptions: Exceptions = { allowedHosts: [], signedDoors: [], landingPages: [] };

/** How long a start waits for the state directory's previous owner to let go, milliseconds. */
const lockWaitMs = 5000;

/**
 * Starts the laptop cloud: binds both servers, runs the program, and starts the services that it declares.
 *
 * Requests that arrive before all services have started wait until then. Throws when the state directory stays locked, when a port is
 * taken, and when the program declares what is not imitated; whatever was started is stopped again.
 */
const startCloud = async (options: CloudOptions): Promise<RunningCloud> => {
  const undo: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    // A folder of our own in the one that was named, so that starting over never deletes other files.
    const directory = join(options.directory, "cloud");
    const store = await (options.fresh ? openFresh : openState)(join(directory, "state"));
    undo.push(() => store.close());
    await requireFormat(store.namespace("cloud"), directory);

    const clockState = store.namespace("clock");
    const clock = new Clock({
      offsetMs: (await clockState.get<number>("offsetMs")) ?? 0,
      onMove: offsetMs => void clockState.put("offsetMs", offsetMs),
    });
    undo.push(async () => clock.stop());

    const front = new Front();
    const gate = createGate();
    const frontServer = await listen(
      { what: "The page", variable: "PORT", port: options.port },
      refuseStrangers(
        pagePort(options.exceptions ?? noExceptions),
        gate.guard((request, response) => front.handle(request, response)),
      ),
    );
    undo.push(() => close(frontServer));
    const pageUrl = urlOf(frontServer);
    let endpoint: Endpoint | undefined;
    const awsServer = await listen(
      { what: "The AWS endpoint", variable: "AWS_PORT", port: options.awsPort },
      refuseStrangers(
        awsPort(pageUrl),
        gate.guard((request, response) => endpoint!.handle(request, response)),
      ),
    );
    undo.push(() => close(awsServer));

    const { region, fallbackUrl, runtimes } = options;
    const place: Place = { region, account, awsUrl: urlOf(awsServer), pageUrl, fallbackUrl, runtimes };
    const inventory = await options.declare(place);
    const calls = new Calls();
    const weather = new Weather(Object.assign({}, ...options.definitions.map(({ faults }) => faults)));
    const identities = new Identities();
    const authorizer = createAuthorizer(inventory, place, () => clock.nowMs());
    const dispatcher = new Dispatcher(authorizer, calls, clock);
    const cloud: Cloud = {
      place,
      directory,
      inventory,
      inspection: options.inspection,
      clock,
      weather,
      calls,
      usage: () => authorizer.usage(),
      identities,
      occurrences: new Occurrences(),
      state: name => store.namespace(name),
      call: (service, operation, input, caller, signal) => dispatcher.dispatch(service, operation, input, caller, signal),
      senderOf: userAgent =>
        options.definitions.find(definition => definition.userAgent !== undefined && userAgent?.startsWith(definition.userAgent))?.name,
      mount: (prefix, handler) => front.mount(prefix, handler),
    };

    const started = new Set<string>();
    const services = new RunningServices(cloud, options.definitions, dispatcher, started);
    endpoint = new Endpoint({
      definitions: options.definitions,
      started,
      dispatcher,
      identities,
      weather,
      pageUrl,
      fallback: fallbackUrl === undefined ? undefined : new Fallback({ url: fallbackUrl, calls, clock }),
      nowMs: () => clock.nowMs(),
    });
    undo.push(() => services.stop());
    await services.start();
    undo.push(async () => {
      clock.halt();
      dispatcher.stop();
      store.giveUp();
    });
    await services.resume();
    gate.open();
    return { ...cloud, apply: (...change) => front.whileReloading(() => services.apply(...change)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

/** Increase it when the state of an earlier version can't be read any more. */
const stateFormat = 1;

/** Throws for the state of a newer cloud, because its entries may have another meaning. */
const requireFormat = async (state: State, directory: string) => {
  const format = (await state.get<number>("format")) ?? stateFormat;
  if (format > stateFormat) {
    throw new Error(
      `The state in ${directory} is of a newer laptop cloud (format ${format}, and this one knows ${stateFormat}): update this one, set LOCAL_DIR to another folder, or start over with \`${commandWith("--fresh")}\`.`,
    );
  }
  await state.put("format", stateFormat);
};

/** Relies on LevelDB's lock, which ends with its process, even after kill -9. */
const openState = async (directory: string): Promise<StateStore> => {
  const deadlineMs = performance.now() + lockWaitMs;
  for (;;) {
    const store = new StateStore(directory);
    try {
      await store.open();
      return store;
    } catch (error) {
      if (!isLocked(error)) throw error;
      if (performance.now() > deadlineMs) {
        const folder = dirname(dirname(directory));
        throw new Error(`Another laptop cloud runs in ${folder}: stop it with Ctrl-C, or set LOCAL_DIR to another folder.`, {
          cause: error,
        });
      }
      await new Promise(resolve => setTimeout(resolve, 100));
    }
  }
};

/** Empties the directory, even if its state is unreadable. Takes the lock first, because only the owner may do this. Throws if another process has it. */
const openFresh = async (directory: string): Promise<StateStore> => {
  try {
    const owned = await openState(directory);
    await owned.close();
  } catch (error) {
    if (isInUse(error)) throw error;
  }
  try {
    await rm(dirname(directory), { recursive: true, force: true });
  } catch (error) {
    // If LOCAL_DIR is a file, there is nothing to remove; opening it throws a sentence.
    if ((error as NodeJS.ErrnoException).code !== "ENOTDIR") throw error;
  }
  return openState(directory);
};

const isInUse = (error: unknown) => isLocked((error as Error).cause);

const isLocked = (error: unknown) => {
  const { cause } = error as { cause?: { code?: string } };
  return cause?.code === "LEVEL_LOCKED";
};

/** Makes requests wait until the cloud has started. */
const createGate = () => {
  let open = () => {};
  const opened = new Promise<void>(resolve => {
    open = resolve;
  });
  const guard =
    (handle: (...args: Parameters<RequestListener>) => Promise<void>): RequestListener =>
    (request, response) =>
      void opened.then(() => handle(request, response));
  return { open, guard };
};

/** A port to listen on, and how to choose another. */
interface Listening {
  /** "The page" */
  what: string;
  /** The environment variable that sets the port. */
  variable: string;
  port: number;
}

/** Throws `Error` with a sentence for a port that is taken or that needs more rights. */
const listen = async (listening: Listening, listener: RequestListener): Promise<Server> => {
  // Node would end a long poll or a slow upload after five minutes, and an idle connection after five seconds, just as a client reuses it.
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 65_000 }, listener);
  await new Promise<void>((resolve, reject) => {
    server.once("error", error => reject(explainPort(error, listening)));
    server.listen(listening.port, "127.0.0.1", resolve);
  });
  return server;
};

const explainPort = (cause: NodeJS.ErrnoException, { what, variable, port }: Listening): Error => {
  const reason = portReasons[cause.code ?? ""];
  if (reason === undefined) return cause;
  return new Error(
    `${what} can't listen on port ${port}, which ${reason}. Set ${variable} to another port, or to 0 for any free one: PORT=0 AWS_PORT=0 ${commandWith()}`,
    { cause },
  );
};

const portReasons: Record<string, string> = {
  EADDRINUSE: "another program uses (perhaps another laptop cloud)",
  EACCES: "this user may not open",
};

const close = (server: Server) =>
  new Promise<void>(resolve => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

const urlOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

export type { CloudOptions, RunningCloud };
export { startCloud };
