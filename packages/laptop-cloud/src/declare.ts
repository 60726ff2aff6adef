import type { Declared, Place, ResourceKind } from "./kernel/service";
import type { ResourceService } from "./resource-services";

/** The program declares a type, property or value that the laptop cloud does not imitate. The message names it. */
class NotImitated extends Error {
  override name = "NotImitated";

  constructor(
    message: string,
    /** The resource type that is unknown as a whole. */
    readonly type?: string,
  ) {
    super(message);
  }
}

interface Completed {
  id: string;
  // biome-ignore lint/suspicious/noExplicitAny: the outputs of every resource type of @pulumi/aws.
  outputs: Record<string, any>;
}

/** Gives declared resources the ids and outputs that AWS would give. */
class Declarations {
  readonly #kinds: ReadonlyMap<string, ResourceKind>;

  constructor(
    services: ResourceService[],
    private readonly place: Place,
  ) {
    this.#kinds = new Map(services.flatMap(({ resources }) => Object.entries(resources)));
  }

  know(type: string): boolean {
    return this.#kinds.has(type);
  }

  /** What is created together with a resource, in order. */
  partsOf(declared: Declared): Declared[] {
    return this.#kinds.get(declared.type)?.parts?.(declared, this.place) ?? [];
  }

  /** Throws `NotImitated`. */
  complete(declared: Declared): Completed {
    const kind = this.#kinds.get(declared.type);
    if (kind === undefined) {
      throw new NotImitated(
        `"${declared.name}" is a ${declared.type}, which the laptop cloud does not imitate.${this.#explainFallback()}`,
        declared.type,
      );
    }
    for (const [property, value] of Object.entries(declared.inputs)) {
      if (value !== undefined && property !== "region" && !Object.hasOwn(kind.properties, property)) {
        throw new NotImitated(`"${declared.name}" (${declared.type}) sets ${property}, which the laptop cloud does not imitate.`);
      }
    }
    const { region } = this.place;
    const { region: other = region } = declared.inputs;
    if (other !== region) {
      throw new NotImitated(
        `"${declared.name}" (${declared.type}) is for ${JSON.stringify(other)}, but the laptop cloud has one region, aws:region: ${region}.`,
      );
    }
    const refusal = kind.check?.(declared);
    if (refusal !== undefined) throw new NotImitated(`"${declared.name}" (${declared.type}): ${refusal}`);
    const { id, ...outputs } = kind.outputs(declared, this.place);
    return { id, outputs: { ...declared.inputs, ...outputs, id } };
  }

  #explainFallback() {
    return this.place.fallbackUrl === undefined
      ? ""
      : ` It passes calls on to ${this.place.fallbackUrl} (AWS_FALLBACK_ENDPOINT), but creates no resources there.`;
  }
}

export { Declarations, NotImitated };
