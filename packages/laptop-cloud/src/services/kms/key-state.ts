import { AwsError } from "../../kernel/aws-error";
import type { Key } from "./key";

/** "Key states of AWS KMS keys" (KMS developer guide). */
type KeyState = "Enabled" | "Disabled" | "PendingDeletion";

const stateOf = ({ isEnabled, deletionMs }: Key): KeyState =>
  deletionMs !== undefined ? "PendingDeletion" : isEnabled ? "Enabled" : "Disabled";

/** Throws `AwsError` DisabledException or KMSInvalidStateException. */
const requireUsable = (key: Key) => {
  refusePending(key);
  if (!key.isEnabled) throw new AwsError("DisabledException", `${key.arn} is disabled.`);
};

/** Throws `AwsError` KMSInvalidStateException. */
const refusePending = ({ arn, deletionMs }: Key) => {
  if (deletionMs !== undefined) throw new AwsError("KMSInvalidStateException", `${arn} is pending deletion.`);
};

export { refusePending, requireUsable, stateOf };
