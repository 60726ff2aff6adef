import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { IsNamed } from "#core/named";
import type { Grant, Verbs } from "./grants";

/** A module of `functions/` or `subscribers/`, as its factory: settings in, the function that Lambda invokes out. */
interface Module<Settings, Event, Result> {
  create(settings: Settings): aws.lambda.Callback<Event, Result>;
}

/** What a module's settings look like in the program: an edge for each name of a resource, plain values for the rest. */
type Wiring<Settings> = { [Key in keyof Settings]: Wired<Settings[Key]> };
type Wired<T> = IsNamed<T> extends true ? Edge<NonNullable<T>> : T extends Plain ? T : Wiring<T>;
/** A wiring with options of the function beside its settings. A setting that has the name of an option fails the compilation. */
type WiringWith<Options, Settings> = Wiring<Settings> & Options & (keyof Settings & keyof Options extends never ? unknown : never);

type Plain = string | number | boolean | null | undefined | readonly unknown[];

/** The names among settings that share their grants, and the plain values beside them. */
type Names<Settings> = { [Key in keyof Settings]: IsNamed<Settings[Key]> extends true ? pulumi.Output<string> : Settings[Key] };

/** What `ScopedFunction` takes from a wiring. */
interface WiredFunction<Event, Result> {
  allow: Grant[];
  callbackFactory: aws.lambda.CallbackFactory<Event, Result>;
}

/**
 * The name of a resource for a function, together with what the function may do with that resource.
 *
 * An edge that no function gets fails the program: a later key of the same wiring has replaced it, and its grants would be lost.
 */
class Edge<Name> {
  /** For the type checker only. */
  declare readonly received: Name;
  #isWired = false;

  constructor(
    readonly name: pulumi.Input<string>,
    readonly grants: readonly Grant[],
  ) {
    const actions = grants.flatMap(grant => grant.actions).join(", ") || "nothing";
    const lost = new Error(`No function gets this name, which grants ${actions}. Does another key of the same wiring replace it?`);
    // The program is synchronous, so all of its statements have run before the first microtask runs.
    void Promise.resolve().then(() => {
      if (!this.#isWired) throw lost;
    });
  }

  /** Hands the name over. */
  wire(): pulumi.Input<string> {
    this.#isWired = true;
    return this.name;
  }
}

/** The edge to a resource: its name, and what the verbs allow. */
const edgeTo = <Resource, Name>(resource: Resource, name: pulumi.Input<string>, verbs: Verbs<Resource>): Edge<Name> =>
  new Edge(
    name,
    verbs.map(verb => verb(resource)),
  );

/** A name that needs no grant, because the function only compares it or passes it on. */
const withoutGrant = <Name>(name: pulumi.Input<string>): Edge<Name> => new Edge(name, []);

/** Gives the same grants to names that are only used together. */
const shareGrants = <Settings extends object>(names: Names<Settings>, grants: readonly Grant[]): Wiring<Settings> =>
  mapValues(names, value =>
    pulumi.Output.isInstance(value) ? new Edge(value as pulumi.Output<string>, grants) : value,
  ) as Wiring<Settings>;

/** Connects a module to what it works with: its settings, and the grants that come with the names among them. */
const wire = <Settings extends object, Event, Result>(
  load: () => Module<Settings, Event, Result>,
  wiring: Wiring<NoInfer<Settings>>,
): WiredFunction<Event, Result> => {
  const grants = new Set<Grant>();
  const settings = pulumi.output(handOver(wiring, grants)) as unknown as pulumi.Output<Settings>;
  return { allow: [...grants], callbackFactory: () => load().create(settings.get()) };
};

/** Replaces the edges of a wiring by their names, and collects their grants. */
const handOver = (value: unknown, grants: Set<Grant>): unknown => {
  if (value instanceof Edge) {
    for (const grant of value.grants) if (![...grants].some(known => isSame(known, grant))) grants.add(grant);
    return value.wire();
  }
  return isPlainObject(value) ? mapValues(value, each => handOver(each, grants)) : value;
};

/** Several names among the settings may come with the same grant of the same resource. */
const isSame = (known: Grant, grant: Grant): boolean =>
  known.condition === undefined &&
  grant.condition === undefined &&
  known.actions.join() === grant.actions.join() &&
  known.resources.length === grant.resources.length &&
  known.resources.every((resource, position) => resource === grant.resources[position]);

/** Leaves undefined values out: the engine refuses them in what a callback captures. */
const mapValues = (record: object, map: (value: unknown) => unknown): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(record)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, map(value)]),
  );

const isPlainObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;

export type { Module, Names, Wiring, WiringWith };
export { Edge, edgeTo, shareGrants, wire, withoutGrant };
