import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { AwsError } from "../../kernel/aws-error";
import type { Cloud } from "../../kernel/service";
import type { State } from "../../kernel/state";
import { type Artefact, type CodeFiles, readCode, removeOthers, unpack } from "./artefact";
import type { DeployedFunction } from "./deployed-function";
import { arnOfFunction, parseFunctionName } from "./function-configuration";
import { eventInvokeConfigType, functionType, permissionType } from "./resources";
import { eventInvokeConfigurationOf } from "./resources/event-invoke-config";
import { configurationOf } from "./resources/function";
import { functionOf, statementOf } from "./resources/permission";

const keyOf = (name: string) => `function/${name}`;

/**
 * All functions, by name.
 *
 * The program's functions are deployed again at each start. Functions created by API calls are stored, unless the program declares one
 * with the same name.
 */
class Functions {
  readonly #functions = new Map<string, DeployedFunction>();
  #declared: ReadonlySet<string> = new Set();

  constructor(
    private readonly cloud: Cloud,
    private readonly state: State,
    private readonly directory: string,
    /** Called when a function was replaced or removed. */
    private readonly onChange: (name: string) => void,
  ) {}

  /** Throws `Error` for code that can't be read. */
  async load() {
    for (const deployed of await this.#readDeclared()) {
      this.#put(deployed);
      await removeOthers(deployed.artefact);
    }
    for (const [key, deployed] of await this.state.entries<DeployedFunction>(keyOf(""))) {
      if (this.#functions.has(deployed.configuration.name)) await this.state.delete(key);
      else this.#put(deployed);
    }
  }

  /**
   * Takes over the functions that the program declares after a reload. A function that is the same keeps its environments. Throws `Error`
   * for code that can't be read, before anything changes.
   */
  async update() {
    const before = this.#declared;
    for (const deployed of await this.#readDeclared()) {
      const { name } = deployed.configuration;
      if (isSame(this.#functions.get(name), deployed)) continue;
      this.#put(deployed);
      this.onChange(name);
    }
    for (const name of before) if (!this.#declared.has(name)) await this.remove(this.#functions.get(name)!);
  }

  all(): DeployedFunction[] {
    return [...this.#functions.values()].sort((a, b) => (a.configuration.name < b.configuration.name ? -1 : 1));
  }

  get(name: string): DeployedFunction | undefined {
    return this.#functions.get(name);
  }

  /** The ARN that a request refers to. The function need not exist, because permissions are checked first. */
  arnOf(functionName: string): string {
    return arnOfFunction(this.cloud.place, parseFunctionName(functionName).name);
  }

  /** By name, ARN or partial ARN. Throws `AwsError` ResourceNotFoundException; the one version is $LATEST. */
  find(functionName: string, qualifier?: string): DeployedFunction {
    const { name, qualifier: within } = parseFunctionName(functionName);
    const version = qualifier ?? within ?? "$LATEST";
    const deployed = this.#functions.get(name);
    if (deployed !== undefined && version === "$LATEST") return deployed;
    const arn = arnOfFunction(this.cloud.place, name) + (version === "$LATEST" ? "" : `:${version}`);
    throw new AwsError("ResourceNotFoundException", `Function not found: ${arn}`, 404, { Type: "User" });
  }

  unpack(name: string, files: CodeFiles): Promise<Artefact> {
    return unpack(join(this.directory, name), files);
  }

  /** Adds a function, or replaces the one with its name. */
  async deploy(deployed: DeployedFunction): Promise<DeployedFunction> {
    await this.keep(deployed);
    this.onChange(deployed.configuration.name);
    return deployed;
  }

  /** Like `deploy`, for changes that don't affect running environments: permissions and settings of asynchronous invocations. */
  async keep(deployed: DeployedFunction) {
    const { name } = deployed.configuration;
    if (!this.#declared.has(name)) await this.state.put(keyOf(name), deployed);
    this.#put(deployed);
  }

  async remove({ configuration: { name } }: DeployedFunction) {
    await this.state.delete(keyOf(name));
    this.#functions.delete(name);
    this.onChange(name);
  }

  #put(deployed: DeployedFunction) {
    this.#functions.set(deployed.configuration.name, deployed);
  }

  async #readDeclared(): Promise<DeployedFunction[]> {
    const declared = [];
    for (const resource of this.cloud.inventory.ofType(functionType)) declared.push(await this.#deployDeclared(resource));
    this.#declared = new Set(declared.map(({ configuration }) => configuration.name));
    return declared;
  }

  async #deployDeclared(resource: Parameters<typeof configurationOf>[0]): Promise<DeployedFunction> {
    const { inventory, place, clock } = this.cloud;
    const configuration = configurationOf(resource, place, clock.nowMs());
    const { name, arn } = configuration;
    const permissions = inventory.ofType(permissionType).filter(permission => functionOf(permission) === name);
    const config = inventory.ofType(eventInvokeConfigType).find(({ inputs }) => parseFunctionName(inputs["functionName"]).name === name);
    return {
      configuration,
      artefact: await this.#readAndUnpack(name, resource.inputs["code"]),
      policy: permissions.map(permission => statementOf(permission, arn)),
      eventInvoke: config === undefined ? undefined : eventInvokeConfigurationOf(config.inputs),
    };
  }

  async #readAndUnpack(name: string, code: Parameters<typeof readCode>[0]): Promise<Artefact> {
    try {
      return await this.unpack(name, await readCode(code));
    } catch (error) {
      throw new Error(`The code of the function "${name}" can't be deployed: ${(error as Error).message}`, { cause: error });
    }
  }
}

/** Whether code, configuration and permissions are the same. Every run of the program has another `lastModified`. */
const isSame = (known: DeployedFunction | undefined, deployed: DeployedFunction): boolean =>
  known !== undefined &&
  isDeepStrictEqual(known, { ...deployed, configuration: { ...deployed.configuration, lastModified: known.configuration.lastModified } });

export { Functions };
