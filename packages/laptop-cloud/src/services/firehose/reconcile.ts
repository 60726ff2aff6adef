import { readDeclared } from "./resources";
import type { DeliveryStreams } from "./store";

/** Creates and changes the streams that the program declares, and deletes those that it no longer declares. */
const reconcile = async (streams: DeliveryStreams) => {
  const { inventory, place } = streams.cloud;
  const definitions = inventory
    .ofType("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream")
    .map(declared => readDeclared(declared, place));
  const names = new Set(definitions.map(({ name }) => name));
  for (const stream of streams.all()) if (!names.has(stream.name)) await streams.delete(stream);
  for (const definition of definitions) await streams.put(definition);
};

export { reconcile };
