/** Builds the worker, which runs in a container, or in the function that calls an agent of your own. */
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { AgentBusy } from "#core/agent/thread";
import type { Log } from "#core/log";
import { LastTries } from "#stores/agent/last-tries";
import { NextTurns } from "#stores/agent/next-turns";
import type { AgentQueue } from "#stores/agent/queue";
import { TeamSlots, UserSlots } from "#stores/agent/slots";
import { TasksTable } from "#stores/agent/tasks-table";
import { ThreadLeases } from "#stores/agent/thread-leases";
import { ThreadsTable } from "#stores/agent/threads-table";
import { AgentWorker } from "./agent-worker";
import type { Brain } from "./brain";
import { Runner } from "./runner";
import { GatewayTools } from "./tools";

interface WorkerSettings {
  tasksTable: string;
  gatewayUrl: string;
  /** The gateway's bearer token. */
  token: string;
  busy: AgentBusy;
  /** How many tasks of one person run at a time. */
  tasksPerUser: number;
  /** How many tasks of one workspace run at a time. Undefined where the stack serves one workspace. */
  tasksPerTeam?: number | undefined;
}

interface WorkerParts {
  dynamodb: DynamoDBClient;
  queue: AgentQueue;
  brain: Brain;
  log: Log;
}

const buildWorker = (settings: WorkerSettings, { dynamodb, queue, brain, log }: WorkerParts): AgentWorker => {
  const { tasksTable, gatewayUrl: url, token, busy, tasksPerUser, tasksPerTeam } = settings;
  const tasks = new TasksTable(dynamodb, tasksTable);
  const leases = new ThreadLeases(dynamodb, tasksTable);
  const threads = new ThreadsTable(dynamodb, tasksTable);
  return new AgentWorker(queue, {
    busy,
    tasks,
    threads,
    leases,
    nextTurns: new NextTurns(tasks, threads, body => queue.copy({ body })),
    slots: new UserSlots(leases, tasksPerUser),
    teamSlots: tasksPerTeam === undefined ? undefined : new TeamSlots(leases, tasksPerTeam),
    lastTries: new LastTries(dynamodb, tasksTable),
    tools: new GatewayTools({ url, token }, log),
    runner: new Runner(brain, tasks, Date.now),
    log,
    nowMs: Date.now,
  });
};

export { buildWorker };
