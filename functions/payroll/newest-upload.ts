/** Keeps a run from writing over what the run of a newer upload of the same name wrote. */
import { UploadGone } from "#core/errors";
import type { PayrollUpload } from "#core/payroll/upload";
import type { Bucket } from "#stores/bucket";

/** Throws `UploadGone` when the file was replaced: the newer one's run writes under the same keys, and may be done already. */
const verifyNewest = async (rawData: Pick<Bucket, "isReplaced">, { key, eTag }: Pick<PayrollUpload, "key" | "eTag">): Promise<void> => {
  if (await rawData.isReplaced(key, eTag)) throw new UploadGone(`The object ${key} was replaced by a newer one, whose run takes over.`);
};

export { verifyNewest };
