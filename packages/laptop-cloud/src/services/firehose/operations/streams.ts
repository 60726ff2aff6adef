import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { OperationOf } from "../../../kernel/service";
import { listTags } from "../../../kernel/tags";
import type { DeliveryStream } from "../delivery-stream";
import type { DeliveryStreams } from "../store";

const DEFAULT_LIMIT = 10;

const describeDeliveryStream: OperationOf<DeliveryStreams> = async (streams, input: { DeliveryStreamName: string }, call) => {
  refuseUnknownParameters(call, input, ["DeliveryStreamName", "Limit", "ExclusiveStartDestinationId"]);
  const { name, arn, version, createdMs, ...definition } = streams.open(call, input.DeliveryStreamName);
  const description = {
    RoleARN: definition.roleArn,
    BucketARN: definition.bucketArn,
    Prefix: definition.prefix,
    ErrorOutputPrefix: definition.errorOutputPrefix,
    BufferingHints: { SizeInMBs: definition.bufferingSize, IntervalInSeconds: definition.bufferingSeconds },
    CompressionFormat: definition.compression,
    FileExtension: definition.fileExtension,
    CustomTimeZone: "UTC",
    EncryptionConfiguration: { NoEncryptionConfig: "NoEncryption" },
    S3BackupMode: "Disabled",
  };
  const ProcessingConfiguration = describeTransformation(definition);
  return {
    DeliveryStreamDescription: {
      DeliveryStreamName: name,
      DeliveryStreamARN: arn,
      DeliveryStreamStatus: "ACTIVE",
      DeliveryStreamType: "DirectPut",
      VersionId: String(version),
      CreateTimestamp: createdMs / 1000,
      Destinations: [
        {
          DestinationId: "destinationId-000000000001",
          S3DestinationDescription: description,
          ExtendedS3DestinationDescription: { ...description, ProcessingConfiguration },
        },
      ],
      HasMoreDestinations: false,
    },
  };
};

const describeTransformation = ({ transformation }: Pick<DeliveryStream, "transformation">) => {
  if (transformation === undefined) return { Enabled: false, Processors: [] };
  const values = {
    LambdaArn: transformation.functionArn,
    NumberOfRetries: transformation.retries,
    BufferIntervalInSeconds: transformation.bufferingSeconds,
    BufferSizeInMBs: transformation.bufferingSize,
  };
  const Parameters = Object.entries(values).map(([ParameterName, value]) => ({ ParameterName, ParameterValue: String(value) }));
  return { Enabled: true, Processors: [{ Type: "Lambda", Parameters }] };
};

const listDeliveryStreams: OperationOf<DeliveryStreams> = async (
  streams,
  input: { Limit?: number; DeliveryStreamType?: string; ExclusiveStartDeliveryStreamName?: string },
  call,
) => {
  refuseUnknownParameters(call, input, ["Limit", "DeliveryStreamType", "ExclusiveStartDeliveryStreamName"]);
  call.authorize("firehose:ListDeliveryStreams", "*");
  const { Limit = DEFAULT_LIMIT, DeliveryStreamType = "DirectPut", ExclusiveStartDeliveryStreamName: after = "" } = input;
  const all = DeliveryStreamType === "DirectPut" ? streams.all() : [];
  const names = all
    .map(({ name }) => name)
    .filter(name => name > after)
    .sort();
  return { DeliveryStreamNames: names.slice(0, Limit), HasMoreDeliveryStreams: names.length > Limit };
};

/** Behaves as ListTagsForDeliveryStream; differs: one page. */
const listTagsForDeliveryStream: OperationOf<DeliveryStreams> = async (streams, input: { DeliveryStreamName: string }, call) => {
  refuseUnknownParameters(call, input, ["DeliveryStreamName"]);
  const { tags } = streams.open(call, input.DeliveryStreamName);
  return { Tags: listTags(tags), HasMoreTags: false };
};

export { describeDeliveryStream, listDeliveryStreams, listTagsForDeliveryStream };
