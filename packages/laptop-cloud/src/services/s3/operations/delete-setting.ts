import type { OperationOf } from "../../../kernel/service";
import { authorizeBucket } from "../access";
import type { ChangedSettings } from "../settings";
import type { Store } from "../store";
import type { BucketAddress } from "./buckets";

/** Behaves as the operations that delete one setting of a bucket (Amazon S3 API Reference). What the program declares comes back at a restart. */
const deleteSetting =
  (action: string, setting: keyof ChangedSettings): OperationOf<Store> =>
  async (store, { Bucket }: BucketAddress, call) => {
    authorizeBucket(store, call, action, Bucket);
    await store.change(Bucket, { [setting]: null });
    return {};
  };

export { deleteSetting };
