/** A registered resource of the program, as it would exist on AWS. */
interface Resource {
  type: string;
  /** The Pulumi name. */
  name: string;
  id: string;
  /** Resolved inputs with secrets in plain text; `secrets` has their paths. */
  // biome-ignore lint/suspicious/noExplicitAny: the inputs of every resource type of @pulumi/aws.
  inputs: Record<string, any>;
  /** Inputs and computed outputs together, as other resources see them. */
  // biome-ignore lint/suspicious/noExplicitAny: see inputs.
  outputs: Record<string, any>;
  /** Dotted paths of the inputs that the program marks as secret, "environment.variables.SIGNING_SECRET". */
  secrets: string[];
  /** Pulumi name of its component, if it has one. */
  parent?: string;
  /** Pulumi name of the outermost component around it. */
  group?: string;
}

/** The resources of the program, in order of registration. A reload of the program replaces them. */
class Inventory {
  /** How many reloads there were since the start. */
  revision = 0;
  #resources: readonly Resource[];

  constructor(resources: readonly Resource[]) {
    this.#resources = resources;
  }

  get resources(): readonly Resource[] {
    return this.#resources;
  }

  replace(resources: readonly Resource[]) {
    this.#resources = resources;
  }

  ofType(type: string): Resource[] {
    return this.resources.filter(resource => resource.type === type);
  }

  byArn(arn: string): Resource | undefined {
    return this.resources.find(resource => resource.outputs["arn"] === arn);
  }

  /** A copy for display, with masked secrets. */
  shown(): Resource[] {
    return this.resources.map(resource => ({
      ...resource,
      inputs: masked(resource.inputs, resource.secrets, "") as Resource["inputs"],
      outputs: masked(resource.outputs, resource.secrets, "") as Resource["outputs"],
    }));
  }
}

function masked(value: unknown, secrets: string[], path: string): unknown {
  if (secrets.includes(path)) return "[secret]";
  const at = (key: string | number) => (path === "" ? String(key) : `${path}.${key}`);
  if (Array.isArray(value)) return value.map((item, index) => masked(item, secrets, at(index)));
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, masked(item, secrets, at(key))]));
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

export type { Resource };
export { Inventory };
