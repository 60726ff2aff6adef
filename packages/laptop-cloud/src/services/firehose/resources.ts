import { acts, inert, physicalName, refusalOf } from "../../kernel/declared";
import type { Declared, Place, ResourceKind } from "../../kernel/service";
import { parseDefinition } from "./delivery-stream";

const resources: Record<string, ResourceKind> = {
  "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": {
    properties: {
      ...acts("name", "destination", "extendedS3Configuration", "tags"),
      ...inert("nothing is encrypted at rest", "serverSideEncryption"),
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
