/** Ends a turn when its time is over: what the one-off timers call. */
import { Deadline } from "#core/deadline";
import { createLog } from "#core/log";
import { createDibs, type Dibs, type DibsSettings } from "#functions/dibs/dibs";

/** What a timer was made with. The lease names the turn: a timer that comes late, or twice, ends no other. */
interface TimerEvent {
  team: string;
  name: string;
  leaseId: string;
}

/** The function's own name is only known when it runs; new timers call it again. */
interface ReleaseContext {
  invokedFunctionArn: string;
}

type ReleaseSettings = Omit<DibsSettings, "releaseArn">;

/** Below the function's timeout. */
const BUDGET_MS = 20_000;

class Release {
  constructor(private readonly dibs: Pick<Dibs, "release">) {}

  /** Throws whatever keeps it from ending the turn, to be called again. */
  async handle({ team, name, leaseId }: TimerEvent): Promise<void> {
    await this.dibs.release({ team, name }, leaseId, new Deadline(BUDGET_MS));
  }
}

/** Creates the function; give it half a minute. */
const create = (settings: ReleaseSettings): ((event: TimerEvent, context: ReleaseContext) => Promise<void>) => {
  const log = createLog("dibs-release");
  let release: Release | undefined;
  return async (event, { invokedFunctionArn }) => {
    release ??= new Release(createDibs({ ...settings, releaseArn: invokedFunctionArn }, log, "background"));
    try {
      await release.handle(event);
    } catch (error) {
      log.error("the turn is not ended", error, { team: event.team, name: event.name });
      throw error;
    }
  };
};

export type { ReleaseContext, ReleaseSettings, TimerEvent };
export { create, Release };
