import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import sinon from "sinon";
import { EventFile } from "../../../src/services/logs/event-file";
import { LogGroup, MAX_KEPT_BYTES, type StoredEvent } from "../../../src/services/logs/log-group";

const megabyte = 1024 * 1024;

const createEvent = (number: number, message = "x".repeat(megabyte)): StoredEvent => ({
  id: String(number),
  stream: "a",
  timestampMs: number,
  ingestionMs: number,
  message,
});

describe("log retention", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "slack-fanout-logs-"));
  });
  afterEach(async () => {
    sinon.restore();
    await rm(directory, { recursive: true, force: true });
  });

  it("keeps the newest events in memory, limited by number and size", () => {
    const group = new LogGroup("large", { creationMs: 0, tags: {} });
    for (let number = 0; number < 100; number++) group.add([createEvent(number)]);
    expect(group.storedBytes).to.be.within(MAX_KEPT_BYTES * 0.9, MAX_KEPT_BYTES * 1.1);
    expect(group.eventsAt(0).at(-1)!.id).to.equal("99");
    const bytes = group.eventsAt(0).reduce((sum, { message }) => sum + message.length + 26, 0);
    expect(group.storedBytes).to.equal(bytes);

    const many = new LogGroup("many", { creationMs: 0, tags: {} });
    for (let number = 0; number < 60_000; number++) many.add([createEvent(number, "short")]);
    expect(many.eventsAt(0).length).to.be.within(50_000, 55_000);
    expect(many.eventsAt(0).at(-1)!.id).to.equal("59999");
  });

  it("rewrites a file with many deleted events, and appends to it afterwards", async () => {
    const path = join(directory, "lines.jsonl");
    const file = new EventFile(path);
    const large = Array.from({ length: 4 * (MAX_KEPT_BYTES / megabyte) + 1 }, (_, number) => createEvent(number));
    expect(file.isOvergrown).to.equal(false);
    file.append(large);
    await file.close();
    expect(file.isOvergrown).to.equal(true);

    file.append([createEvent(1, "is pending")]);
    const replaced = file.replace([createEvent(1, "is pending")]);
    file.append([createEvent(2, "comes meanwhile")]);
    await replaced;
    await file.close();
    expect(file.isOvergrown).to.equal(false);
    expect((await stat(path)).size).to.be.below(1000);
    const messages: string[] = [];
    for await (const { message } of new EventFile(path).read()) messages.push(message);
    expect(messages).to.deep.equal(["is pending", "comes meanwhile"]);
  });

  it("logs once that events can't be written", async () => {
    const logged = sinon.stub(console, "error");
    await writeFile(join(directory, "logs"), "a file where the folder should be");
    const file = new EventFile(join(directory, "logs", "lines.jsonl"));
    file.append([createEvent(1, "first")]);
    await file.close();
    file.append([createEvent(2, "second")]);
    await file.close();
    expect(logged.args.flat()).to.have.length(1);
    expect(logged.args[0]![0]).to.match(/^The log in \S+lines\.jsonl can't be written: /);
  });
});
