import { acts, inert, physicalName } from "../../kernel/declared";
import type { ResourceKind } from "../../kernel/service";
import { BadDefinition, parseDefinition } from "./definition";
import { machineArn } from "./names";
import { machineType } from "./store";

const stateMachine: ResourceKind = {
  properties: {
    ...acts("name", "definition", "roleArn", "type"),
    ...inert("the history and the page show every step", "loggingConfiguration"),
    ...inert("traces are always kept here", "tracingConfiguration"),
    ...inert("nothing is encrypted on a laptop", "encryptionConfiguration"),
    ...inert("only the newest version runs here", "publish"),
    ...inert("only shown in the inventory", "tags"),
  },
  check: ({ inputs }) => {
    if (inputs["type"] !== undefined && inputs["type"] !== "STANDARD")
      return `type is "${inputs["type"]}": the laptop cloud imitates STANDARD only.`;
    return refusalOf(inputs["definition"]);
  },
  outputs: (declared, place) => {
    const name = physicalName(declared);
    const arn = machineArn(place, name);
    return {
      id: arn,
      arn,
      name,
      type: "STANDARD",
      status: "ACTIVE",
      stateMachineVersionArn: arn,
      tagsAll: declared.inputs["tags"] ?? {},
      // All machines are created at the start of the cloud.
      creationDate: new Date(0).toISOString(),
      description: "",
      revisionId: "",
      versionDescription: "",
    };
  },
};

const refusalOf = (definition: string): string | undefined => {
  try {
    parseDefinition(definition);
    return undefined;
  } catch (error) {
    if (error instanceof BadDefinition) return error.message;
    throw error;
  }
};

/** The Pulumi types of Step Functions that the laptop cloud knows. */
const resources: Record<string, ResourceKind> = { [machineType]: stateMachine };

export { resources };
