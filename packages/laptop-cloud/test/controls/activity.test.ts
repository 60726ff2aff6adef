import { eventually, startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { createControls } from "../../src/controls";
import { administrator } from "../../src/kernel/caller";
import type { Occurrence } from "../../src/kernel/occurrences";
import { events } from "../../src/services/events";
import { monitoring } from "../../src/services/monitoring";
import { s3 } from "../../src/services/s3";
import { scheduler } from "../../src/services/scheduler";
import { sqs } from "../../src/services/sqs";
import { states } from "../../src/services/states";

describe("activity and contents of resources", () => {
  let laptop: Awaited<ReturnType<typeof startLaptop>>;

  beforeEach(async () => {
    laptop = await startLaptop({
      definitions: [sqs, monitoring, s3, states, scheduler, events, createControls(() => ({ outputs: {}, secretOutputs: [], config: {} }))],
      resources: [
        { type: "aws:sqs/queue:Queue", name: "jobs", inputs: { visibilityTimeoutSeconds: 60 } },
        { type: "aws:s3/bucket:Bucket", name: "shelf", inputs: {} },
        {
          type: "aws:sfn/stateMachine:StateMachine",
          name: "steps",
          inputs: {
            roleArn: "arn:aws:iam::000000000000:role/steps",
            definition: JSON.stringify({ StartAt: "only", States: { only: { Type: "Pass", End: true } } }),
          },
        },
        {
          type: "aws:cloudwatch/metricAlarm:MetricAlarm",
          name: "waiting",
          inputs: {
            namespace: "Shop",
            metricName: "Waiting",
            dimensions: { Queue: "jobs" },
            statistic: "Maximum",
            period: 60,
            evaluationPeriods: 1,
            comparisonOperator: "GreaterThanThreshold",
            threshold: 0,
            // Nothing reports the metric, so only a call changes the state.
            treatMissingData: "ignore",
          },
        },
        { type: "aws:cloudwatch/eventRule:EventRule", name: "weekly", inputs: { name: "weekly", scheduleExpression: "rate(7 days)" } },
        {
          type: "aws:cloudwatch/eventTarget:EventTarget",
          name: "weekly",
          inputs: { rule: "weekly", arn: "arn:aws:sqs:us-east-1:000000000000:jobs" },
        },
        {
          type: "aws:scheduler/schedule:Schedule",
          name: "hourly",
          inputs: {
            scheduleExpression: "rate(1 hour)",
            flexibleTimeWindow: { mode: "OFF" },
            target: { arn: "arn:aws:lambda:us-east-1:000000000000:function:none", roleArn: "arn:aws:iam::000000000000:role/hourly" },
          },
        },
      ],
    });
  });

  afterEach(() => laptop.stop());

  const get = async <T>(path: string): Promise<T> => {
    const response = await fetch(`${laptop.cloud.place.pageUrl}/control/${path}`);
    return (await response.json()) as T;
  };
  const record = (occurrence: Omit<Occurrence, "atMs">) => laptop.cloud.occurrences.record({ atMs: 1000, ...occurrence });

  describe("activity", () => {
    it("counts invocations, errors and retries of functions", async () => {
      record({ kind: "invoke", to: "webhook", detail: { requestId: "r1", type: "Event", attempt: 1 } });
      record({ kind: "invoked", from: "webhook", detail: { requestId: "r1", ms: 5, cold: true, error: "Error: no" } });
      record({ kind: "retry", from: "webhook", to: "webhook", detail: { requestId: "r1" } });
      const { tallies } = await get<{ tallies: Record<string, object> }>("activity");
      expect(tallies["function:webhook"]).to.include({ invocations: 1, errors: 1, retries: 1 });
    });

    it("counts failures that a function reports apart from its errors, and tells what followed a failed attempt", async () => {
      const event = { requestId: "r1", type: "Event", attempt: 1 };
      record({ kind: "invoke", to: "counter", detail: event });
      record({ kind: "invoked", from: "counter", detail: { ...event, ms: 5, error: "Error: no" } });
      record({ kind: "retry", from: "counter", to: "counter", detail: { requestId: "r1" } });
      record({ kind: "invoke", to: "counter", detail: { ...event, attempt: 2 } });
      record({ kind: "invoked", from: "counter", detail: { ...event, ms: 5, reported: "1 of 2 messages failed" } });
      const { tallies } = await get<{ tallies: Record<string, object> }>("activity");
      expect(tallies["function:counter"]).to.include({ errors: 1, reportedFailures: 1 });
      const [second, first] = await get<object[]>("invocations?function=counter");
      expect(second).to.include({ error: null, reported: "1 of 2 messages failed", followUp: null });
      expect(first).to.include({ error: "Error: no", reported: null, followUp: "retried" });
    });

    it("counts a topic's retry apart from a retry of a function with the same name", async () => {
      record({ kind: "publish", from: "webhook", to: "messages", detail: { messageId: "m1" } });
      record({ kind: "deliver", from: "messages", to: "counter", detail: { messageId: "m1" } });
      record({ kind: "retry", from: "messages", to: "counter", detail: { messageId: "m1" } });
      const { tallies } = await get<{ tallies: Record<string, object> }>("activity");
      expect(tallies["topic:messages"]).to.include({ published: 1, delivered: 1, retries: 1 });
      expect(tallies).to.not.have.property("function:messages");
    });

    it("counts deliveries to subscribers, and asynchronous events of functions", async () => {
      const detail = { messageId: "m1" };
      record({ kind: "publish", from: "webhook", to: "messages", detail: { ...detail, subscribers: ["counter", "logger", "archiver"] } });
      record({ kind: "deliver", from: "messages", to: "counter", detail });
      record({ kind: "deliver", from: "messages", to: "counter", detail });
      record({ kind: "retry", from: "messages", to: "logger", detail });
      record({ kind: "dead-letter", from: "messages", to: "dead", detail: { ...detail, endpoint: "logger" } });
      const event = { requestId: "r1", type: "Event", attempt: 1 };
      record({ kind: "invoke", from: "messages", to: "counter", detail: event });
      record({ kind: "invoked", from: "counter", detail: { ...event, ms: 1, error: "Error: no" } });
      record({ kind: "invoke", from: "messages", to: "counter", detail: { ...event, attempt: 2 } });
      record({ kind: "dead-letter", from: "counter", to: "dead", detail: { requestId: "r1" } });
      record({ kind: "invoke", from: "messages", to: "counter", detail: { ...event, requestId: "r2" } });
      record({ kind: "invoked", from: "counter", detail: { ...event, requestId: "r2", ms: 1 } });
      const { balance } = await get<{ balance: object }>("activity");
      expect(balance).to.deep.equal({
        deliveries: {
          "messages > counter": { expected: 1, done: 1, deadLetters: 0, repeated: 1, retries: 0 },
          "messages > logger": { expected: 1, done: 0, deadLetters: 1, repeated: 0, retries: 1 },
          "messages > archiver": { expected: 1, done: 0, deadLetters: 0, repeated: 0, retries: 0 },
        },
        events: { counter: { expected: 2, done: 1, deadLetters: 1, repeated: 0, retries: 0 } },
      });
    });

    it("reports the depth of queues and the state of alarms", async () => {
      const QueueUrl = laptop.cloud.inventory.ofType("aws:sqs/queue:Queue")[0]!.outputs["url"];
      await laptop.cloud.call("sqs", "SendMessage", { QueueUrl, MessageBody: "a job" }, administrator);
      record({ kind: "alarm", from: "dead", detail: { from: "OK", to: "ALARM" } });
      const { queues, alarms } = await get<{ queues: object; alarms: object }>("activity");
      expect(queues).to.deep.equal({ jobs: { visible: 1, inFlight: 0, delayed: 0 } });
      expect(alarms).to.deep.equal({ dead: "ALARM" });
    });

    it("lists invocations, newest first, including running ones", async () => {
      record({ kind: "invoke", from: "messages", to: "counter", trace: "1-a", detail: { requestId: "r1", type: "Event", attempt: 1 } });
      record({ kind: "invoked", from: "counter", detail: { requestId: "r1", ms: 5, cold: false, error: "Error: no" } });
      record({ kind: "invoke", from: "messages", to: "counter", detail: { requestId: "r1", type: "Event", attempt: 2 } });
      const [second, first] = await get<object[]>("invocations?function=counter");
      expect(first).to.include({ attempt: 1, ms: 5, error: "Error: no", trace: "1-a", from: "messages" });
      expect(second).to.include({ attempt: 2, ms: null, error: null });
      expect(await get("invocations?function=nobody")).to.deep.equal([]);
      expect(await get("invocations"), "those that run").to.deep.equal([second]);
    });
  });

  it("shows a queue's messages", async () => {
    const QueueUrl = laptop.cloud.inventory.ofType("aws:sqs/queue:Queue")[0]!.outputs["url"];
    await laptop.cloud.call("sqs", "SendMessage", { QueueUrl, MessageBody: "a job" }, administrator);
    expect(await get("queue?name=jobs")).to.have.nested.property("Messages[0].Body", "a job");
    expect(await get("queue?name=nobody")).to.include({ error: "queue_not_found", message: 'There is no queue "nobody".' });
  });

  it("shows a bucket's objects, sorted by key", async () => {
    for (const Key of ["b.txt", "a.txt"])
      await laptop.cloud.call("s3", "PutObject", { Bucket: "shelf", Key, Body: Buffer.from("hello") }, administrator);
    const { objects, hasMore } = await get<{ objects: { key: string; sizeBytes: number }[]; hasMore: boolean }>("bucket?name=shelf");
    expect(objects.map(({ key, sizeBytes }) => [key, sizeBytes])).to.deep.equal([
      ["a.txt", 5],
      ["b.txt", 5],
    ]);
    expect(hasMore).to.equal(false);
  });

  it("puts an object as the administrator", async () => {
    const put = (query: string) =>
      fetch(`${laptop.cloud.place.pageUrl}/control/object?${query}`, { method: "POST", body: "hello" }).then(({ status }) => status);
    expect(await put("bucket=shelf&key=march.csv")).to.equal(200);
    expect(await get("bucket?name=shelf")).to.have.nested.property("objects[0].key", "march.csv");
    expect(await put("bucket=nobody&key=a")).to.equal(404);
    expect(await put("bucket=shelf")).to.equal(400);
  });

  it("shows a state machine's executions, and the history of one", async () => {
    const stateMachineArn = laptop.cloud.inventory.ofType("aws:sfn/stateMachine:StateMachine")[0]!.id;
    await laptop.cloud.call("states", "StartExecution", { stateMachineArn, name: "one", input: '{"a":1}' }, administrator);
    const execution = await eventually(async () => {
      const { executions } = await get<{ executions: { arn: string; name: string; status: string }[] }>("machine?name=steps");
      return executions.find(({ status }) => status === "SUCCEEDED");
    });
    expect(execution.name).to.equal("one");
    const history = await get<{ output: string; events: { type: string }[] }>(`execution?arn=${encodeURIComponent(execution.arn)}`);
    expect(history.output).to.equal('{"a":1}');
    expect(history.events.map(({ type }) => type)).to.deep.equal([
      "ExecutionStarted",
      "PassStateEntered",
      "PassStateExited",
      "ExecutionSucceeded",
    ]);
    expect(await get("execution?arn=arn:aws:states:us-east-1:000000000000:execution:steps:none")).to.include({
      error: "ExecutionDoesNotExist",
    });
  });

  it("shows timers, the next to fire first", async () => {
    const { timers } = await get<{ timers: { name: string; expression: string; nextMs: number }[] }>("timers");
    expect(timers[0]).to.include({
      name: "hourly",
      expression: "rate(1 hour)",
      target: "arn:aws:lambda:us-east-1:000000000000:function:none",
    });
    expect(timers[0]!.nextMs).to.be.within(Date.now(), Date.now() + 3_700_000);
    expect(timers[1]).to.include({ name: "weekly", expression: "rate(7 days)", target: "jobs" });
    expect(timers[1]!.nextMs).to.be.closeTo(Date.now() + 7 * 86_400_000, 120_000);
  });

  it("shows alarms with what they watch, the condition, and the reason of their state", async () => {
    await laptop.cloud.call(
      "monitoring",
      "SetAlarmState",
      { AlarmName: "waiting", StateValue: "ALARM", StateReason: "too many" },
      administrator,
    );
    const { alarms } = await get<{ alarms: object[] }>("alarms");
    expect(alarms).to.have.length(1);
    expect(alarms[0]).to.deep.include({
      name: "waiting",
      state: "ALARM",
      reason: "too many",
      condition: "Waiting > 0, Maximum of 60 s",
      watches: ["jobs"],
    });
  });

  it("does not record its own calls", async () => {
    for (const path of ["activity", "queue?name=jobs", "bucket?name=shelf", "machine?name=steps", "timers", "alarms"]) await get(path);
    expect(laptop.cloud.calls.all().filter(({ caller }) => caller === "administrator")).to.deep.equal([]);
  });
});
