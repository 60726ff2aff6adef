import { physicalName, refusalOf } from "../../kernel/declared";
import type { Declared, Place, ResourceKind } from "../../kernel/service";
import { parseDefinition } from "./delivery-stream";

const resources: Record<string, ResourceKind> = {
  "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": {
    properties: {
      name: "acts",
      destination: "acts",
      extendedS3Configuration: "acts",
      tags: "acts",
      serverSideEncryption: { inert: "nothing is encrypted at rest" },
      region: { inert: "there is one region" },
    },
    check: declared => refusalOf(() => readDeclared(declared, NOWHERE)),
    outputs: (declared, place) => {
      const { arn, name } = readDeclared(declared, place);
      return { id: arn, arn, name, destinationId: "destinationId-000000000001", versionId: "1", tagsAll: declared.inputs["tags"] ?? {} };
    },
  },
};

/** A check needs no ARN. */
const NOWHERE: Place = { region: "us-east-1", account: "000000000000", awsUrl: "", pageUrl: "" };

/** Throws `AwsError` InvalidArgumentException. */
const readDeclared = (declared: Declared, place: Place) => parseDefinition(physicalName(declared), declared.inputs, place);

export { readDeclared, resources };
