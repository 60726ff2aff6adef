/** Prevents a run from overwriting the results of a newer upload with the same name. */
import { UploadGone } from "#core/errors";
import type { Upload } from "#core/upload";
import type { Bucket } from "#stores/bucket";

/** Throws `UploadGone` if the file was replaced. The newer upload's run writes to the same keys and may have finished. */
const verifyNewest = async (rawData: Pick<Bucket, "isReplaced">, { key, eTag }: Pick<Upload, "key" | "eTag">): Promise<void> => {
  if (await rawData.isReplaced(key, eTag)) throw new UploadGone(`The object ${key} was replaced by a newer one, whose run takes over.`);
};

export { verifyNewest };
