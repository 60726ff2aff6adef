/** Where a test's workers work: queue and table of a laptop cloud, a gateway in memory, and a clock that runs fast. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GetQueueAttributesCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { Declared } from "@slack-fanout/laptop-cloud/kernel/service";
import { dynamodb } from "@slack-fanout/laptop-cloud/services/dynamodb";
import { sqs } from "@slack-fanout/laptop-cloud/services/sqs";
import { eventually, startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { buildAskEnvelope } from "#core/agent/task-request";
import { LastTries } from "#stores/agent/last-tries";
import { AgentQueue } from "#stores/agent/queue";
import { TasksTable } from "#stores/agent/tasks-table";
import { buildLeaseKey, ThreadLeases } from "#stores/agent/thread-leases";
import { UserSlots } from "#stores/agent/user-slots";
import { Table } from "#stores/table";
import { AgentWorker } from "../../agent/agent-worker";
import type { Brain } from "../../agent/brain";
import { ScriptedBrain } from "../../agent/brains/scripted";
import { Runner } from "../../agent/runner";
import { GatewayTools } from "../../agent/tools";
import { type ClientStack, continueTrace } from "../../agent/trace";
import { FakeGateway } from "./fake-gateway";

const TABLE = "agent-tasks";
const INDEX = "active";
const ACCOUNT = "000000000000";

/** Ends a worker at the n-th of its calls, from 1, to AWS or to the gateway: before it has an effect, or after, when nobody hears the answer. */
interface Kill {
  call: number;
  /** Counts only calls of this name; all where it is left out. */
  of?: string;
  when: "before" | "after";
}

class Killed extends Error {
  override readonly name = "Killed";
}

/** One process: it counts its calls, and dies at one of them; what it calls after that does not happen. */
class Life {
  readonly calls: string[] = [];
  isDead = false;

  constructor(private kill?: Kill) {}

  /** Lets it die at the n-th call (of its kind, if one is given) from now. */
  arm({ call, of, when }: Kill): void {
    this.kill = { call: this.callsOf(of).length + call, of, when };
  }

  /** Lets it die before its next call of this name. */
  dieBefore(name: string): void {
    this.arm({ call: 1, of: name, when: "before" });
  }

  async call<T>(name: string, send: () => Promise<T>): Promise<T> {
    if (this.isDead) throw new Killed(name);
    this.calls.push(name);
    const counted = this.callsOf(this.kill?.of);
    const isLast = counted.length === this.kill?.call && counted.at(-1) === name;
    if (isLast) this.isDead = true;
    if (isLast && this.kill?.when === "before") throw new Killed(name);
    const answer = await send();
    if (this.isDead) throw new Killed(name);
    return answer;
  }

  private callsOf(name: string | undefined): string[] {
    return name === undefined ? this.calls : this.calls.filter(each => each === name);
  }
}

/** Sends every call of a client through a life. `onSend` gets the name of each call that leaves. */
const buildLifePlugin = (life: Life, onSend: (name: string) => void) => ({
  applyToStack: (stack: ClientStack) => {
    stack.add(
      (next, { commandName }) =>
        args =>
          life.call(String(commandName), () => {
            onSend(String(commandName));
            return next(args);
          }),
      { step: "initialize", name: "life" },
    );
  },
});

interface WorkerOptions {
  kill?: Kill;
  brain?: Brain;
  /** Given its tasks by invocation, rather than by the queue. */
  isInvoked?: boolean;
  tasksPerUser?: number;
}

const declareQueue = (name: string, maxReceiveCount?: number): Declared => ({
  type: "aws:sqs/queue:Queue",
  name,
  inputs:
    maxReceiveCount === undefined
      ? {}
      : {
          redrivePolicy: JSON.stringify({ deadLetterTargetArn: `arn:aws:sqs:us-east-1:${ACCOUNT}:${name}-dead-letters`, maxReceiveCount }),
        },
});

const TABLE_RESOURCE: Declared = {
  type: "aws:dynamodb/table:Table",
  name: TABLE,
  inputs: {
    billingMode: "PAY_PER_REQUEST",
    hashKey: "task",
    rangeKey: "item",
    attributes: [
      { name: "task", type: "S" },
      { name: "item", type: "S" },
      { name: "active", type: "S" },
      { name: "created_at", type: "N" },
    ],
    globalSecondaryIndexes: [{ name: INDEX, hashKey: "active", rangeKey: "created_at", projectionType: "ALL" }],
  },
};

const buildMessage = (
  text: string,
  { channel = "C0001", ts = "1763805600.000100", user = "U0001", threadTs = undefined as string | undefined } = {},
) => ({
  id: `T0001-${channel}-${ts}`,
  body: JSON.stringify({
    specversion: "1.0",
    id: `T0001-${channel}-${ts}-events`,
    source: "slack://T0001/events",
    type: "slack.message",
    subject: `${channel}/${ts}`,
    time: new Date(Math.floor(Number(ts) * 1000)).toISOString(),
    datacontenttype: "application/json",
    data: {
      team: "T0001",
      channel,
      user,
      text: `<@UBOT01> ${text}`,
      ts,
      ...(threadTs === undefined ? {} : { threadTs }),
      files: [],
    },
  }),
});

const buildAsk = (text: string, triggerId = "1.2.abc") => {
  const { id, envelope } = buildAskEnvelope({ team: "T0001", channel: "C0001", user: "U0001", text, triggerId }, Date.now());
  return { id, body: envelope };
};

/** How much faster than time the clock runs: heartbeats, which look at it every tenth of a second, still follow easily. */
const SPEED = 20;

/** Starts a cloud, with a clock that runs fast unless a worker in another process is to follow it; worker log lines are kept rather than printed. */
const startWorkplace = async ({ isFast = true } = {}) => {
  const resources = [TABLE_RESOURCE, declareQueue("agent-tasks-dead-letters"), declareQueue("agent-tasks", 3)];
  const laptop = await startLaptop({ definitions: [sqs, dynamodb], resources });
  const { clock } = laptop.cloud;
  const nowMs = () => clock.nowMs();
  const [sqsClient, dynamodbClient] = [new SQSClient(laptop.client), new DynamoDBClient(laptop.client)];
  const tasks = new TasksTable(dynamodbClient, TABLE, INDEX);
  const gateway = new FakeGateway(tasks, nowMs);
  const lines: string[] = [];
  const log = {
    info: (message: string) => lines.push(message),
    debug: () => {},
    error: (message: string, error: unknown) => lines.push(`${message}: ${error}`),
  };
  const ticking = isFast ? setInterval(() => clock.advance((SPEED - 1) * 0.02), 20) : undefined;
  const workers: AgentWorker[] = [];
  const urlOf = (name: string) => `${laptop.cloud.place.awsUrl}/${ACCOUNT}/${name}`;

  let receivesUnderWay = 0;
  laptop.cloud.calls.onRecord(({ operation }) => {
    if (operation === "ReceiveMessage") receivesUnderWay -= 1;
  });
  const onSend = (name: string) => {
    if (name === "ReceiveMessageCommand") receivesUnderWay += 1;
  };
  sqsClient.middlewareStack.use(buildLifePlugin(new Life(), onSend));
  /** Otherwise the queue gives the message to the long poll of a worker that has just died, and hides it once more. */
  const endReceives = () =>
    eventually(() => receivesUnderWay <= 0, 1000).catch(() => {
      // A request that was aborted before it was sent is never recorded.
      receivesUnderWay = 0;
    });

  /** Hires a worker with clients of its own, which begins at once. */
  const hire = ({ kill, brain = new ScriptedBrain(nowMs), isInvoked = false, tasksPerUser = 3 }: WorkerOptions = {}) => {
    const life = new Life(kill);
    const clients = [new SQSClient(laptop.client), new DynamoDBClient(laptop.client)] as const;
    for (const { middlewareStack } of clients) {
      middlewareStack.use(continueTrace);
      middlewareStack.use(buildLifePlugin(life, onSend));
    }
    const queue = new AgentQueue(clients[0], urlOf("agent-tasks"));
    const own = new TasksTable(clients[1], TABLE, INDEX);
    const fetchGateway = (url: string | URL | Request, init?: RequestInit) => life.call("gateway", () => gateway.fetch(url, init));
    const tools = new GatewayTools({ url: "http://127.0.0.1/mcp", token: "secret" }, log, nowMs, fetchGateway);
    const leases = new ThreadLeases(clients[1], TABLE);
    const slots = new UserSlots(leases, tasksPerUser);
    const lastTries = new LastTries(clients[1], TABLE);
    const worker = new AgentWorker(queue, {
      tasks: own,
      leases,
      slots,
      lastTries,
      tools,
      runner: new Runner(brain, own, nowMs),
      log,
      nowMs,
    });
    const running = isInvoked ? Promise.resolve() : worker.run();
    workers.push(worker);
    const stop = async () => {
      await worker.stop();
      await running;
      await endReceives();
      for (const client of clients) client.destroy();
    };
    return { worker, life, queue, stop };
  };

  return {
    laptop,
    clock,
    nowMs,
    tasks,
    gateway,
    lines,
    log,
    sqs: sqsClient,
    queueUrl: urlOf("agent-tasks"),
    table: TABLE,
    index: INDEX,
    hire,
    say: async ({ body }: { body: string }, traceHeader?: string) => {
      await sqsClient.send(
        new SendMessageCommand({
          QueueUrl: urlOf("agent-tasks"),
          MessageBody: body,
          ...(traceHeader === undefined
            ? {}
            : { MessageSystemAttributes: { AWSTraceHeader: { DataType: "String", StringValue: traceHeader } } }),
        }),
      );
    },
    /** Receives what is in the queue for nobody, so that who gets it next has one try less. */
    useUpTries: async (times: number) => {
      for (let time = 1; time <= times; time += 1) {
        const command = new ReceiveMessageCommand({ QueueUrl: urlOf("agent-tasks"), VisibilityTimeout: 0, WaitTimeSeconds: 1 });
        const { Messages = [] } = await sqsClient.send(command);
        if (Messages.length !== 1) throw new Error(`${Messages.length} messages were received, not one`);
      }
    },
    lastTries: new LastTries(dynamodbClient, TABLE),
    leases: new ThreadLeases(dynamodbClient, TABLE),
    /** How many messages a queue has, hidden ones among them. */
    countMessages: async (queue: string) => {
      const { Attributes } = await sqsClient.send(new GetQueueAttributesCommand({ QueueUrl: urlOf(queue), AttributeNames: ["All"] }));
      return ["", "NotVisible", "Delayed"].reduce(
        (sum, part) => sum + Number(Attributes?.[`ApproximateNumberOfMessages${part}` as keyof typeof Attributes] ?? 0),
        0,
      );
    },
    receive: async (queue: string) => {
      const { Messages = [] } = await sqsClient.send(new ReceiveMessageCommand({ QueueUrl: urlOf(queue), WaitTimeSeconds: 0 }));
      return Messages;
    },
    readLease: (thread: string) => new Table(dynamodbClient, TABLE).get<{ until: number }>(buildLeaseKey(thread)),
    stop: async () => {
      await Promise.all(workers.map(worker => worker.stop()));
      clearInterval(ticking);
      sqsClient.destroy();
      dynamodbClient.destroy();
      await laptop.stop();
    },
  };
};

type Workplace = Awaited<ReturnType<typeof startWorkplace>>;

export type { Kill, Workplace };
export { buildAsk, buildMessage, startWorkplace };
