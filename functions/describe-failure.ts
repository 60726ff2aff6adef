/** Describes the failure of a pipeline in a sentence: the step, what it was about, and the cause. */
import { type About, buildFailure, type CaughtError } from "#core/notice/failure";
import type { Notification } from "#core/notice/notice";

interface FailedState extends Record<string, unknown> {
  about: About;
  /** The failure, under the name of the step that failed. */
  failure: Record<string, CaughtError>;
}

interface DescribeFailureInput {
  /** The execution's name. */
  execution: string;
  state: FailedState;
}

/** The notice of a failure, and the error with which the execution fails. */
interface DescribedFailure extends Notification {
  error: string;
}

class DescribeFailure {
  async handle({ execution, state }: DescribeFailureInput): Promise<DescribedFailure> {
    const [task, caught] = Object.entries(state.failure)[0] ?? ["unknown", {}];
    return { ...buildFailure({ execution, task, about: state.about, caught }), error: caught.Error ?? "unknown" };
  }
}

const create = (): ((input: DescribeFailureInput) => Promise<DescribedFailure>) => {
  const task = new DescribeFailure();
  return input => task.handle(input);
};

export type { DescribedFailure, DescribeFailureInput };
export { create, DescribeFailure };
