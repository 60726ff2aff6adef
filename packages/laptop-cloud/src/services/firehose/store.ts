import { AwsError } from "../../kernel/aws-error";
import type { Call, Cloud } from "../../kernel/service";
import type { State } from "../../kernel/state";
import { type DeliveryStream, type StreamDefinition, streamArn } from "./delivery-stream";

class DeliveryStreams {
  readonly state: State;
  readonly #streams = new Map<string, DeliveryStream>();

  constructor(readonly cloud: Cloud) {
    this.state = cloud.state("firehose");
  }

  async load() {
    for (const [, stream] of await this.state.entries<DeliveryStream>("stream/")) this.#streams.set(stream.name, stream);
  }

  all(): DeliveryStream[] {
    return [...this.#streams.values()];
  }

  find(name: string): DeliveryStream | undefined {
    return this.#streams.get(name);
  }

  /** Finds the stream of a call, and authorizes the call. Throws `AwsError` ResourceNotFoundException. */
  open(call: Call, name: unknown): DeliveryStream {
    const { place } = this.cloud;
    call.authorize(`firehose:${call.operation}`, streamArn(String(name), place));
    const stream = this.#streams.get(String(name));
    if (stream === undefined)
      throw new AwsError("ResourceNotFoundException", `Firehose ${String(name)} under account ${place.account} not found.`);
    return stream;
  }

  async put(definition: StreamDefinition) {
    const existing = this.#streams.get(definition.name);
    const { version = 0, createdMs = this.cloud.clock.nowMs(), ...before } = existing ?? {};
    if (existing !== undefined && JSON.stringify(before) === JSON.stringify(definition)) return;
    const stream = { ...definition, version: version + 1, createdMs };
    this.#streams.set(definition.name, stream);
    await this.state.put(`stream/${definition.name}`, stream);
  }

  /** Deletes a stream with the records that it has not delivered, as AWS does. */
  async delete({ name }: DeliveryStream) {
    this.#streams.delete(name);
    const records = [...(await this.state.entries(`record/${name}/`)), ...(await this.state.entries(`raw/${name}/`))];
    await this.state.batch([{ delete: `stream/${name}` }, ...records.map(([key]) => ({ delete: key }))]);
  }
}

export { DeliveryStreams };
