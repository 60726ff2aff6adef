import { bindOperations } from "../../../kernel/operations";
import type { Service } from "../../../kernel/service";
import type { Mailbox } from "../store";
import * as send from "./send";

/** The operations by name. */
const createOperations = (mailbox: Mailbox): Service["operations"] => bindOperations(mailbox, { ...send });

export { createOperations };
