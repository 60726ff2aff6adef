import type { ServiceDefinition } from "../../kernel/service";
import { Buffers } from "./buffers";
import { createOperations } from "./operations";
import { reconcile } from "./reconcile";
import { resources } from "./resources";
import { DeliveryStreams } from "./store";

/**
 * Amazon Data Firehose: delivery streams that write to S3. Behaves as its developer guide; differs: only the program creates streams, and
 * one function may transform records, which are not converted or partitioned.
 */
const firehose: ServiceDefinition = {
  name: "firehose",
  wire: { protocol: "aws-json", version: "1.1", target: "Firehose_20150804" },
  resources,
  create: cloud => {
    const streams = new DeliveryStreams(cloud);
    const buffers = new Buffers(streams);
    return {
      start: async () => {
        await streams.load();
        await reconcile(streams);
        await buffers.load();
      },
      resume: async () => buffers.resume(),
      stop: () => buffers.stop(),
      operations: createOperations(streams, buffers),
    };
  },
};

export { firehose };
