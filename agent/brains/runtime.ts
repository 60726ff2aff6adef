/** A brain that hands each turn to an agent of your own on AgentCore Runtime, and waits for its answer. See docs/guides/bring-your-agent.md. */
import { RuntimeAnswer } from "#core/agent/runtime-answer";
import type { Json } from "#core/agent/task";
import type { Log } from "#core/log";
import type { AgentRuntime } from "#stores/agent/runtime";
import { cutAnswer } from "../answer-stream";
import type { Brain, Step, StepContext, Tools, Turn } from "../brain";
import { StopRequested, TimeUp } from "../ends";

class RuntimeBrain implements Brain {
  constructor(
    private readonly runtime: Pick<AgentRuntime, "ask" | "stop">,
    private readonly log: Pick<Log, "error">,
  ) {}

  async *think(turn: Turn, _tools: Tools): AsyncGenerator<Step, string, Json> {
    let signal: AbortSignal | undefined;
    try {
      const answer = yield {
        label: "Ask the agent",
        run: context => {
          ({ signal } = context);
          return this.ask(turn, context);
        },
      };
      return String(answer);
    } finally {
      if (signal?.reason instanceof StopRequested || signal?.reason instanceof TimeUp) await this.stop(turn.id);
    }
  }

  /** Sends the turn. The agent gets the same again if this worker is replaced, so its id is the idempotency key. */
  private async ask({ id, team, user, text, conversation, files }: Turn, { signal, show }: StepContext): Promise<string> {
    const { contentType, chunks } = await this.runtime.ask(id, JSON.stringify({ turn: id, team, user, text, conversation, files }), signal);
    const answer = new RuntimeAnswer(contentType);
    let shown = "";
    for await (const chunk of chunks) {
      const soFar = answer.add(chunk);
      if (soFar !== shown) await show(soFar);
      shown = soFar;
    }
    // The whole may be more than a checkpoint holds.
    return cutAnswer(answer.end());
  }

  /** Ends the agent's session. If that fails, the agent works on until it is done, and the gateway refuses its calls. */
  private async stop(id: string): Promise<void> {
    try {
      await this.runtime.stop(id);
    } catch (error) {
      this.log.error("the agent's session could not be stopped", error, { task: id });
    }
  }
}

export { RuntimeBrain };
