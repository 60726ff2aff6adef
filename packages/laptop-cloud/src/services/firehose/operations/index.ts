import type { Service } from "../../../kernel/service";
import type { Buffers } from "../buffers";
import type { DeliveryStreams } from "../store";
import { putRecord, putRecordBatch } from "./records";
import { describeDeliveryStream, listDeliveryStreams, listTagsForDeliveryStream } from "./streams";

/** The operations by the names that AWS gives them. */
const createOperations = (streams: DeliveryStreams, buffers: Buffers): Service["operations"] => ({
  DescribeDeliveryStream: describeDeliveryStream(streams),
  ListDeliveryStreams: listDeliveryStreams(streams),
  ListTagsForDeliveryStream: listTagsForDeliveryStream(streams),
  PutRecord: putRecord(streams, buffers),
  PutRecordBatch: putRecordBatch(streams, buffers),
});

export { createOperations };
