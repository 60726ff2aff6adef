import type { OperationOf } from "../../../kernel/service";
import type { Mailbox } from "../store";

/** Stores a mail. AWS has no such operation: other services of the laptop cloud call it. */
const send: OperationOf<Mailbox> = async (mailbox, { To, Subject, Body }: Record<"To" | "Subject" | "Body", string>, { caller }) => {
  await mailbox.send(To, Subject, Body, caller.trace);
  return {};
};

export { send };
