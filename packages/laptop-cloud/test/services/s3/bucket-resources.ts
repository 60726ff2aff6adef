import type { Declared } from "../../../src/kernel/service";

/** A bucket, `raw`, that notifies a topic of each CSV file. */
const bucketResources: Declared[] = [
  { type: "aws:s3/bucket:Bucket", name: "raw", inputs: {} },
  {
    type: "aws:s3/bucketNotification:BucketNotification",
    name: "uploads",
    inputs: {
      bucket: "raw",
      topics: [
        {
          id: "csv",
          topicArn: "arn:aws:sns:us-east-1:000000000000:uploads",
          events: ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"],
          filterPrefix: "in/",
          filterSuffix: ".csv",
        },
      ],
    },
  },
];

export { bucketResources };
