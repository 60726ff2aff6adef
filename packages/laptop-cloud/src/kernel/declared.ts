import { AwsError } from "./aws-error";
import type { Declared, ResourceKind } from "./service";

/** A resource's name on AWS: its `name`, or else `namePrefix` and its Pulumi name. Differs: AWS's provider appends digits. */
const physicalName = ({ name, inputs }: Declared): string => inputs["name"] ?? `${inputs["namePrefix"] ?? ""}${name}`;

/** A generated name of at least three characters. AWS's provider appends eight characters to each Pulumi name. */
const automaticName = (name: string): string => (name.length < 3 ? `${name}-auto` : name);

/** Returns the message of the `AwsError` that `read` throws, if any. So a declaration is refused for the same reasons as an API call. */
const refusalOf = (read: () => unknown): string | undefined => {
  try {
    read();
    return undefined;
  } catch (error) {
    if (error instanceof AwsError) return error.message;
    throw error;
  }
};

/** Properties that act. */
const acts = (...properties: string[]): ResourceKind["properties"] => Object.fromEntries(properties.map(property => [property, "acts"]));

/** Properties without effect on a laptop, and the reason. */
const inert = (reason: string, ...properties: string[]): ResourceKind["properties"] =>
  Object.fromEntries(properties.map(property => [property, reason]));

export { acts, automaticName, inert, physicalName, refusalOf };
