/** Describes the failure of a pipeline in a sentence: the task, the file and the cause. */
import { type About, buildFailure, type CaughtError } from "#core/notice/failure";
import type { Notification } from "#core/notice/notice";

interface DescribeFailureSettings {
  /** The pipeline's tasks in order. Each stores its result in the state under its name. */
  tasks: string[];
}

interface FailedState extends Record<string, unknown> {
  about: About;
  failure: CaughtError;
}

interface DescribeFailureInput {
  /** The execution's name. */
  execution: string;
  state: FailedState;
}

class DescribeFailure {
  constructor(private readonly settings: DescribeFailureSettings) {}

  /** Builds the notice of a failure: the task that failed is the first one without a result. */
  async handle({ execution, state }: DescribeFailureInput): Promise<Notification> {
    const task = this.settings.tasks.find(name => !Object.hasOwn(state, name)) ?? "unknown";
    return buildFailure({ execution, task, about: state.about, caught: state.failure });
  }
}

/** Creates the task. */
const create = (settings: DescribeFailureSettings): ((input: DescribeFailureInput) => Promise<Notification>) => {
  const task = new DescribeFailure(settings);
  return input => task.handle(input);
};

export type { DescribeFailureInput, DescribeFailureSettings };
export { create, DescribeFailure };
