import type { OperationOf } from "../../../kernel/service";
import { authorizeObject } from "../access";
import { parseChecksumAlgorithm, receiveUpload, type UploadInput } from "../incoming-body";
import { verifyKey } from "../names";
import { type DescriptionInput, readDescription } from "../object-description";
import { checkWrite, type Preconditions } from "../precondition";
import type { Store } from "../store";
import { writtenOutput } from "../written-output";

type PutObjectInput = { Bucket: string; Key: string } & DescriptionInput & UploadInput & Preconditions;

/** Behaves as PutObject (Amazon S3 API Reference); differs: no ACLs, no object lock, encryption is in name only. */
const putObject: OperationOf<Store> = async (store, input: PutObjectInput, call) => {
  const { Bucket, Key } = input;
  authorizeObject(store, call, "s3:PutObject", { Bucket, Key });
  if (input.Tagging !== undefined) authorizeObject(store, call, "s3:PutObjectTagging", { Bucket, Key });
  verifyKey(Key);
  const description = readDescription(input);
  // Preconditions are checked before the body is read, and again when the object is written.
  checkWrite(store.bucket(Bucket).current(Key), Key, input);

  const upload = await receiveUpload(store.bodies, input, parseChecksumAlgorithm(input.ChecksumAlgorithm));
  const { segments, sizeBytes, md5, checksum } = upload;
  const version = await store.put(
    Bucket,
    { key: Key, ...description, segments, sizeBytes, etag: md5, checksum },
    { eventName: "ObjectCreated:Put", call },
    current => checkWrite(current, Key, input),
  );
  return writtenOutput(store.bucket(Bucket), version);
};

export { putObject };
