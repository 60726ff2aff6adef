import { physicalName } from "../../kernel/declared";
import type { ResourceKind } from "../../kernel/service";
import { BadDefinition, parseDefinition } from "./definition";
import { machineArn } from "./names";
import { machineType } from "./store";

const stateMachine: ResourceKind = {
  properties: {
    name: "acts",
    definition: "acts",
    roleArn: "acts",
    type: "acts",
    loggingConfiguration: { inert: "the history and the page show every step" },
    tracingConfiguration: { inert: "traces are always kept here" },
    encryptionConfiguration: { inert: "nothing is encrypted on a laptop" },
    publish: { inert: "only the newest version runs here" },
    region: { inert: "there is one region" },
    tags: { inert: "only shown in the inventory" },
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
