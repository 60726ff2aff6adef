import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { Declarations, NotImitated } from "../declare";
import { Inventory, type Resource } from "../kernel/inventory";
import type { Program } from "../kernel/program";
import type { Declared, Place } from "../kernel/service";
import type { ResourceService } from "../resource-services";
import { findManagedPolicy, managedPolicyArns, managedPolicyNamed } from "../services/iam/managed-policies";
import { buildPolicyDocument } from "../services/iam/policy-document";
import type { StackConfig } from "./config";
import "./no-glob";
import { Notes } from "./notes";
import { skipStackTraces } from "./without-stacks";

/** The results of a program: its resources, outputs and configuration. */
interface RanProgram extends Program {
  inventory: Inventory;
}

interface RunOptions {
  config: StackConfig;
  services: ResourceService[];
  place: Place;
  /** Loads the program; its exports are the stack's outputs. */
  load(): Promise<object>;
}

/** Parts of Pulumi's runtime that mocks need and that its types leave out. */
interface PulumiInternals {
  getMonitor(): Monitor;
  runInPulumiStack(init: () => Promise<object>): Promise<pulumi.Output<Record<string, unknown>> | undefined>;
  waitForRPCs(): Promise<void>;
  isRpcSecret(value: unknown): boolean;
  unwrapRpcSecret(value: unknown): unknown;
}
const internals = pulumi.runtime as unknown as PulumiInternals;

const log = pulumi.log as { warn: (typeof pulumi.log)["warn"] };
const { warn } = log;

/** What Pulumi asks the engine, as far as its mocks leave it out. */
interface Request {
  getType(): string;
  getName(): string;
  getParent(): string;
}
interface Registration extends Request {
  getRemote(): boolean;
}

/** Pulumi's mocked engine. */
interface Monitor {
  registerResource(request: Registration, callback: unknown): unknown;
  readResource(request: Request, callback: unknown): unknown;
  newUrn(parent: string, type: string, name: string): string;
}

/** What `pulumi.getOrganization()` returns, as for a stack without a backend. */
const ORGANIZATION = "organization";

/** How long a program may run after its first error, milliseconds: long enough to name other types that are refused. */
const GRACE_MS = 500;

/**
 * Runs a Pulumi program in this process, with the laptop cloud's declarations in place of the engine.
 *
 * Call it once per process, because Pulumi's runtime is global. Throws `NotImitated` for the first refused resource, or else the first
 * error of the program. Pulumi reports errors as unhandled rejections, repeatedly and sometimes late, so this listens for them.
 */
const runProgram = async ({ config, services, place, load }: RunOptions): Promise<RanProgram> => {
  const declarations = new Declarations(services, place);
  const notes = new Notes();
  const resources: Resource[] = [];
  const remoteTypes = new Set<string>();
  const problems: unknown[] = [];
  let giveUp = () => {};
  const gaveUp = new Promise<void>(resolve => {
    giveUp = resolve;
  });
  log.warn = warn;
  let endMs = Infinity;
  const collect = (problem: unknown) => {
    if (problems.push(problem) > 1) return;
    endMs = performance.now() + GRACE_MS;
    setTimeout(giveUp, GRACE_MS).unref();
    // Later warnings are about values that are missing because of the problem.
    log.warn = async () => {};
  };
  const collectStandstill = () => {
    collect(new Error("The program never ends: it waits for a promise that nothing settles."));
    giveUp();
  };
  process.on("unhandledRejection", collect);
  const stopWatching = watchForStandstill(collectStandstill);
  const undo = skipStackTraces();
  try {
    await pulumi.runtime.setMocks(
      {
        newResource: async ({ type, name, inputs, custom }) => {
          // Timers wait while Pulumi serializes callbacks.
          if (performance.now() > endMs) giveUp();
          if (custom === false && !remoteTypes.has(type)) return { id: undefined, state: {} };
          try {
            if (type.startsWith("pulumi:providers:")) return { id: name, state: checkProvider(name, type, inputs, place) };
            const resource = register(declarations, type, name, await withIds(inputs));
            const noted = { ...resource, ...(await notes.of(type, name, resource.secrets)) };
            resources.push(noted);
            for (const part of declarations.partsOf(resource))
              resources.push({ ...complete(declarations, part), parent: name, group: noted.group ?? name });
            return { id: resource.id, state: withoutFiles(resource.outputs) };
          } catch (error) {
            collect(error);
            return { id: name, state: inputs };
          }
        },
        call: ({ token, inputs }) => {
          try {
            return lookUp(token, inputs, place);
          } catch (error) {
            // Pulumi's own error names only the place that failed as a consequence.
            collect(error);
            throw error;
          }
        },
      },
      config.project,
      config.stack,
      false,
      ORGANIZATION,
    );
    pulumi.runtime.setAllConfig({ "aws:region": place.region, ...config.values }, config.secretKeys);
    noteRemoteTypes(remoteTypes);
    checkRequests(declarations, collect);
    let exported: object = {};
    const ran = async () => {
      await internals.runInPulumiStack(async () => {
        notes.take();
        exported = await load();
        return exported;
      });
      await internals.waitForRPCs();
      // @pulumi/aws declares some resources only when the process is idle, such as those of bucket.onObjectCreated.
      process.emit("beforeExit", 0);
      await internals.waitForRPCs();
      await new Promise(resolve => setImmediate(resolve));
    };
    await Promise.race([ran(), gaveUp]);
    if (problems.length > 0) throw summarize(problems);
    return { inventory: new Inventory(resources), ...(await readOutputs(exported)), config: config.values };
  } catch (error) {
    // What caused the error is reported a moment later.
    if (problems.length === 0) await new Promise(resolve => setImmediate(resolve));
    throw problems.length > 0 ? summarize(problems) : error;
  } finally {
    undo();
    stopWatching();
    // The same error is also an unhandled rejection, which would end the process before the error is reported.
    setImmediate(() => process.off("unhandledRejection", collect));
  }
};

/**
 * Notes the types of components that a provider creates, rather than the program itself. The laptop has no providers: it imitates some of
 * awsx's components, and refuses the others by name.
 */
const noteRemoteTypes = (types: Set<string>) => {
  const monitor = internals.getMonitor();
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) => {
    if (request.getRemote()) types.add(request.getType());
    return register(request, callback);
  };
};

/** Refuses what Pulumi's engine refuses and its mocks do not: a second resource with the same URN, and a lookup of one that does not exist. */
const checkRequests = (declarations: Declarations, refuse: (problem: Error) => void) => {
  const monitor = internals.getMonitor();
  const [register, read] = [monitor.registerResource.bind(monitor), monitor.readResource.bind(monitor)];
  /** The mocks keep the type of the nearest parent only; a URN contains those of all parents. */
  const typesByUrn = new Map<string, string>();
  const known = new Set<string>();
  monitor.registerResource = (request, callback) => {
    const [type, name, parent] = [request.getType(), request.getName(), request.getParent()];
    const parentType = typesByUrn.get(parent);
    const allTypes = parentType === undefined ? type : `${parentType}$${type}`;
    if (type !== STACK_TYPE) typesByUrn.set(monitor.newUrn(parent, type, name), allTypes);
    const urn = `${allTypes}::${name}`;
    if (known.has(urn))
      refuse(new NotImitated(`The program declares two resources of type ${type} with the name "${name}": Pulumi needs unique names.`));
    known.add(urn);
    return register(request, callback);
  };
  monitor.readResource = (request, callback) => {
    const [name, type] = [request.getName(), request.getType()];
    // Others are refused by their type.
    if (declarations.know(type))
      refuse(new NotImitated(`"${name}" is an existing ${type}, but the laptop cloud has only what the program declares.`));
    return read(request, callback);
  };
};

/** The stack is no part of the types in a URN. */
const STACK_TYPE = "pulumi:pulumi:Stack";

/** Refuses a provider for another region: there is one. */
const checkProvider = (name: string, type: string, inputs: Record<string, unknown>, { region }: Place) => {
  const other = inputs["region"];
  if (type === "pulumi:providers:aws" && other !== undefined && other !== region)
    throw new NotImitated(
      `The provider "${name}" is for ${JSON.stringify(other)}, but the laptop cloud has one region, aws:region: ${region}.`,
    );
  return inputs;
};

/** How often the process must be found idle: code that it has just run may have started something. */
const IDLE_TIMES = 3;

/** Calls back when the process has nothing left to wait for: a program that has not ended by then never will. Returns a function that stops watching. */
const watchForStandstill = (tell: () => void): (() => void) => {
  let times = 0;
  const noteIdle = () => {
    times += 1;
    if (times === IDLE_TIMES) tell();
    else setImmediate(() => {});
  };
  process.on("beforeExit", noteIdle);
  return () => process.off("beforeExit", noteIdle);
};

/** Replaces resources among the inputs (`role: role`) by their ids, as AWS's provider does. */
const withIds = async (inputs: Record<string, unknown>): Promise<Record<string, unknown>> =>
  Object.fromEntries(await Promise.all(Object.entries(inputs).map(async ([name, value]) => [name, await withId(value)] as const)));

const withId = async (value: unknown): Promise<unknown> => {
  if (pulumi.CustomResource.isInstance(value)) return promiseOf(value.id);
  if (Array.isArray(value)) return Promise.all(value.map(withId));
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype
    ? withIds(value as Record<string, unknown>)
    : value;
};

const register = (declarations: Declarations, type: string, name: string, rawInputs: Record<string, unknown>): Resource => {
  const secrets: string[] = [];
  const inputs = unwrap(rawInputs, "", secrets) as Record<string, unknown>;
  return { ...complete(declarations, { type, name, inputs }), secrets };
};

/** Pulumi keeps the inputs of what is missing here. Megabytes of code would be copied several times. */
const withoutFiles = (outputs: Resource["outputs"]) =>
  Object.fromEntries(
    Object.entries(outputs).filter(([, value]) => !pulumi.asset.Asset.isInstance(value) && !pulumi.asset.Archive.isInstance(value)),
  );

const complete = (declarations: Declarations, declared: Declared): Resource => ({
  ...declared,
  secrets: [],
  ...declarations.complete(declared),
});

/** Unwraps secrets and collects their paths. Assets and archives stay unchanged. */
const unwrap = (value: unknown, path: string, secrets: string[]): unknown => {
  if (internals.isRpcSecret(value)) {
    secrets.push(path);
    return unwrap(internals.unwrapRpcSecret(value), path, secrets);
  }
  if (Array.isArray(value)) return value.map((item, index) => unwrap(item, `${path}.${index}`, secrets));
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unwrap(item, path === "" ? key : `${path}.${key}`, secrets)]));
};

/** Provider functions that a program may call. */
const lookUp = (token: string, inputs: object, { region, account }: Place) => {
  switch (token) {
    case "aws:index/getRegion:getRegion":
      return { id: region, name: region, region, description: "The laptop", endpoint: `ec2.${region}.amazonaws.com` };
    case "aws:index/getCallerIdentity:getCallerIdentity":
      return { id: account, accountId: account, arn: `arn:aws:iam::${account}:root`, userId: account };
    case "aws:index/getPartition:getPartition":
      return { id: "aws", partition: "aws", dnsSuffix: "amazonaws.com", reverseDnsPrefix: "com.amazonaws" };
    case "aws:index/getAvailabilityZones:getAvailabilityZones": {
      const letters = ["a", "b", "c"];
      const zoneIds = letters.map((_, index) => `${region}-az${index + 1}`);
      return { id: region, region, names: letters.map(letter => region + letter), zoneIds, groupNames: [region] };
    }
    case "aws:iam/getPolicyDocument:getPolicyDocument": {
      const json = JSON.stringify(buildPolicyDocument(inputs));
      return { ...inputs, id: createHash("sha256").update(json).digest("hex"), json, minifiedJson: json };
    }
    case "aws:iam/getPolicy:getPolicy":
      return lookUpPolicy(inputs);
    default:
      throw new NotImitated(`The program calls ${token}, which the laptop cloud does not imitate.`);
  }
};

/** Behaves as `aws.iam.getPolicy`; differs: finds AWS's own policies only. */
const lookUpPolicy = (inputs: { arn?: string; name?: string }) => {
  const { arn, name } = inputs;
  const found = arn === undefined ? managedPolicyNamed(name ?? "") : findManagedPolicy(arn);
  if (found === undefined)
    throw new NotImitated(
      `The program calls getPolicy for ${JSON.stringify(arn ?? name)}, which is no AWS managed policy that the laptop cloud imitates. It knows ${managedPolicyArns().join(", ")}.`,
    );
  const policy = JSON.stringify(found.document);
  return {
    ...inputs,
    id: found.arn,
    arn: found.arn,
    name: found.name,
    path: found.path,
    policy,
    description: "",
    attachmentCount: 0,
    tags: {},
  };
};

/** Prefers a refusal, because it says more than Pulumi's error about it. An unknown type brings along the other ones. */
const summarize = (problems: unknown[]): unknown => {
  const refusals = problems.filter(problem => problem instanceof NotImitated);
  const [first] = refusals;
  if (first?.type === undefined) return first ?? problems[0];
  const others = new Set(refusals.flatMap(({ type }) => (type === undefined || type === first.type ? [] : [type])));
  return others.size === 0
    ? first
    : new NotImitated(first.message.replace(/ imitate\./, ` imitate, nor ${listTypes([...others].sort())}.`), first.type);
};

const listTypes = (types: string[]): string => {
  const more = types.length - MAX_LISTED_TYPES;
  return more > 1 ? `${types.slice(0, MAX_LISTED_TYPES).join(", ")} and ${more} more types` : types.join(", ");
};

/** More would hide the first one. */
const MAX_LISTED_TYPES = 4;

/** Reads the exports one by one, because the stack's own output no longer shows which of them are secret. */
const readOutputs = async (exported: object) => {
  const secretOutputs: string[] = [];
  const outputs: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(exported)) {
    const output = pulumi.output(value) as pulumi.Output<unknown>;
    if (await pulumi.isSecret(output)) secretOutputs.push(name);
    // As in JSON: undefined is omitted, dates are text.
    outputs[name] = JSON.parse(JSON.stringify((await promiseOf(output)) ?? null));
  }
  return { outputs, secretOutputs };
};

const promiseOf = <T>(output: pulumi.Output<T>) =>
  new Promise<pulumi.Unwrap<T>>(resolve => void output.apply(value => resolve(value as pulumi.Unwrap<T>)));

export { runProgram };
