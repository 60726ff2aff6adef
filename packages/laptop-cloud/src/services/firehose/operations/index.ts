import { bindOperations } from "../../../kernel/operations";
import type { Service } from "../../../kernel/service";
import type { Buffers } from "../buffers";
import type { DeliveryStreams } from "../store";
import * as records from "./records";
import * as streamOperations from "./streams";

const createOperations = (streams: DeliveryStreams, buffers: Buffers): Service["operations"] => ({
  ...bindOperations(streams, { ...streamOperations }),
  ...bindOperations({ streams, buffers }, { ...records }),
});

export { createOperations };
