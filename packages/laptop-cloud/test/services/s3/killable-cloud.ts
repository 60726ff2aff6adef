/** A killable laptop cloud with one bucket. Its topic refuses everything, so that events stay undelivered. */

import { reportStart, startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { AwsError } from "../../../src/kernel/aws-error";
import { s3 } from "../../../src/services/s3";
import { createSibling } from "../../sibling";
import { bucketResources } from "./bucket-resources";

const sns = createSibling("sns", {
  Publish: () => {
    throw new AwsError("ServiceUnavailable", "down", 503);
  },
});

reportStart(
  startLaptop({ definitions: [s3, sns.definition], resources: bucketResources, directory: process.argv[2] }).then(({ client }) => client),
);
