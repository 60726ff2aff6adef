import { AwsError } from "../../../kernel/aws-error";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { OperationOf } from "../../../kernel/service";
import type { Buffers } from "../buffers";
import type { DeliveryStreams } from "../store";

interface RecordInput {
  /** Base64. */
  Data: string;
}

/** PutRecord and PutRecordBatch (Firehose API reference), before base64. */
const MAX_RECORD_BYTES = 1000 * 1024;
const MAX_BATCH_BYTES = 4 * 1024 * 1024;
const MAX_BATCH_RECORDS = 500;

/** Behaves as PutRecord; differs: no limit of throughput. */
const putRecord: OperationOf<{ streams: DeliveryStreams; buffers: Buffers }> = async (
  { streams, buffers },
  input: { DeliveryStreamName: string; Record: RecordInput },
  call,
) => {
  refuseUnknownParameters(call, input, ["DeliveryStreamName", "Record"]);
  const stream = streams.open(call, input.DeliveryStreamName);
  const [RecordId] = await buffers.accept(stream, [parseData(input.Record)]);
  return { RecordId, Encrypted: false };
};

/** Behaves as PutRecordBatch; differs: no limit of throughput, so that no record of a batch fails. */
const putRecordBatch: OperationOf<{ streams: DeliveryStreams; buffers: Buffers }> = async (
  { streams, buffers },
  input: { DeliveryStreamName: string; Records: RecordInput[] },
  call,
) => {
  refuseUnknownParameters(call, input, ["DeliveryStreamName", "Records"]);
  const stream = streams.open(call, input.DeliveryStreamName);
  const count = Array.isArray(input.Records) ? input.Records.length : 0;
  if (count < 1 || count > MAX_BATCH_RECORDS)
    throw new AwsError("ValidationException", `Records has ${count} records, but must have 1 to ${MAX_BATCH_RECORDS}.`);
  const data = input.Records.map(parseData);
  const sizeBytes = data.reduce((sum, { length }) => sum + length, 0);
  if (sizeBytes > MAX_BATCH_BYTES)
    throw new AwsError("InvalidArgumentException", `Records has ${sizeBytes} bytes, but must have at most ${MAX_BATCH_BYTES}.`);
  const ids = await buffers.accept(stream, data);
  return { FailedPutCount: 0, Encrypted: false, RequestResponses: ids.map(RecordId => ({ RecordId })) };
};

/** Throws `AwsError` ValidationException. */
const parseData = (record: Partial<RecordInput> | undefined): Buffer => {
  if (typeof record?.Data !== "string")
    throw new AwsError("ValidationException", `Data is ${JSON.stringify(record?.Data)}, but must be bytes in base64.`);
  const bytes = Buffer.from(record.Data, "base64");
  if (bytes.length > MAX_RECORD_BYTES)
    throw new AwsError("ValidationException", `Data has ${bytes.length} bytes, but must have at most ${MAX_RECORD_BYTES}.`);
  return bytes;
};

export { putRecord, putRecordBatch };
