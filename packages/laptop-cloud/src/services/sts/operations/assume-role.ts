import { notImitated } from "../../../kernel/aws-error";
import type { OperationOf } from "../../../kernel/service";

/** Always refuses: the laptop cloud creates the sessions itself, one for each execution environment. */
const assumeRole: OperationOf<unknown> = async () => {
  throw notImitated('sts:AssumeRole: functions have their roles already, and the access key "test" may do everything');
};

export { assumeRole };
