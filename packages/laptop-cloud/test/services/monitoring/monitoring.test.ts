import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  type GetMetricStatisticsCommandInput,
  ListMetricsCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  ResourceNotFound,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import { eventually, rejectionOf, startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { AwsError } from "../../../src/kernel/aws-error";
import { administrator, type Caller } from "../../../src/kernel/caller";
import type { Declared, ServiceDefinition } from "../../../src/kernel/service";
import { logs } from "../../../src/services/logs";
import { monitoring } from "../../../src/services/monitoring";

const topicArn = "arn:aws:sns:us-east-1:000000000000:errors";
const alarmArn = "arn:aws:cloudwatch:us-east-1:000000000000:alarm:depth";

const alarm = (inputs: Declared["inputs"] = {}): Declared => ({
  type: "aws:cloudwatch/metricAlarm:MetricAlarm",
  name: "depth",
  inputs: {
    alarmDescription: "Dead letters wait.",
    namespace: "AWS/SQS",
    metricName: "ApproximateNumberOfMessagesVisible",
    dimensions: { QueueName: "dead-letters" },
    statistic: "Maximum",
    period: 60,
    evaluationPeriods: 1,
    comparisonOperator: "GreaterThanThreshold",
    threshold: 0,
    treatMissingData: "notBreaching",
    alarmActions: [topicArn],
    ...inputs,
  },
});

describe("monitoring", () => {
  let directory: string;
  let laptop: Awaited<ReturnType<typeof startLaptop>>;
  let client: CloudWatchClient;
  let depth: string;
  let publish: sinon.SinonStub;
  let published: { input: { TopicArn: string; Subject: string; Message: string }; caller: Caller }[];

  /** A queue of any depth, and a topic that records its notifications. */
  const fakes = (): ServiceDefinition[] => [
    {
      name: "sqs",
      always: true,
      resources: {},
      create: () => ({
        start: async () => {},
        stop: async () => {},
        operations: {
          GetQueueAttributes: async ({ AttributeNames }: { AttributeNames: string[] }) => ({ Attributes: { [AttributeNames[0]!]: depth } }),
        },
      }),
    },
    {
      name: "sns",
      always: true,
      resources: {},
      create: () => ({
        start: async () => {},
        stop: async () => {},
        operations: {
          Publish: async (input, call) => {
            call.authorize("sns:Publish", topicArn, {
              resourcePolicy: {
                Statement: [
                  { Effect: "Allow", Principal: { Service: "cloudwatch.amazonaws.com" }, Action: "sns:Publish", Resource: topicArn },
                ],
              },
            });
            publish();
            published.push({ input, caller: call.caller });
            return {};
          },
        },
      }),
    },
  ];
  const start = async (...resources: Declared[]) => {
    laptop = await startLaptop({ definitions: [monitoring, ...fakes()], resources, directory });
    client = new CloudWatchClient({ ...laptop.client, maxAttempts: 1 });
  };
  const stateOf = async (name = "depth") =>
    (await client.send(new DescribeAlarmsCommand({ AlarmNames: [name] }))).MetricAlarms?.[0]?.StateValue;
  const advance = (seconds: number) => laptop.cloud.clock.advance(seconds);

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "slack-fanout-test-"));
    depth = "0";
    published = [];
    publish = sinon.stub();
  });
  afterEach(async () => {
    sinon.restore();
    await laptop.stop();
    await rm(directory, { recursive: true, force: true });
  });

  describe("an alarm on occurrences", () => {
    const happened: [what: string, metric: object, occurrence: { kind: string; from?: string; detail: object }][] = [
      [
        "5xx of an HTTP API",
        { namespace: "AWS/ApiGateway", metricName: "5xx", dimensions: { ApiId: "a1" } },
        { kind: "http", detail: { apiId: "a1", status: 503, ms: 2 } },
      ],
      [
        "a function that is throttled",
        { namespace: "AWS/Lambda", metricName: "Throttles", dimensions: { FunctionName: "f" } },
        { kind: "throttle", from: "f", detail: {} },
      ],
      [
        "an invocation that takes long",
        { namespace: "AWS/Lambda", metricName: "Duration", dimensions: { FunctionName: "f" }, threshold: 2000 },
        { kind: "invoked", from: "f", detail: { ms: 2001 } },
      ],
    ];
    for (const [what, metric, { detail, ...occurrence }] of happened) {
      it(`is raised by ${what}`, async () => {
        await start(alarm({ ...metric, statistic: "Maximum" }));
        await eventually(async () => (await stateOf()) === "OK");
        laptop.cloud.occurrences.record({ ...occurrence, atMs: laptop.cloud.clock.nowMs(), detail: { ...detail } });
        advance(10);
        await eventually(() => published.length === 1);
      });
    }

    describe("with a subtracted metric", () => {
      const stateMachineArn = "arn:aws:states:us-east-1:000000000000:stateMachine:m";
      const query = (id: string, namespace: string, metricName: string, dimensions: object) => ({
        id,
        metric: { namespace, metricName, dimensions, stat: "Sum", period: 300 },
      });
      const untold = () => {
        const { namespace: _n, metricName: _m, dimensions: _d, statistic: _s, period: _p, ...rest } = alarm().inputs;
        const metricQueries = [
          { id: "untold", expression: "FILL(failed, 0) - FILL(told, 0)", returnData: true },
          query("failed", "AWS/States", "ExecutionsFailed", { StateMachineArn: stateMachineArn }),
          query("told", "AWS/Lambda", "Invocations", { FunctionName: "f" }),
        ];
        return { ...alarm(), inputs: { ...rest, metricQueries } };
      };
      const fail = () =>
        client.send(
          new PutMetricDataCommand({
            Namespace: "AWS/States",
            MetricData: [{ MetricName: "ExecutionsFailed", Dimensions: [{ Name: "StateMachineArn", Value: stateMachineArn }], Value: 1 }],
          }),
        );
      const tell = () =>
        laptop.cloud.occurrences.record({ kind: "invoked", from: "f", atMs: laptop.cloud.clock.nowMs(), detail: { ms: 1 } });

      it("is not raised if both metrics have values, also after a restart", async () => {
        await start(untold());
        await eventually(async () => (await stateOf()) === "OK");
        tell();
        await fail();
        await laptop.stop();
        await start(untold());
        advance(10);
        await eventually(() => laptop.cloud.clock.nextMs()! > laptop.cloud.clock.nowMs());
        expect([await stateOf(), published]).to.deep.equal(["OK", []]);
      });

      it("is raised if only one of them has a value", async () => {
        await start(untold());
        await eventually(async () => (await stateOf()) === "OK");
        await fail();
        advance(10);
        await eventually(() => published.length === 1);
      });
    });

    it("is not raised by normal values", async () => {
      await start(alarm({ namespace: "AWS/ApiGateway", metricName: "5xx", dimensions: { ApiId: "a1" } }));
      await eventually(async () => (await stateOf()) === "OK");
      for (const [apiId, status] of [
        ["a1", 200],
        ["a1", 401],
        ["a2", 503],
      ] as const)
        laptop.cloud.occurrences.record({ kind: "http", atMs: laptop.cloud.clock.nowMs(), detail: { apiId, status, ms: 1 } });
      advance(60);
      expect(await stateOf()).to.equal("OK");
    });
  });

  describe("an alarm on a queue", () => {
    it("notifies its topic once when messages wait", async () => {
      await start(alarm());
      await eventually(async () => (await stateOf()) === "OK");
      depth = "2";
      advance(10);
      await eventually(() => published.length === 1);
      advance(600);
      await eventually(async () => (await stateOf()) === "ALARM");
      expect(published).to.have.length(1);

      const { input, caller } = published[0]!;
      expect(caller).to.include({ kind: "service", principal: "cloudwatch.amazonaws.com", sourceArn: alarmArn });
      expect(input).to.include({ TopicArn: topicArn, Subject: 'ALARM: "depth" in US East (N. Virginia)' });
      const message = JSON.parse(input.Message);
      expect(message).to.include({
        AlarmName: "depth",
        AlarmDescription: "Dead letters wait.",
        AWSAccountId: "000000000000",
        NewStateValue: "ALARM",
        OldStateValue: "OK",
        Region: "US East (N. Virginia)",
        AlarmArn: alarmArn,
      });
      expect(message.NewStateReason).to.contain("2.0").and.to.contain("greater than the threshold (0.0)");
      expect(message.StateChangeTime).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/);
      expect(message.Trigger).to.deep.include({
        MetricName: "ApproximateNumberOfMessagesVisible",
        Namespace: "AWS/SQS",
        Statistic: "MAXIMUM",
        Dimensions: [{ value: "dead-letters", name: "QueueName" }],
        Period: 60,
        Threshold: 0,
      });
    });
    it("ends when the queue is empty for a whole period", async () => {
      await start(alarm({ okActions: [topicArn] }));
      depth = "1";
      advance(60);
      await eventually(() => published.some(({ input }) => input.Subject.startsWith("ALARM")));
      depth = "0";
      published = [];
      for (let minute = 0; minute < 3; minute++) {
        advance(60);
        await eventually(async () => laptop.cloud.clock.nextMs()! > laptop.cloud.clock.nowMs());
      }
      await eventually(async () => (await stateOf()) === "OK");
      expect(published.map(({ input }) => input.Subject)).to.deep.equal(['OK: "depth" in US East (N. Virginia)']);
    });
    it("waits for several periods, and counts skipped ones", async () => {
      await start(alarm({ evaluationPeriods: 5 }));
      await eventually(async () => (await stateOf()) === "OK");
      depth = "1";
      advance(60);
      await eventually(() => laptop.cloud.clock.nextMs()! > laptop.cloud.clock.nowMs());
      expect(await stateOf()).to.equal("OK");
      advance(600);
      await eventually(async () => (await stateOf()) === "ALARM");
    });
    it("adds up visible and in-flight messages, and does not call a scaling policy", async () => {
      const measure = (id: string, metricName: string) => ({
        id,
        metric: { namespace: "AWS/SQS", metricName, dimensions: { QueueName: "tasks" }, stat: "Maximum", period: 60 },
      });
      const { alarmDescription, evaluationPeriods, treatMissingData } = alarm().inputs;
      const inputs = {
        alarmDescription,
        evaluationPeriods,
        treatMissingData,
        metricQueries: [
          { id: "work", expression: "waiting + taken", returnData: true },
          measure("waiting", "ApproximateNumberOfMessagesVisible"),
          measure("taken", "ApproximateNumberOfMessagesNotVisible"),
        ],
        comparisonOperator: "GreaterThanOrEqualToThreshold",
        threshold: 2,
        alarmActions: [topicArn, "arn:aws:autoscaling:us-east-1:000000000000:scalingPolicy:1:resource/ecs/service/a/b:policyName/grow"],
      };
      await start({ ...alarm(), inputs });
      await eventually(async () => (await stateOf()) === "OK");
      depth = "1";
      advance(60);
      await eventually(() => published.length === 1);

      expect(published[0]!.input.TopicArn).to.equal(topicArn);
      expect(JSON.parse(published[0]!.input.Message).Trigger).to.have.property("Metrics").with.length(3);
      const [described] = (await client.send(new DescribeAlarmsCommand({ AlarmNames: ["depth"] }))).MetricAlarms ?? [];
      expect(described).to.include({ StateValue: "ALARM" }).and.not.to.have.property("MetricName");
      expect(described?.Metrics?.map(({ Id }) => Id)).to.deep.equal(["work", "waiting", "taken"]);
    });
    it("does not notify while its actions are disabled", async () => {
      await start(alarm({ actionsEnabled: false }));
      depth = "1";
      advance(60);
      await eventually(async () => (await stateOf()) === "ALARM");
      expect(published).to.deep.equal([]);
    });
    it("keeps its state after a restart, and does not notify again", async () => {
      depth = "1";
      await start(alarm());
      await eventually(() => published.length === 1);
      await laptop.stop();
      await start(alarm());
      advance(120);
      await eventually(() => laptop.cloud.clock.nextMs()! > laptop.cloud.clock.nowMs());
      expect(await stateOf()).to.equal("ALARM");
      expect(published).to.have.length(1);
    });
    it("retries notifications that SNS can't accept, also after a restart", async () => {
      publish.throws(new AwsError("InternalError", "SNS is down.", 500));
      depth = "1";
      await start(alarm());
      await eventually(() => publish.called);
      await laptop.stop();
      publish = sinon.stub();
      await start(alarm());
      await eventually(() => published.length === 1);
      expect(published[0]!.input.Subject).to.match(/^ALARM/);
    });
    it("logs what SNS refuses", async () => {
      const output = sinon.stub(console, "error");
      publish.throws(new AwsError("NotFound", "no such topic", 404));
      depth = "1";
      await start(alarm());
      await eventually(() => output.called);
      expect(String(output.firstCall.args[0])).to.contain("The alarm depth could not tell").and.to.contain("no such topic");
    });
    it("is deleted when the program no longer declares it", async () => {
      await start(alarm(), alarm({ name: "other" }));
      await laptop.stop();
      await start(alarm({ name: "other" }));
      const { MetricAlarms } = await client.send(new DescribeAlarmsCommand({}));
      expect(MetricAlarms?.map(({ AlarmName }) => AlarmName)).to.deep.equal(["other"]);
    });
    it("appears in the trace of what it causes", async () => {
      depth = "1";
      await start(alarm());
      await eventually(() => published.length === 1);
      const occurrence = laptop.cloud.occurrences.all().find(({ kind, detail }) => kind === "alarm" && detail?.["to"] === "ALARM");
      expect(occurrence).to.include({ from: "depth", trace: published[0]!.caller.trace });
    });
  });

  describe("metrics", () => {
    const put = (values: number[], Timestamp?: Date) =>
      client.send(
        new PutMetricDataCommand({
          Namespace: "Payroll",
          MetricData: values.map(Value => ({ MetricName: "Failures", Dimensions: [{ Name: "Run", Value: "r1" }], Value, Timestamp })),
        }),
      );
    const range = () => ({
      StartTime: new Date(laptop.cloud.clock.nowMs() - 3600_000),
      EndTime: new Date(laptop.cloud.clock.nowMs() + 60_000),
    });
    const metric = { Namespace: "Payroll", MetricName: "Failures", Dimensions: [{ Name: "Run", Value: "r1" }] };

    it("are put, listed and read, also after a restart", async () => {
      await start(alarm());
      const at = new Date(Math.floor((laptop.cloud.clock.nowMs() - 600_000) / 300_000) * 300_000);
      await put([1, 2, 6], at);
      await put([3], new Date(at.getTime() + 60_000));
      await laptop.stop();
      await start(alarm());
      const { Datapoints } = await client.send(
        new GetMetricStatisticsCommand({
          ...metric,
          ...range(),
          Period: 300,
          Statistics: ["Sum", "Average", "Maximum", "Minimum", "SampleCount"],
        }),
      );
      expect(Datapoints).to.deep.equal([{ Timestamp: at, Unit: "None", Sum: 12, Average: 3, Maximum: 6, Minimum: 1, SampleCount: 4 }]);
      const { MetricDataResults } = await client.send(
        new GetMetricDataCommand({
          ...range(),
          MetricDataQueries: [{ Id: "m1", MetricStat: { Metric: metric, Period: 60, Stat: "Sum" } }],
        }),
      );
      expect(MetricDataResults?.[0]?.Values).to.deep.equal([3, 9]);
      const { Metrics } = await client.send(new ListMetricsCommand({ Namespace: "Payroll" }));
      expect(Metrics).to.deep.equal([metric]);
      expect((await client.send(new ListMetricsCommand({ Dimensions: [{ Name: "Run", Value: "r2" }] }))).Metrics).to.deep.equal([]);
    });
    it("of functions are kept over a restart, also in a program without alarms", async () => {
      await start();
      const invoked = { kind: "invoked", from: "f", atMs: Math.floor((laptop.cloud.clock.nowMs() - 300_000) / 60_000) * 60_000 };
      laptop.cloud.occurrences.record({ ...invoked, detail: { ms: 5, concurrent: 1 } });
      laptop.cloud.occurrences.record({ ...invoked, detail: { ms: 15, concurrent: 2, error: "Error: no" } });
      laptop.cloud.occurrences.record({ ...invoked, kind: "throttle", detail: {} });
      await laptop.stop();
      await start();
      const stats = { Invocations: "Sum", Errors: "Sum", Throttles: "Sum", Duration: "Average", ConcurrentExecutions: "Maximum" };
      const { Metrics = [] } = await client.send(new ListMetricsCommand({ Namespace: "AWS/Lambda" }));
      expect(Metrics.map(({ MetricName }) => MetricName)).to.have.members(Object.keys(stats));
      const { MetricDataResults = [] } = await client.send(
        new GetMetricDataCommand({
          ...range(),
          MetricDataQueries: Object.entries(stats).map(([MetricName, Stat], index) => ({
            Id: `m${index}`,
            MetricStat: {
              Metric: { Namespace: "AWS/Lambda", MetricName, Dimensions: [{ Name: "FunctionName", Value: "f" }] },
              Period: 60,
              Stat,
            },
          })),
        }),
      );
      expect(MetricDataResults.map(({ Label, Values }) => [Label, ...Values!])).to.deep.equal([
        ["Invocations", 2],
        ["Errors", 1],
        ["Throttles", 1],
        ["Duration", 10],
        ["ConcurrentExecutions", 2],
      ]);
      const [errors] = (
        await client.send(
          new GetMetricStatisticsCommand({
            ...Metrics.find(({ MetricName }) => MetricName === "Errors")!,
            ...range(),
            Period: 3600,
            Statistics: ["Sum"],
          } as GetMetricStatisticsCommandInput),
        )
      ).Datapoints!;
      expect(errors?.Sum).to.equal(1);
    });
    it("are not read if the range ends before it begins", async () => {
      await start(alarm());
      const { StartTime, EndTime } = range();
      const read = new GetMetricStatisticsCommand({ ...metric, StartTime: EndTime, EndTime: StartTime, Period: 60, Statistics: ["Sum"] });
      expect((await rejectionOf<Error>(client.send(read))).message).to.contain("StartTime must be less than the parameter EndTime");
    });

    it("are refused if a request may have more than 1,440 of them", async () => {
      await start(alarm());
      const read = (days: number) => {
        const { EndTime } = range();
        const StartTime = new Date(EndTime.getTime() - days * 86_400_000);
        return client.send(new GetMetricStatisticsCommand({ ...metric, StartTime, EndTime, Period: 60, Statistics: ["Sum"] }));
      };
      expect((await read(1)).Datapoints).to.deep.equal([]);
      expect((await rejectionOf<Error>(read(2))).message).to.contain("up to 2880 datapoints, which exceeds the limit of 1440");
    });

    it("are accepted as values with counts and as statistics", async () => {
      await start(alarm());
      await client.send(
        new PutMetricDataCommand({
          Namespace: "Payroll",
          MetricData: [
            { ...metric, Values: [1, 5], Counts: [3, 1] },
            { ...metric, StatisticValues: { SampleCount: 2, Sum: 10, Minimum: 0, Maximum: 10 } },
          ].map(({ MetricName, Dimensions, ...more }) => ({ MetricName, Dimensions, ...more, Namespace: undefined })),
        }),
      );
      const { Datapoints } = await client.send(
        new GetMetricStatisticsCommand({ ...metric, ...range(), Period: 60, Statistics: ["Sum", "SampleCount"] }),
      );
      const total = Datapoints!.reduce((sum, point) => sum + point.Sum!, 0);
      expect([total, Datapoints![0]!.SampleCount]).to.deep.equal([18, 6]);
    });
    it("are made of log lines in the embedded metric format", async () => {
      laptop = await startLaptop({ definitions: [monitoring, logs, ...fakes()], resources: [], directory });
      client = new CloudWatchClient({ ...laptop.client, maxAttempts: 1 });
      const nowMs = laptop.cloud.clock.nowMs();
      const line = (properties: object) =>
        JSON.stringify({
          _aws: {
            Timestamp: nowMs,
            CloudWatchMetrics: [{ Namespace: "app", Dimensions: [["service"]], Metrics: [{ Name: "AckMs", Unit: "Milliseconds" }] }],
          },
          service: "webhook",
          ...properties,
        });
      const stream = { logGroupName: "/app", logStreamName: "a" };
      await laptop.cloud.call("logs", "CreateLogGroup", { logGroupName: "/app" }, administrator);
      await laptop.cloud.call("logs", "CreateLogStream", stream, administrator);
      const messages = [line({ AckMs: 5 }), "a line with _aws", '{"_aws":{}}', line({ AckMs: [7, 9] }), line({}), line({ AckMs: "x" })];
      const logEvents = messages.map(message => ({ timestamp: nowMs, message }));
      await laptop.cloud.call("logs", "PutLogEvents", { ...stream, logEvents }, administrator);
      const { Datapoints } = await client.send(
        new GetMetricStatisticsCommand({
          Namespace: "app",
          MetricName: "AckMs",
          Dimensions: [{ Name: "service", Value: "webhook" }],
          StartTime: new Date(nowMs - 60_000),
          EndTime: new Date(nowMs + 60_000),
          Period: 3600,
          Statistics: ["Sum", "SampleCount"],
        }),
      );
      expect(Datapoints?.map(({ Sum, SampleCount }) => [Sum, SampleCount])).to.deep.equal([[21, 3]]);
    });

    it("raise an alarm that a call created", async () => {
      await start(alarm());
      await client.send(
        new PutMetricAlarmCommand({
          AlarmName: "failures",
          ...metric,
          Statistic: "Sum",
          Period: 60,
          EvaluationPeriods: 1,
          ComparisonOperator: "GreaterThanOrEqualToThreshold",
          Threshold: 2,
          AlarmActions: [topicArn],
        }),
      );
      // From the beginning of a minute, so that both values lie in one period.
      advance(60 - (laptop.cloud.clock.nowMs() % 60_000) / 1000);
      await put([1]);
      advance(10);
      await eventually(async () => laptop.cloud.clock.nextMs()! > laptop.cloud.clock.nowMs());
      await put([1]);
      advance(10);
      await eventually(() => published.length === 1);
      expect(published[0]!.input.Subject).to.equal('ALARM: "failures" in US East (N. Virginia)');
    });
  });

  describe("an alarm on a service's own metrics", () => {
    const stateMachineArn = "arn:aws:states:us-east-1:000000000000:stateMachine:payroll";

    it("notifies its topic of a failed execution", async () => {
      await start(
        alarm({
          namespace: "AWS/States",
          metricName: "ExecutionsFailed",
          dimensions: { StateMachineArn: stateMachineArn },
          statistic: "Sum",
        }),
      );

      await laptop.cloud.call(
        "monitoring",
        "PutMetricData",
        {
          Namespace: "AWS/States",
          MetricData: [{ MetricName: "ExecutionsFailed", Dimensions: [{ Name: "StateMachineArn", Value: stateMachineArn }], Value: 1 }],
        },
        { kind: "service", principal: "states.amazonaws.com", sourceArn: stateMachineArn },
      );
      advance(10);

      await eventually(() => published.length === 1);
      expect(published[0]!.input.Subject).to.equal('ALARM: "depth" in US East (N. Virginia)');
    });

    it("is refused by name for an unknown metric", async () => {
      const problem = await start(alarm({ namespace: "AWS/States", metricName: "ActivitiesFailed", dimensions: {} })).then(
        () => undefined,
        (error: Error) => error,
      );

      expect(problem?.message)
        .to.contain("AWS/States ActivitiesFailed")
        .and.to.contain("AWS/States ExecutionsFailed of one StateMachineArn");
    });
  });

  it("refuses a dashboard whose body is not one", async () => {
    const dashboard = { type: "aws:cloudwatch/dashboard:Dashboard", name: "bad", inputs: { dashboardName: "bad", dashboardBody: "{}" } };
    await start();
    const refused = await startLaptop({ definitions: [monitoring, ...fakes()], resources: [dashboard] }).then(
      () => "accepted",
      (error: Error) => error.message,
    );
    expect(refused).to.include('"bad"').and.include("array of widgets");
  });

  describe("operations", () => {
    it("set an alarm's state, and notify its topic", async () => {
      await start(alarm());
      await eventually(async () => (await stateOf()) === "OK");
      await client.send(new SetAlarmStateCommand({ AlarmName: "depth", StateValue: "ALARM", StateReason: "a drill" }));
      expect(JSON.parse(published[0]!.input.Message)).to.include({ NewStateReason: "a drill", OldStateValue: "OK" });
      advance(60);
      await eventually(async () => (await stateOf()) === "OK");
    });
    it("list by state and page, and delete", async () => {
      await start(alarm(), alarm({ name: "a" }), alarm({ name: "b" }));
      await eventually(async () => (await client.send(new DescribeAlarmsCommand({ StateValue: "OK" }))).MetricAlarms?.length === 3);
      const first = await client.send(new DescribeAlarmsCommand({ MaxRecords: 2 }));
      const second = await client.send(new DescribeAlarmsCommand({ MaxRecords: 2, NextToken: first.NextToken }));
      const names = [first, second].map(({ MetricAlarms }) => MetricAlarms?.map(({ AlarmName }) => AlarmName));
      expect(names).to.deep.equal([["a", "b"], ["depth"]]);
      await client.send(new DeleteAlarmsCommand({ AlarmNames: ["a"] }));
      const { MetricAlarms } = await client.send(new DescribeAlarmsCommand({ AlarmNamePrefix: "a" }));
      expect(MetricAlarms ?? []).to.deep.equal([]);
    });
    it("name a missing alarm", async () => {
      await start(alarm());
      const error = await client.send(new SetAlarmStateCommand({ AlarmName: "none", StateValue: "OK", StateReason: "x" })).then(
        () => undefined,
        (cause: unknown) => cause,
      );
      expect(error).to.be.instanceOf(ResourceNotFound);
    });
  });
});
