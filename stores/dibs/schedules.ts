/** One-time schedules of EventBridge Scheduler, in a group of their own. */
import { ConflictException, CreateScheduleCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import type { Deadline } from "#core/deadline";
import { ACK_LIMITS } from "#stores/request-limits";

interface SchedulesSettings {
  groupName: string;
  /** The function that the scheduler invokes. */
  targetArn: string;
  /** The role that the scheduler assumes. */
  roleArn: string;
  /** The dead-letter queue of failed invocations. */
  deadLettersArn: string;
}

interface Timer {
  /** Identifies the timer: up to 64 letters, digits, hyphens, underscores or dots. */
  name: string;
  atMs: number;
  /** The event that the function gets. */
  input: object;
}

/** Retries end after an hour. The sweep, which runs every minute, has done the timer's work long before. */
const MAX_AGE_SECONDS = 3600;
const MAX_RETRIES = 10;

/** `at(...)` takes whole seconds. Rounds up, because nothing is due a fraction of a second early. */
const buildTime = (atMs: number): string => new Date(Math.ceil(atMs / 1000) * 1000).toISOString().slice(0, 19);

class Schedules {
  constructor(
    private readonly client: SchedulerClient,
    private readonly settings: SchedulesSettings,
  ) {}

  /** Creates a timer that deletes itself after its invocation. Does nothing if the timer exists already. */
  async create({ name, atMs, input }: Timer, deadline: Deadline): Promise<void> {
    const { groupName, targetArn, roleArn, deadLettersArn } = this.settings;
    const command = new CreateScheduleCommand({
      Name: name,
      GroupName: groupName,
      ScheduleExpression: `at(${buildTime(atMs)})`,
      ScheduleExpressionTimezone: "UTC",
      FlexibleTimeWindow: { Mode: "OFF" },
      ActionAfterCompletion: "DELETE",
      Target: {
        Arn: targetArn,
        RoleArn: roleArn,
        Input: JSON.stringify(input),
        RetryPolicy: { MaximumEventAgeInSeconds: MAX_AGE_SECONDS, MaximumRetryAttempts: MAX_RETRIES },
        DeadLetterConfig: { Arn: deadLettersArn },
      },
    });
    try {
      await this.client.send(command, { abortSignal: deadline.signal() });
    } catch (error) {
      if (!(error instanceof ConflictException)) throw error;
    }
  }
}

const createSchedules = (settings: SchedulesSettings): Schedules =>
  new Schedules(new SchedulerClient({ maxAttempts: 2, requestHandler: ACK_LIMITS }), settings);

export type { SchedulesSettings, Timer };
export { createSchedules, Schedules };
