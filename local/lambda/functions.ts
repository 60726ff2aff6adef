import { AwsError } from "../kernel/aws-error";
import type { Place } from "../kernel/service";
import type { DeployedFunction } from "./deployed-function";
import { arnOfFunction, parseFunctionName } from "./function-configuration";

/** The functions that there are, by name. */
class Functions {
  readonly #functions = new Map<string, DeployedFunction>();

  constructor(private readonly place: Place) {}

  all(): DeployedFunction[] {
    return [...this.#functions.values()].sort((a, b) => (a.configuration.name < b.configuration.name ? -1 : 1));
  }

  get(name: string): DeployedFunction | undefined {
    return this.#functions.get(name);
  }

  put(deployed: DeployedFunction) {
    this.#functions.set(deployed.configuration.name, deployed);
  }

  delete(name: string) {
    this.#functions.delete(name);
  }

  /** The ARN that a request means, whether there is such a function or not: what is checked first is the permission. */
  arnOf(functionName: string): string {
    return arnOfFunction(this.place, parseFunctionName(functionName).name);
  }

  /** By name, ARN or partial ARN. Throws `AwsError` ResourceNotFoundException; the one version is $LATEST. */
  find(functionName: string, qualifier?: string): DeployedFunction {
    const { name, qualifier: within } = parseFunctionName(functionName);
    const version = qualifier ?? within ?? "$LATEST";
    const deployed = this.#functions.get(name);
    if (deployed !== undefined && version === "$LATEST") return deployed;
    const arn = arnOfFunction(this.place, name) + (version === "$LATEST" ? "" : `:${version}`);
    throw new AwsError("ResourceNotFoundException", `Function not found: ${arn}`, 404, { Type: "User" });
  }
}

export { Functions };
