import { AwsError } from "./aws-error";
import type { Declared } from "./service";

/** What a resource is called on AWS: its `name`, or else its Pulumi name behind its `namePrefix`. Differs: AWS's provider adds digits. */
const physicalName = ({ name, inputs }: Declared): string => inputs["name"] ?? `${inputs["namePrefix"] ?? ""}${name}`;

/** An automatic name of what needs three characters at least: AWS's provider adds eight to each Pulumi name. */
const automaticName = (name: string): string => (name.length < 3 ? `${name}-auto` : name);

/** What the API would refuse, the declaration is refused for too: the sentence of the `AwsError` that reading it throws. */
const refusalOf = (read: () => unknown): string | undefined => {
  try {
    read();
    return undefined;
  } catch (error) {
    if (error instanceof AwsError) return error.message;
    throw error;
  }
};

export { automaticName, physicalName, refusalOf };
