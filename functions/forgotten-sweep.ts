/**
 * Deletes the personal boards of people who used `/words forget`. If an older message is edited afterwards, or its counting is resumed, a deleted row
 * may be written again. So the sweep looks again each day for rows of everybody who has ever used the command.
 */
import { Deadline } from "#core/deadline";
import type { Log } from "#core/log";
import { runSideBySide } from "#core/side-by-side";
import { MAX_CALLS } from "#stores/aws-clients";
import type { BoardRowKey, DeletionRequest, ForgottenBoards } from "#stores/message/forgotten-boards";

const MAX_PEOPLE_AT_ONCE = 2;
/** How many rows are read, then deleted, in one round. */
const ROWS_OF_A_ROUND = 500;
const ROUND_MS = 10_000;
const DAY_SECONDS = 86_400;

class ForgottenSweep {
  constructor(
    private readonly boards: Pick<ForgottenBoards, "listDue" | "listRows" | "delete" | "postpone">,
    private readonly log: Log,
    private readonly nowMs: () => number = Date.now,
  ) {}

  /** Deletes what is due; teams take turns. The next run continues where this one stops. One person's failure is thrown after the others are done. */
  async handle(run: Deadline): Promise<void> {
    const nowSeconds = Math.floor(this.nowMs() / 1000);
    const due = takeTurns(await this.boards.listDue(nowSeconds));
    await runSideBySide(due, MAX_PEOPLE_AT_ONCE, async person => {
      if (run.leftMs <= ROUND_MS) return;
      const deletedRows = await this.deleteRows(person, run);
      if (deletedRows > 0) this.log.info("forgotten", { deletedRows });
      if (run.leftMs > ROUND_MS) await this.boards.postpone(person, nowSeconds + DAY_SECONDS, new Deadline(ROUND_MS));
    });
  }

  /** Returns how many rows it deleted: all of them, unless little time is left. */
  private async deleteRows(person: DeletionRequest, run: Deadline): Promise<number> {
    let deletedRows = 0;
    let round: BoardRowKey[] = [];
    const deleteRound = async () => {
      const deadline = new Deadline(ROUND_MS);
      await runSideBySide(round, MAX_CALLS / MAX_PEOPLE_AT_ONCE, row => this.boards.delete(row, deadline));
      deletedRows += round.length;
      round = [];
    };
    for await (const row of this.boards.listRows(person)) {
      round.push(row);
      if (round.length === ROWS_OF_A_ROUND) await deleteRound();
      if (run.leftMs <= ROUND_MS) break;
    }
    await deleteRound();
    return deletedRows;
  }
}

/** Orders people so that their teams take turns, and a team with many people does not delay the others. */
const takeTurns = (people: readonly DeletionRequest[]): DeletionRequest[] => {
  const turns = new Map<string, number>();
  return people
    .map(person => {
      const turn = turns.get(person.team) ?? 0;
      turns.set(person.team, turn + 1);
      return { person, turn };
    })
    .sort((a, b) => a.turn - b.turn)
    .map(({ person }) => person);
};

export { ForgottenSweep };
