import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  DescribeServicesCommand,
  DescribeTasksCommand,
  ECSClient,
  ListClustersCommand,
  ListServicesCommand,
  ListTasksCommand,
  StopTaskCommand,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import { eventually, rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { readLogs } from "../../../src/controls/logs";
import { isAlive } from "../../processes";
import { type ContainerUnderTest, queueArn, roleArn, sdk, startContainers, tokenArn } from "./containers-under-test";

/** Logs that it has started, then waits until it is stopped. */
const idle = `console.log("up"); setInterval(() => {}, 1e9);`;

/** Polls, reads the queue's attributes `times` times, and logs the result of each read. */
const asking = (times: number) => `
  const { SQSClient, GetQueueAttributesCommand, ReceiveMessageCommand } = require(${sdk("client-sqs")});
  const client = new SQSClient({ maxAttempts: 1 });
  client.middlewareStack.add(next => args => {
    args.request.headers["x-amzn-trace-id"] = "Root=1-00000001-000000000000000000000001";
    return next(args);
  }, { step: "build" });
  const QueueUrl = process.env.AWS_ENDPOINT_URL + "/000000000000/jobs";
  const ask = () => client.send(new GetQueueAttributesCommand({ QueueUrl })).then(() => "allowed", error => error.name + ": " + error.message);
  (async () => {
    for (let call = 1; call <= ${times}; call++) {
      await client.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 0 })).catch(() => {});
      console.log("call " + call + " " + (await ask()));
    }
    setInterval(() => {}, 1e9);
  })();`;

describe("ecs", () => {
  let directory: string;
  let laptop: Awaited<ReturnType<typeof startContainers>>;
  let client: ECSClient;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "slack-fanout-ecs-"));
  });
  afterEach(async () => {
    await laptop?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const start = async (under: ContainerUnderTest) => {
    laptop = await startContainers(directory, under);
    client = new ECSClient(laptop.client);
  };
  const lines = (): string[] =>
    laptop.cloud.occurrences.all().flatMap(({ kind, detail }) => (kind === "log" ? [String(detail!["line"])] : []));
  const said = (line: string, times = 1) => eventually(() => lines().filter(each => each === line).length >= times);
  const listTasks = async (desiredStatus: "RUNNING" | "STOPPED" = "RUNNING") => {
    const { taskArns = [] } = await client.send(new ListTasksCommand({ cluster: "main", desiredStatus }));
    if (taskArns.length === 0) return [];
    return (await client.send(new DescribeTasksCommand({ cluster: "main", tasks: taskArns }))).tasks!;
  };
  const pidOf = (task: Awaited<ReturnType<typeof listTasks>>[number]) => Number(task.containers![0]!.runtimeId);

  describe("a container", () => {
    it("runs its command in the image's folder, with its own environment only", async () => {
      process.env["OF_THE_MACHINE"] = "yes";
      await start({
        code: `console.log(JSON.stringify({ cwd: process.cwd(), argv: process.argv.slice(2), names: Object.keys(process.env).sort(), word: process.env.WORD, send: typeof process.send })); setInterval(() => {}, 1e9);`,
        container: { command: ["node", "worker.js", "--once"], environment: [{ name: "WORD", value: "said" }] },
      });
      delete process.env["OF_THE_MACHINE"];
      const line = await eventually(() => lines()[0]);
      const own = ["AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_EXECUTION_ENV", "AWS_REGION"];
      const rest = ["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "TZ", "WORD"];
      expect(JSON.parse(line)).to.deep.equal({
        cwd: join(directory, "image"),
        argv: ["--once"],
        names: [...own, ...rest],
        word: "said",
        send: "undefined",
      });
    });

    describe("with a secret", () => {
      const under = (actions: string[], valueFrom = tokenArn): ContainerUnderTest => ({
        code: "console.log(process.env.TOKEN); setInterval(() => {}, 1e9);",
        actions,
        container: { secrets: [{ name: "TOKEN", valueFrom }] },
        taskDefinition: { executionRole: { roleArn } },
        more: [{ type: "aws:ssm/parameter:Parameter", name: "token", inputs: { type: "SecureString", value: "hush" } }],
      });

      it("gets it from SSM as an environment variable", async () => {
        await start(under(["ssm:GetParameters"]));
        await said("hush");
      });

      it("is not started if the execution role may not read it", async () => {
        const error = await rejectionOf(start(under(["ssm:GetParameter"])));
        expect((error as Error).message)
          .to.contain("ssm:GetParameters")
          .and.to.contain(tokenArn);
      });

      it("is not started if the parameter is missing", async () => {
        const error = await rejectionOf(start(under(["ssm:GetParameters"], `${tokenArn}s`)));
        expect((error as Error).message)
          .to.contain("reads a secret from the parameter")
          .and.to.contain(`${tokenArn}s`);
      });
    });

    it("writes its output to its log group, one stream per task", async () => {
      await start({ code: `console.log("out"); console.error("trouble"); setInterval(() => {}, 1e9);` });
      const logs = new CloudWatchLogsClient(laptop.client);
      const events = await eventually(async () => {
        const found = await logs.send(new FilterLogEventsCommand({ logGroupName: "/ecs/worker" }));
        return found.events!.length === 2 && found.events;
      });
      expect(events.map(({ message }) => message)).to.have.members(["out", "trouble"]);
      const [task] = await listTasks();
      expect((await readLogs(laptop.cloud, "worker")).map(({ message }) => message)).to.have.members(["out", "trouble"]);
      expect(events[0]!.logStreamName).to.equal(`worker/worker/${task!.taskArn!.split("/").at(-1)}`);
    });

    it("calls AWS with its task role, and its calls are recorded under its name", async () => {
      await start({ code: asking(1), actions: ["sqs:ReceiveMessage", "sqs:GetQueueAttributes", "sqs:SendMessage"] });
      await said("call 1 allowed");
      const call = laptop.cloud.calls.all().find(each => each.function === "worker" && each.operation === "GetQueueAttributes");
      expect(call).to.include({ service: "sqs", action: "sqs:GetQueueAttributes", resource: queueArn, allowed: true, invocation: null });
      expect(call!.trace).to.equal("1-00000001-000000000000000000000001");
      const grants = laptop.cloud.usage().grants.map(({ action, used }) => ({ action, used }));
      expect(grants).to.deep.include.members([
        { action: "sqs:ReceiveMessage", used: 1 },
        { action: "sqs:GetQueueAttributes", used: 1 },
        { action: "sqs:SendMessage", used: 0 },
      ]);
    });

    it("is denied what its role lacks, and everything if the role trusts another service", async () => {
      await start({ code: asking(1), trusts: "lambda.amazonaws.com" });
      const line = await eventually(() => lines()[0]);
      expect(line).to.include("AccessDenied").and.to.include("ecs-tasks.amazonaws.com");
      expect(laptop.cloud.calls.all().filter(({ function: name, allowed }) => name === "worker" && allowed)).to.deep.equal([]);
    });
  });

  describe("a service", () => {
    it("is described by the API", async () => {
      await start({ code: idle, service: { desiredCount: 2 } });
      expect((await client.send(new ListClustersCommand({}))).clusterArns).to.deep.equal([
        "arn:aws:ecs:us-east-1:000000000000:cluster/main",
      ]);
      const { serviceArns } = await client.send(new ListServicesCommand({ cluster: "main" }));
      expect(serviceArns).to.deep.equal(["arn:aws:ecs:us-east-1:000000000000:service/main/worker"]);
      const { services, failures } = await client.send(new DescribeServicesCommand({ cluster: "main", services: ["worker", "nobody"] }));
      expect(services![0]).to.include({ serviceName: "worker", status: "ACTIVE", desiredCount: 2, runningCount: 2 });
      expect(failures).to.deep.equal([{ arn: "arn:aws:ecs:us-east-1:000000000000:service/main/nobody", reason: "MISSING" }]);
      const tasks = await listTasks();
      expect(tasks.map(({ lastStatus, group }) => ({ lastStatus, group }))).to.deep.equal([
        { lastStatus: "RUNNING", group: "service:worker" },
        { lastStatus: "RUNNING", group: "service:worker" },
      ]);
      expect(tasks[0]!.startedAt!.getTime()).to.be.closeTo(laptop.cloud.clock.nowMs(), 60_000);
    });

    it("keeps one task running if it may scale up, else none", async () => {
      const target = {
        type: "aws:appautoscaling/target:Target",
        name: "workers",
        inputs: {
          minCapacity: 0,
          maxCapacity: 2,
          resourceId: "service/main/worker",
          scalableDimension: "ecs:service:DesiredCount",
          serviceNamespace: "ecs",
        },
      };
      await start({ code: idle, service: { desiredCount: 0 }, more: [target] });
      await said("up");
      await laptop.stop();
      await start({ code: idle, service: { desiredCount: 0 } });
      expect(await listTasks()).to.deep.equal([]);
    });

    it("restarts a killed container, with backoff after quick failures", async () => {
      await start({ code: idle });
      const waitsMs = [1000, 2000, 4000];
      for (const [round, waitMs] of waitsMs.entries()) {
        await said("up", round + 1);
        const [task] = await listTasks();
        process.kill(pidOf(task!), "SIGKILL");
        await eventually(async () => (await listTasks("STOPPED")).length === round + 1);
        await laptop.cloud.clock.advanceInSteps(waitMs / 1000);
      }
      await said("up", 4);
      const stopped = await listTasks("STOPPED");
      const lives = [...stopped, ...(await listTasks())].sort((a, b) => a.createdAt!.getTime() - b.createdAt!.getTime());
      const waitedMs = waitsMs.map((_, round) => lives[round + 1]!.createdAt!.getTime() - lives[round]!.stoppedAt!.getTime());
      for (const [round, waitMs] of waitsMs.entries()) expect(waitedMs[round]).to.be.at.least(waitMs);
      const [last] = stopped;
      expect(last!.containers![0]!.exitCode).to.equal(137);
      expect(last!.stopCode).to.equal("EssentialContainerExited");
    });

    it("stops a container with SIGTERM, then SIGKILL, and starts another", async () => {
      const stubborn = `process.on("SIGTERM", () => console.log("asked")); console.log("up"); setInterval(() => {}, 1e9);`;
      await start({ code: stubborn, container: { stopTimeout: 1 } });
      await said("up");
      const [task] = await listTasks();
      const { task: stopping } = await client.send(new StopTaskCommand({ cluster: "main", task: task!.taskArn!, reason: "a test" }));
      expect(stopping).to.include({ desiredStatus: "STOPPED", lastStatus: "RUNNING", stoppedReason: "a test" });
      await said("asked");
      await said("up", 2);
      await eventually(() => !isAlive(pidOf(task!)));
    });

    it("starts and ends containers when it is scaled", async () => {
      await start({ code: idle });
      const scale = (desiredCount: number) => client.send(new UpdateServiceCommand({ cluster: "main", service: "worker", desiredCount }));
      await scale(3);
      await eventually(async () => (await listTasks()).length === 3);
      await scale(1);
      await eventually(async () => (await listTasks()).length === 1);
    });

    it("replaces its containers when a new deployment is forced", async () => {
      await start({ code: idle });
      await said("up");
      const [before] = await listTasks();
      await client.send(new UpdateServiceCommand({ cluster: "main", service: "worker", forceNewDeployment: true }));
      await said("up", 2);
      const [after] = await eventually(async () => {
        const tasks = await listTasks();
        return tasks.length === 1 && tasks;
      });
      expect(after!.taskArn).to.not.equal(before!.taskArn);
      await eventually(() => !isAlive(pidOf(before!)));
    });

    it("is found by name; a missing one is reported with ECS's error", async () => {
      await start({ code: idle });
      const refusalOf = (call: Promise<unknown>) =>
        call.then(
          () => "taken",
          (error: Error) => error.name,
        );
      const cluster = "main";
      expect(await refusalOf(client.send(new ListServicesCommand({})))).to.equal("ClusterNotFoundException");
      expect(await refusalOf(client.send(new ListTasksCommand({ cluster, serviceName: "nobody" })))).to.equal("ServiceNotFoundException");
      expect(await refusalOf(client.send(new UpdateServiceCommand({ cluster, service: "nobody" })))).to.equal("ServiceNotFoundException");
      const scaled = client.send(new UpdateServiceCommand({ cluster, service: "worker", desiredCount: -1 }));
      expect(await refusalOf(scaled)).to.equal("InvalidParameterException");
      expect(await refusalOf(client.send(new StopTaskCommand({ cluster, task: "none" })))).to.equal("InvalidParameterException");
      expect(await refusalOf(client.send(new DescribeTasksCommand({ cluster, tasks: [] })))).to.equal("InvalidParameterException");
      const filtered = client.send(new ListTasksCommand({ cluster, family: "worker" }));
      expect(await refusalOf(filtered)).to.equal("ValidationException");
    });

    it("is killed by the weather at its n-th call, not counting polls, and restarts", async () => {
      await start({ code: asking(3) });
      await said("call 3 allowed");
      laptop.cloud.weather.change({ kill: { function: "worker", call: 2, when: "before" } });
      const [task] = await listTasks();
      process.kill(pidOf(task!), "SIGKILL");
      await eventually(() => laptop.cloud.clock.nextMs());
      await laptop.cloud.clock.advanceInSteps(1);
      await eventually(() => laptop.cloud.weather.report.kill === null);
      await eventually(() => laptop.cloud.occurrences.all().filter(({ kind }) => kind === "task-ended").length === 2);
      expect(lines()).to.deep.equal(["call 1 allowed", "call 2 allowed", "call 3 allowed", "call 1 allowed"]);
    });

    it("records what happens to its tasks", async () => {
      await start({ code: `process.exit(3)` });
      const ended = await eventually(() => laptop.cloud.occurrences.all().find(({ kind }) => kind === "task-ended"));
      expect(ended).to.deep.include({ from: "worker" });
      expect(ended.detail).to.include({ code: 3, signal: null, reason: "Essential container in task exited" });
    });
  });

  it("records calls of the program's APIs, by fetch and by node:http, and no others", async () => {
    const api = { type: "aws:apigatewayv2/api:Api", name: "public", inputs: { protocolType: "HTTP" } };
    const code = `
      const page = process.env.PAGE_URL;
      const ask = url => new Promise(resolve => require("node:http").get(url, response => response.resume().on("end", resolve)));
      (async () => {
        await fetch(page + "/elsewhere");
        await fetch(page + "/api-gateway/tasks?token=hunter2");
        await ask(page + "/api-gateway");
        console.log("asked");
        setInterval(() => {}, 1e9);
      })();`;
    await start({ code, more: [api] });
    await said("asked");
    const requests = () => laptop.cloud.occurrences.all().filter(({ kind }) => kind === "request");
    await eventually(() => requests().length >= 2);
    expect(requests().map(({ from, to }) => `${from} > ${to}`)).to.deep.equal(["worker > public", "worker > public"]);
    expect(JSON.stringify(requests())).to.not.include("hunter2");
  });

  it("lets containers release their work when the cloud stops", async () => {
    const handing = `
      const { SQSClient, SendMessageCommand } = require(${sdk("client-sqs")});
      const client = new SQSClient({});
      const QueueUrl = process.env.AWS_ENDPOINT_URL + "/000000000000/jobs";
      process.on("SIGTERM", () => client.send(new SendMessageCommand({ QueueUrl, MessageBody: "handed back" })).then(() => process.exit(0)));
      console.log("up");
      setInterval(() => {}, 1e9);`;
    await start({ code: handing });
    await said("up");
    const [task] = await listTasks();
    await laptop.stop();
    expect(isAlive(pidOf(task!))).to.equal(false);
    const calls = laptop.cloud.calls.all().filter(({ operation }) => operation === "SendMessage");
    expect(calls.map(({ function: name, error }) => ({ name, error }))).to.deep.equal([{ name: "worker", error: null }]);
  });

  describe("what is not imitated", () => {
    const refused: [string, ContainerUnderTest, string][] = [
      ["another command", { code: "", container: { command: ["sh", "-c", "true"] } }, '["sh","-c","true"]'],
      ["a foreign image", { code: "", container: { image: "nginx:latest" } }, '"nginx:latest", which the program does not build'],
      ["a property of the container", { code: "", container: { entryPoint: ["x"] } }, "the container sets entryPoint"],
      ["a property of the task", { code: "", taskDefinition: { volumes: [] } }, "taskDefinitionArgs sets volumes"],
      ["a task without a role", { code: "", taskDefinition: { taskRole: undefined } }, "taskRole.roleArn is missing"],
      ["another log driver", { code: "", container: { logConfiguration: { logDriver: "splunk" } } }, '"splunk"'],
      ["a property of the service", { code: "", service: { loadBalancers: [] } }, "sets loadBalancers"],
    ];
    for (const [what, under, quoted] of refused) {
      it(`refuses ${what} by name`, async () => {
        const outcome = await startContainers(directory, under).then(
          async started => {
            await started.stop();
            return "started";
          },
          (error: Error) => error.message,
        );
        expect(outcome).to.include('"worker"').and.to.include(quoted);
      });
    }
  });
});
