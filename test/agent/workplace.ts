/** The surroundings of workers in tests: a laptop cloud's queue and table, a gateway in memory, and a fast clock. */

import { DynamoDBClient, type TransactWriteItemsInput, type UpdateItemInput } from "@aws-sdk/client-dynamodb";
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { administrator } from "@slack-fanout/laptop-cloud/kernel/caller";
import type { Declared } from "@slack-fanout/laptop-cloud/kernel/service";
import { dynamodb } from "@slack-fanout/laptop-cloud/services/dynamodb";
import { sqs } from "@slack-fanout/laptop-cloud/services/sqs";
import { eventually, startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { ACTIVE } from "#core/agent/tables";
import { buildAskEnvelope } from "#core/agent/task-request";
import type { AgentBusy } from "#core/agent/thread";
import { LastTries } from "#stores/agent/last-tries";
import { NextTurns } from "#stores/agent/next-turns";
import { AgentQueue } from "#stores/agent/queue";
import { TeamSlots, UserSlots } from "#stores/agent/slots";
import { TasksTable } from "#stores/agent/tasks-table";
import { buildLeaseKey, ThreadLeases } from "#stores/agent/thread-leases";
import { ThreadsTable } from "#stores/agent/threads-table";
import { trim } from "#stores/aws-clients";
import { Table } from "#stores/table";
import { AgentWorker } from "../../agent/agent-worker";
import type { Brain } from "../../agent/brain";
import { ScriptedBrain } from "../../agent/brains/scripted";
import { Runner } from "../../agent/runner";
import { GatewayTools } from "../../agent/tools";
import { type ClientStack, continueTrace } from "../../agent/trace";
import { FakeGateway } from "./fake-gateway";

const TABLE = "agent-tasks";
const ACCOUNT = "000000000000";

/**
 * Kills a worker at its n-th call (from 1) with this name or description: before the call has an effect, or after it, so that its answer is lost.
 * Reads are not counted, because dying at a read leaves the same state as dying at the next change.
 */
interface Kill {
  call: number;
  /** The name of a call, or its whole description by `describeCall`. */
  of: string;
  when: "before" | "after";
}

/** Calls of workers that change nothing. */
const READS = ["GetItemCommand", "QueryCommand"];

class Killed extends Error {
  override readonly name = "Killed";
}

/** What a call does: the names of its command and tool, and of the attributes that it changes. */
const describeCall = (name: string, input: object): string => {
  const { TransactItems, UpdateExpression, ConditionExpression } = input as Partial<TransactWriteItemsInput & UpdateItemInput>;
  const items = (TransactItems ?? []).flatMap(item => Object.entries(item)).map(([action, each]) => describeCall(action, each as object));
  return [name, UpdateExpression, ConditionExpression, ...items].filter(each => each !== undefined).join(" ");
};

const describeRequest = (body: unknown): string => {
  const { method, params = {} } = JSON.parse(typeof body === "string" ? body : "{}") as {
    method?: string;
    params?: Record<string, unknown>;
  };
  const { state, step } = (params["arguments"] ?? {}) as Record<string, unknown>;
  return [GATEWAY, method, params["name"], state, step].filter(each => typeof each === "string").join(" ");
};

const GATEWAY = "gateway";

/** A simulated process: remembers its calls, and dies at one of them. Later calls have no effect. */
class Life {
  readonly calls: string[] = [];
  /** Descriptions of the calls that changed something since it was armed. */
  readonly changes: string[] = [];
  isDead = false;

  constructor(private kill?: Kill) {}

  /** Kills it at the n-th such call from now on. Never, if `kill` is undefined. */
  arm(kill: Kill | undefined): void {
    this.changes.length = 0;
    this.kill = kill;
  }

  /** Kills it before its next call with this name. */
  dieBefore(name: string): void {
    this.arm({ call: 1, of: name, when: "before" });
  }

  async call<T>(name: string, does: string, send: () => Promise<T>): Promise<T> {
    if (this.isDead) throw new Killed(name);
    this.calls.push(name);
    if (!READS.includes(name)) this.changes.push(does);
    const { call, of, when } = this.kill ?? {};
    const isCounted = (each: string) => each === of || each.split(" ")[0] === of;
    this.isDead = isCounted(does) && this.changes.filter(isCounted).length === call;
    if (this.isDead && when === "before") throw new Killed(name);
    const answer = await send();
    if (this.isDead) throw new Killed(name);
    return answer;
  }
}

/** Passes all calls of a client through `life`. Calls `onSend` with the name of each call that is sent. */
const buildLifePlugin = (life: Life, onSend: (name: string) => void) => ({
  applyToStack: (stack: ClientStack) => {
    stack.add(
      (next, { commandName }) =>
        args => {
          const name = String(commandName);
          return life.call(name, describeCall(name, args.input as object), () => {
            onSend(name);
            return next(args);
          });
        },
      { step: "initialize", name: "life" },
    );
  },
});

interface WorkerOptions {
  kill?: Kill;
  brain?: Brain;
  /** The worker gets its tasks by invocation instead of from the queue. */
  isInvoked?: boolean;
  busy?: AgentBusy;
  tasksPerUser?: number;
  /** Only where the stack serves many workspaces. */
  tasksPerTeam?: number;
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
    globalSecondaryIndexes: [{ name: ACTIVE.name, hashKey: "active", rangeKey: "created_at", projectionType: "ALL" }],
  },
};

const buildMessage = (
  text: string,
  { channel = "C0001", ts = "1763805600.000100", user = "U0001", team = "T0001", threadTs = undefined as string | undefined } = {},
) => ({
  id: `${team}-${channel}-${ts}`,
  body: JSON.stringify({
    specversion: "1.0",
    id: `${team}-${channel}-${ts}-events`,
    source: `slack://${team}/events`,
    type: "slack.message",
    subject: `${channel}/${ts}`,
    time: new Date(Math.floor(Number(ts) * 1000)).toISOString(),
    datacontenttype: "application/json",
    data: {
      team,
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

/** How much faster than real time the clock runs. Heartbeats check it every tenth of a second, which is still often enough. */
const SPEED = 20;
const TICK_SECONDS = 0.05;

/** Starts a cloud with a fast clock, unless a worker in another process has to follow the clock. Collects the workers' log lines. */
const startWorkplace = async ({ isFast = true } = {}) => {
  const resources = [TABLE_RESOURCE, declareQueue("agent-tasks-dead-letters"), declareQueue("agent-tasks", 3)];
  const laptop = await startLaptop({ definitions: [sqs, dynamodb], resources });
  const { clock } = laptop.cloud;
  const nowMs = () => clock.nowMs();
  const createClients = () => [trim(new SQSClient(laptop.directClient)), trim(new DynamoDBClient(laptop.directClient))] as const;
  const [sqsClient, dynamodbClient] = createClients();
  const tasks = new TasksTable(dynamodbClient, TABLE);
  const gateway = new FakeGateway(tasks, nowMs);
  const lines: string[] = [];
  const log = {
    info: (message: string) => lines.push(message),
    debug: () => {},
    error: (message: string, error: unknown) => lines.push(`${message}: ${error}`),
  };
  const ticking = isFast ? setInterval(() => clock.advance((SPEED - 1) * TICK_SECONDS), 1000 * TICK_SECONDS) : undefined;
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
  /** Waits for open receives. Otherwise the long poll of a dead worker could receive the message, and hide it again. */
  const endReceives = () =>
    eventually(() => receivesUnderWay <= 0, 1000).catch(() => {
      // A request that was aborted before it was sent is never recorded.
      receivesUnderWay = 0;
    });

  /** Starts a worker with its own clients. */
  const hire = (options: WorkerOptions = {}) => {
    const { kill, brain = new ScriptedBrain(nowMs), isInvoked = false, busy = "queue", tasksPerUser = 3, tasksPerTeam } = options;
    const life = new Life(kill);
    const clients = createClients();
    for (const { middlewareStack } of clients) {
      middlewareStack.use(continueTrace);
      middlewareStack.use(buildLifePlugin(life, onSend));
    }
    const queue = new AgentQueue(clients[0], urlOf("agent-tasks"));
    const own = new TasksTable(clients[1], TABLE);
    const fetchGateway = (url: string | URL | Request, init?: RequestInit) =>
      life.call(GATEWAY, describeRequest(init?.body), () => gateway.fetch(url, init));
    const tools = new GatewayTools({ url: "http://127.0.0.1/mcp", token: "secret" }, log, nowMs, fetchGateway);
    const leases = new ThreadLeases(clients[1], TABLE);
    const slots = new UserSlots(leases, tasksPerUser);
    const lastTries = new LastTries(clients[1], TABLE);
    const threads = new ThreadsTable(clients[1], TABLE);
    const worker = new AgentWorker(queue, {
      tasks: own,
      threads,
      busy,
      nextTurns: new NextTurns(own, threads, body => queue.send(body), nowMs),
      leases,
      slots,
      teamSlots: tasksPerTeam === undefined ? undefined : new TeamSlots(leases, tasksPerTeam),
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
    /** Receives the message without handling it, so that each time uses up one try. */
    useUpTries: async (times: number) => {
      for (let time = 1; time <= times; time += 1) {
        const command = new ReceiveMessageCommand({ QueueUrl: urlOf("agent-tasks"), VisibilityTimeout: 0, WaitTimeSeconds: 1 });
        const { Messages = [] } = await sqsClient.send(command);
        if (Messages.length !== 1) throw new Error(`${Messages.length} messages were received, not one`);
      }
    },
    lastTries: new LastTries(dynamodbClient, TABLE),
    leases: new ThreadLeases(dynamodbClient, TABLE),
    /** Number of messages in a queue, including hidden ones. Not by a client, because tests call it often while they wait. */
    countMessages: async (queue: string) => {
      const input = { QueueUrl: urlOf(queue), AttributeNames: ["All"] };
      const { Attributes = {} } = await laptop.cloud.call("sqs", "GetQueueAttributes", input, administrator);
      return ["", "NotVisible", "Delayed"].reduce((sum, part) => sum + Number(Attributes[`ApproximateNumberOfMessages${part}`] ?? 0), 0);
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

export type { Kill, Life, Workplace };
export { buildAsk, buildMessage, startWorkplace };
