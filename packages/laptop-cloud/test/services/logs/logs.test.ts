import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DeleteLogStreamCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  ListTagsForResourceCommand,
  PutLogEventsCommand,
  PutRetentionPolicyCommand,
  TagResourceCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import type { Declared } from "../../../src/kernel/service";
import { logs } from "../../../src/services/logs";

const declareGroup = (inputs: object = {}): Declared => ({
  type: "aws:cloudwatch/logGroup:LogGroup",
  name: "lines",
  inputs: { name: "/app/lines", ...inputs },
});

const start = async (resources: Declared[] = [declareGroup()], directory?: string) => {
  const laptop = await startLaptop({ definitions: [logs], resources, directory });
  const client = new CloudWatchLogsClient({ ...laptop.client, maxAttempts: 1 });
  const put = async (stream: string, ...lines: [timestamp: number, message: string][]) => {
    const known = await client.send(new DescribeLogStreamsCommand({ logGroupName: "/app/lines", logStreamNamePrefix: stream }));
    if (known.logStreams!.length === 0)
      await client.send(new CreateLogStreamCommand({ logGroupName: "/app/lines", logStreamName: stream }));
    const logEvents = lines.map(([timestamp, message]) => ({ timestamp, message }));
    return client.send(new PutLogEventsCommand({ logGroupName: "/app/lines", logStreamName: stream, logEvents }));
  };
  const filter = async (input: object = {}) => {
    const { events, nextToken } = await client.send(new FilterLogEventsCommand({ logGroupName: "/app/lines", ...input }));
    return { messages: events!.map(({ message }) => message), nextToken };
  };
  return { ...laptop, client, put, filter };
};

/** Returns the error code of a refused request; fails if the request succeeds. */
const codeOf = async (request: Promise<unknown>): Promise<string> => {
  const outcome = await request.then(
    () => undefined,
    (error: Error) => error.name,
  );
  if (outcome === undefined) throw new Error("the request was not refused");
  return outcome;
};

describe("logs", () => {
  let stop = async () => {};
  const begin = async (...parameters: Parameters<typeof start>) => {
    const laptop = await start(...parameters);
    stop = laptop.stop;
    return laptop;
  };
  afterEach(async () => {
    await stop();
    stop = async () => {};
  });

  it("interleaves the streams of a group by time", async () => {
    const { put, filter, cloud } = await begin();
    const nowMs = cloud.clock.nowMs();
    await put("a", [nowMs - 30, "first"], [nowMs - 10, "third"]);
    await put("b", [nowMs - 20, "second"]);
    expect((await filter()).messages).to.deep.equal(["first", "second", "third"]);
    expect((await filter({ filterPattern: "?first ?third" })).messages).to.deep.equal(["first", "third"]);
    expect((await filter({ logStreamNames: ["b"] })).messages).to.deep.equal(["second"]);
    expect((await filter({ startTime: nowMs - 20, endTime: nowMs - 10 })).messages).to.deep.equal(["second"]);
  });

  it("pages through events by limit and token", async () => {
    const { put, filter, cloud } = await begin();
    const nowMs = cloud.clock.nowMs();
    await put("a", [nowMs, "1"], [nowMs, "2"], [nowMs, "3"]);
    const first = await filter({ limit: 2 });
    const second = await filter({ limit: 2, nextToken: first.nextToken });
    expect([first.messages, second.messages, second.nextToken]).to.deep.equal([["1", "2"], ["3"], undefined]);
  });

  it("reads one stream forwards and backwards", async () => {
    const { put, client, cloud } = await begin();
    const nowMs = cloud.clock.nowMs();
    await put("a", [nowMs, "1"], [nowMs, "2"], [nowMs, "3"]);
    const read = async (input: object) => {
      const { events, ...tokens } = await client.send(
        new GetLogEventsCommand({ logGroupName: "/app/lines", logStreamName: "a", limit: 2, ...input }),
      );
      return { messages: events!.map(({ message }) => message), ...tokens };
    };
    const tail = await read({});
    expect(tail.messages).to.deep.equal(["2", "3"]);
    expect((await read({ nextToken: tail.nextBackwardToken })).messages).to.deep.equal(["1"]);
    const end = await read({ nextToken: tail.nextForwardToken });
    expect([end.messages, end.nextForwardToken]).to.deep.equal([[], tail.nextForwardToken]);
    await put("a", [nowMs, "4"]);
    expect((await read({ nextToken: tail.nextForwardToken })).messages).to.deep.equal(["4"]);
  });

  it("describes groups and streams", async () => {
    const { client, put, cloud } = await begin([declareGroup({ retentionInDays: 7, tags: { team: "a" } })]);
    await put("older", [cloud.clock.nowMs() - 1000, "x"]);
    await put("newer", [cloud.clock.nowMs(), "y"]);
    const { logGroups } = await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: "/app" }));
    expect(logGroups).to.have.length(1);
    expect(logGroups![0]).to.include({ logGroupName: "/app/lines", retentionInDays: 7, storedBytes: 54 });
    const { logStreams } = await client.send(
      new DescribeLogStreamsCommand({ logGroupName: "/app/lines", orderBy: "LastEventTime", descending: true, limit: 1 }),
    );
    expect(logStreams!.map(({ logStreamName }) => logStreamName)).to.deep.equal(["newer"]);
    const resourceArn = logGroups![0]!.logGroupArn!;
    await client.send(new TagResourceCommand({ resourceArn, tags: { stage: "dev" } }));
    expect((await client.send(new ListTagsForResourceCommand({ resourceArn }))).tags).to.deep.equal({ team: "a", stage: "dev" });
  });

  it("deletes events after their retention period, as the clock moves", async () => {
    const { put, filter, cloud, client } = await begin();
    await put("a", [cloud.clock.nowMs(), "old"]);
    cloud.clock.advance(2 * 86_400);
    await put("a", [cloud.clock.nowMs(), "new"]);
    expect((await filter()).messages).to.deep.equal(["old", "new"]);
    await client.send(new PutRetentionPolicyCommand({ logGroupName: "/app/lines", retentionInDays: 1 }));
    expect((await filter()).messages).to.deep.equal(["new"]);
  });

  it("reports events that are too old or too new", async () => {
    const { put, filter, cloud } = await begin();
    const nowMs = cloud.clock.nowMs();
    const { rejectedLogEventsInfo } = await put("a", [nowMs - 15 * 86_400_000, "old"], [nowMs, "taken"], [nowMs + 3 * 3_600_000, "new"]);
    expect(rejectedLogEventsInfo).to.deep.equal({ tooOldLogEventEndIndex: 1, tooNewLogEventStartIndex: 2 });
    expect((await filter()).messages).to.deep.equal(["taken"]);
  });

  it("refuses invalid requests with AWS's error codes", async () => {
    const { client, put, cloud } = await begin();
    const nowMs = cloud.clock.nowMs();
    const logGroupName = "/app/lines";
    await put("a", [nowMs, "x"]);
    expect(await codeOf(client.send(new CreateLogGroupCommand({ logGroupName })))).to.equal("ResourceAlreadyExistsException");
    expect(await codeOf(client.send(new CreateLogStreamCommand({ logGroupName, logStreamName: "a" })))).to.equal(
      "ResourceAlreadyExistsException",
    );
    expect(await codeOf(client.send(new FilterLogEventsCommand({ logGroupName: "/none" })))).to.equal("ResourceNotFoundException");
    expect(await codeOf(put("a", [nowMs, "x"], [nowMs - 1, "y"]))).to.equal("InvalidParameterException");
    expect(await codeOf(client.send(new FilterLogEventsCommand({ logGroupName, filterPattern: "[a, b]" })))).to.equal(
      "InvalidParameterException",
    );
    const none = new PutLogEventsCommand({ logGroupName, logStreamName: "none", logEvents: [{ timestamp: nowMs, message: "x" }] });
    expect(await codeOf(client.send(none))).to.equal("ResourceNotFoundException");
  });

  it("deletes streams and groups with their events", async () => {
    const { client, put, filter, cloud } = await begin();
    await put("a", [cloud.clock.nowMs(), "x"]);
    await put("b", [cloud.clock.nowMs(), "y"]);
    await client.send(new DeleteLogStreamCommand({ logGroupName: "/app/lines", logStreamName: "a" }));
    expect((await filter()).messages).to.deep.equal(["y"]);
    await client.send(new DeleteLogGroupCommand({ logGroupName: "/app/lines" }));
    expect(await codeOf(filter())).to.equal("ResourceNotFoundException");
  });

  it("refuses an invalid retention by value", async () => {
    const outcome = await startLaptop({ definitions: [logs], resources: [declareGroup({ retentionInDays: 8 })] }).then(
      laptop => laptop.stop(),
      (error: Error) => error.message,
    );
    expect(outcome).to.contain('"lines"').and.contain("retentionInDays is 8");
  });

  describe("after a restart", () => {
    let directory: string;
    beforeEach(async () => {
      directory = await mkdtemp(join(tmpdir(), "slack-fanout-logs-"));
    });
    afterEach(() => rm(directory, { recursive: true, force: true }));

    it("restores groups, streams and events, and continues after a truncated line", async () => {
      const first = await start([declareGroup()], directory);
      await first.put("a", [first.cloud.clock.nowMs(), "before"]);
      await first.client.send(new CreateLogGroupCommand({ logGroupName: "/made/by/hand" }));
      await first.stop();
      await appendFile(join(first.cloud.directory, "logs", "%2Fapp%2Flines.jsonl"), '{"id":"cut sho');
      for (const expected of [["before"], ["before", "after"]]) {
        const again = await start([declareGroup()], directory);
        expect((await again.filter()).messages).to.deep.equal(expected);
        const { logGroups } = await again.client.send(new DescribeLogGroupsCommand({}));
        expect(logGroups!.map(({ logGroupName }) => logGroupName)).to.deep.equal(["/app/lines", "/made/by/hand"]);
        if (expected.length === 1) await again.put("a", [again.cloud.clock.nowMs(), "after"]);
        await again.stop();
      }
    });
  });
});
