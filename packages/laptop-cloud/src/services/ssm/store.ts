import type { Resource } from "../../kernel/inventory";
import type { Cloud } from "../../kernel/service";
import { arnOf, parameterType } from "./resources";

/** The parameters that the program declares. They never change while the cloud runs. */
class Parameters {
  readonly startedMs: number;

  constructor(private readonly cloud: Cloud) {
    this.startedMs = cloud.clock.nowMs();
  }

  find(nameOrArn: string): Resource | undefined {
    return this.cloud.inventory.ofType(parameterType).find(({ outputs }) => [outputs["name"], outputs["arn"]].includes(nameOrArn));
  }

  /** The ARN that policies are checked against, also for a parameter that does not exist. */
  arnOf(nameOrArn: string): string {
    return nameOrArn.startsWith("arn:") ? nameOrArn : arnOf(nameOrArn, this.cloud.place);
  }
}

export { Parameters };
