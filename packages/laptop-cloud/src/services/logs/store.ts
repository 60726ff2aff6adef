import { join } from "node:path";
import { AwsError } from "../../kernel/aws-error";
import type { Cloud } from "../../kernel/service";
import type { State } from "../../kernel/state";
import { EventFile } from "./event-file";
import { type GroupSettings, LogGroup, type LogStream, type StoredEvent } from "./log-group";
import { groupArn } from "./resources";

/** Rewrites a group's file when the file has this many times the events that are still kept. */
const COMPACTION_FACTOR = 2;

/**
 * All log groups: settings and streams in the service's state, events in one file per group.
 *
 * Groups that the program no longer declares stay, with their events. Events reach the disk within a fraction of a second: kill -9
 * may lose the last of them, settings and streams never.
 */
class LogGroups {
  readonly #groups = new Map<string, LogGroup>();
  readonly #files = new Map<string, EventFile>();
  readonly #state: State;

  constructor(readonly cloud: Cloud) {
    this.#state = cloud.state("logs");
  }

  async load() {
    for (const [key, settings] of await this.#state.entries<GroupSettings>("group/")) {
      this.#groups.set(key.slice("group/".length), new LogGroup(key.slice("group/".length), settings));
    }
    for (const [, { group, stream }] of await this.#state.entries<{ group: string; stream: LogStream }>("stream/")) {
      this.#groups.get(group)?.streams.set(stream.name, stream);
    }
    for (const group of this.#groups.values()) await this.#readEvents(group);
  }

  async stop() {
    for (const file of this.#files.values()) await file.close();
  }

  all(): LogGroup[] {
    return [...this.#groups.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  get(name: string): LogGroup | undefined {
    return this.#groups.get(name);
  }

  arnOf(name: string): string {
    return groupArn(this.cloud.place, name);
  }

  /** Throws `AwsError` ResourceNotFoundException. */
  find(name: string): LogGroup {
    const group = this.#groups.get(name);
    if (group === undefined) throw new AwsError("ResourceNotFoundException", "The specified log group does not exist.");
    return group;
  }

  /** Throws `AwsError` ResourceAlreadyExistsException. */
  async create(name: string, settings: Omit<GroupSettings, "creationMs">) {
    if (this.#groups.has(name)) throw new AwsError("ResourceAlreadyExistsException", "The specified log group already exists");
    const group = new LogGroup(name, { ...settings, creationMs: this.cloud.clock.nowMs() });
    this.#groups.set(name, group);
    await this.save(group);
  }

  /** Stores changed settings. */
  save(group: LogGroup): Promise<void> {
    return this.#state.put(`group/${group.name}`, group.settings);
  }

  async delete(group: LogGroup) {
    this.#groups.delete(group.name);
    const streams = [...group.streams.keys()].map(stream => ({ delete: streamKey(group.name, stream) }));
    await this.#fileOf(group.name).delete();
    await this.#state.batch([{ delete: `group/${group.name}` }, ...streams]);
  }

  /** Throws `AwsError` ResourceAlreadyExistsException. */
  async createStream(group: LogGroup, name: string) {
    if (group.streams.has(name)) throw new AwsError("ResourceAlreadyExistsException", "The specified log stream already exists");
    const stream = group.addStream(name, this.cloud.clock.nowMs());
    await this.#state.put(streamKey(group.name, name), { group: group.name, stream });
  }

  async deleteStream(group: LogGroup, name: string) {
    group.deleteStream(name);
    await this.#state.delete(streamKey(group.name, name));
    await this.#fileOf(group.name).replace(group.eventsAt(this.cloud.clock.nowMs()));
  }

  append(group: LogGroup, events: StoredEvent[]) {
    group.add(events);
    const file = this.#fileOf(group.name);
    file.append(events);
    if (file.isOvergrown) void file.replace(group.eventsAt(this.cloud.clock.nowMs()));
  }

  #fileOf(name: string): EventFile {
    const file = this.#files.get(name) ?? new EventFile(join(this.cloud.directory, "logs", `${encodeURIComponent(name)}.jsonl`));
    this.#files.set(name, file);
    return file;
  }

  async #readEvents(group: LogGroup) {
    const file = this.#fileOf(group.name);
    let read = 0;
    for await (const event of file.read()) {
      group.add([event]);
      read++;
    }
    const kept = group.eventsAt(this.cloud.clock.nowMs());
    if (read > COMPACTION_FACTOR * kept.length) await file.replace(kept);
  }
}

const streamKey = (group: string, stream: string) => `stream/${encodeURIComponent(group)}/${stream}`;

export { LogGroups };
