/** A laptop cloud with one bucket, in a process that a test can kill. Its topic refuses everything, so that events stay undelivered. */
import { AwsError } from "../../../src/kernel/aws-error";
import { s3 } from "../../../src/services/s3";
import { startLaptop } from "../../laptop";
import { createSibling } from "../../sibling";
import { bucketResources } from "./bucket-resources";

const sns = createSibling("sns", {
  Publish: () => {
    throw new AwsError("ServiceUnavailable", "down", 503);
  },
});

startLaptop({ definitions: [s3, sns.definition], resources: bucketResources, directory: process.argv[2]! }).then(
  ({ client }) => process.send!(client),
  error => {
    console.error(error);
    process.exitCode = 1;
  },
);
