/** The function that the one-off timers call: ends a turn when its time is over. */
import { Deadline } from "#core/deadline";
import { createLog } from "#core/log";
import { metrics } from "#core/metrics";
import { createDibs, type Dibs, type DibsSettings } from "#functions/dibs/dibs";

/** The timer's payload. The lease identifies the turn, so a late or repeated timer can't end another one. */
interface TimerEvent {
  team: string;
  name: string;
  leaseId: string;
}

/** The function's own ARN, for new timers, is known only at run time. */
interface ReleaseContext {
  invokedFunctionArn: string;
}

type ReleaseSettings = Omit<DibsSettings, "releaseArn">;

/** Below the function's timeout. */
const BUDGET_MS = 20_000;

class Release {
  constructor(private readonly dibs: Pick<Dibs, "release">) {}

  /** Throws if it can't end the turn, so that it is retried. */
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
      await metrics.measure(async () => release?.handle(event));
    } catch (error) {
      log.error("the turn is not ended", error, { team: event.team, name: event.name });
      throw error;
    }
  };
};

export type { ReleaseContext, ReleaseSettings, TimerEvent };
export { create, Release };
