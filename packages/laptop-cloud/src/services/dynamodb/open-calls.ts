import { AwsError } from "../../kernel/aws-error";
import type { Operation } from "../../kernel/service";

/** Counts the calls in progress: the database may be closed only when all of them have ended. */
class OpenCalls {
  readonly #open = new Set<Promise<object>>();
  #refusing = false;

  /** The same operation; throws `AwsError` ServiceUnavailable after `refuseMore`. */
  track(operation: Operation): Operation {
    return async (input, call) => {
      if (this.#refusing) throw new AwsError("ServiceUnavailable", "The laptop cloud is about to stop.", 503);
      const answer = operation(input, call);
      this.#open.add(answer);
      try {
        return await answer;
      } finally {
        this.#open.delete(answer);
      }
    };
  }

  refuseMore() {
    this.#refusing = true;
  }

  async ended() {
    await Promise.allSettled(this.#open);
  }
}

export { OpenCalls };
