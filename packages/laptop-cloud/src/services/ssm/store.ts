import { AwsError } from "../../kernel/aws-error";
import type { Cloud } from "../../kernel/service";
import { addVersion, arnOf, type Draft, latestOf, type Parameter, type ParameterVersion } from "./parameter";

/** A parameter, one of its versions, and how the request chose it. */
interface Found {
  parameter: Parameter;
  version: ParameterVersion;
  /** `:3` or `:LABEL` */
  selector?: string;
}

/** All parameters. Those that only the program has set are not stored, because it declares them again. */
class Parameters {
  readonly #parameters = new Map<string, Parameter>();

  constructor(readonly cloud: Cloud) {}

  get #state() {
    return this.cloud.state("ssm");
  }

  async load() {
    for (const [, parameter] of await this.#state.entries<Parameter>("parameter/")) this.#parameters.set(parameter.name, parameter);
  }

  /** Sorted by name. */
  all(): Parameter[] {
    return [...this.#parameters.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** By name or ARN. */
  find(nameOrArn: string): Parameter | undefined {
    return this.#parameters.get(nameOrArn) ?? this.all().find(({ name }) => this.arnOf(name) === nameOrArn);
  }

  /** Throws `AwsError` ParameterNotFound. */
  get(nameOrArn: string): Parameter {
    const parameter = this.find(nameOrArn);
    if (parameter === undefined) throw new AwsError("ParameterNotFound", `There is no parameter ${JSON.stringify(nameOrArn)}.`);
    return parameter;
  }

  /** By name or ARN, with or without a version or label: `NAME:3`. Throws `AwsError` ParameterNotFound, ParameterVersionNotFound. */
  select(reference: string): Found {
    const { address, selector } = splitReference(reference);
    const parameter = this.get(address);
    if (selector === undefined) return { parameter, version: latestOf(parameter) };
    const version = parameter.versions.find(each => String(each.version) === selector || each.labels.includes(selector));
    if (version === undefined)
      throw new AwsError("ParameterVersionNotFound", `There is no version or label ${selector} of the parameter ${parameter.name}.`);
    return { parameter, version, selector: `:${selector}` };
  }

  /** The ARN that policies are checked against, also for a parameter that does not exist. */
  arnOf(reference: string): string {
    const { address } = splitReference(reference);
    return address.startsWith("arn:") ? address : arnOf(address, this.cloud.place);
  }

  /** Takes over what the program declares: a value that differs from the current one is a new version. */
  async declare({ value, ...draft }: Draft, tags: Record<string, string>) {
    const existing = this.#parameters.get(draft.name);
    const versions = existing?.versions ?? [];
    const isSame = existing !== undefined && latestOf(existing).value === value;
    const declared = {
      ...draft,
      tags,
      versions: isSame ? versions : addVersion(versions, value, this.cloud.clock.nowMs()),
      declared: true,
    };
    if (existing === undefined) this.#parameters.set(draft.name, declared);
    else await this.put(declared);
  }

  /** Stores a parameter. */
  async put(parameter: Parameter) {
    this.#parameters.set(parameter.name, parameter);
    await this.#state.put(`parameter/${parameter.name}`, parameter);
  }

  async delete({ name }: Parameter) {
    this.#parameters.delete(name);
    await this.#state.delete(`parameter/${name}`);
  }
}

/** The selector follows the last colon of a name. ARNs have colons of their own. */
const splitReference = (reference: string): { address: string; selector?: string } => {
  const [, address, selector] = /^(arn:aws:ssm:[^:]*:[^:]*:[^:]*|[^:]*):([^:]+)$/.exec(reference) ?? [];
  return address === undefined ? { address: reference } : { address, selector };
};

export type { Found };
export { Parameters };
