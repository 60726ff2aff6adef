import type { Service } from "../../../kernel/service";
import type { Mailbox } from "../store";
import { send } from "./send";

/** The operations by name. */
const createOperations = (mailbox: Mailbox): Service["operations"] => ({ Send: send(mailbox) });

export { createOperations };
