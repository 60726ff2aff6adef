/** Starts executions of a state machine, each once. */
import { ExecutionAlreadyExists, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { PATIENT_LIMITS } from "#stores/request-limits";

class Executions {
  constructor(
    private readonly client: SFNClient,
    private readonly stateMachineArn: string,
  ) {}

  /** Starts an execution. Returns false if one with this name exists, running or ended, because it does the same work. */
  async start(name: string, input: object): Promise<boolean> {
    try {
      await this.client.send(new StartExecutionCommand({ stateMachineArn: this.stateMachineArn, name, input: JSON.stringify(input) }));
      return true;
    } catch (error) {
      if (error instanceof ExecutionAlreadyExists) return false;
      throw error;
    }
  }
}

const createExecutions = (stateMachineArn: string): Executions =>
  new Executions(new SFNClient({ maxAttempts: 4, requestHandler: PATIENT_LIMITS }), stateMachineArn);

export { createExecutions, Executions };
