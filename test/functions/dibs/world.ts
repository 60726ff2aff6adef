/** A test bed for the doors of the turn queues: tables, a clock, and recorded notices and timers. */

import { Deadline } from "#core/deadline";
import { describeToken } from "#core/dibs/api-token";
import { createLog } from "#core/log";
import type { Notice } from "#core/notice/notice";
import { AnswerOnce } from "#functions/answer-once";
import { Dibs } from "#functions/dibs/dibs";
import { ApiTokensTable } from "#stores/dibs/api-tokens-table";
import { DibsTable } from "#stores/dibs/dibs-table";
import { DibsHistoryTable } from "#stores/dibs/history-table";
import { RequestsTable } from "#stores/dibs/requests-table";
import type { Timer } from "#stores/dibs/schedules";
import { createDibsTables, MortalProcess } from "../../dibs-tables";
import { NOW_MS } from "../requests";

type Tables = Awaited<ReturnType<typeof createDibsTables>>;

const TEAM = "T0001";
const TOKEN = `sf_${"a".repeat(40)}`;

class DibsWorld {
  nowMs = NOW_MS;
  readonly notices: Notice[] = [];
  readonly timers: Timer[] = [];
  readonly process = new MortalProcess();
  readonly dibs: Dibs;
  readonly tokens: ApiTokensTable;
  readonly table: DibsTable;
  readonly once: AnswerOnce;

  constructor({ client, names }: Tables) {
    const counted = this.process.wrap(client);
    this.table = new DibsTable(counted, names.dibs);
    this.once = new AnswerOnce(new RequestsTable(counted, names.requests), createLog("test", {}), () => this.nowMs);
    this.tokens = new ApiTokensTable(counted, names.tokens);
    this.dibs = new Dibs({
      queues: this.table,
      history: new DibsHistoryTable(counted, names.history),
      schedules: { create: async timer => void this.timers.push(timer) },
      notices: { publish: async notice => void this.notices.push(notice) },
      log: createLog("test", {}),
      nowMs: () => this.nowMs,
    });
  }

  /** Puts a token that is good for a year from the world's beginning. */
  async putToken(user = "U0001", token = TOKEN, team = TEAM): Promise<void> {
    await this.tokens.put(describeToken(token, team, user, NOW_MS), new Deadline(5000));
  }

  /** The recipients of messages, and the titles. */
  get told(): [user: string | undefined, title: string][] {
    return this.notices.map(({ user, title }) => [user, title]);
  }
}

const createDibsWorld = async (): Promise<{ world: DibsWorld; stop(): Promise<void> }> => {
  const tables = await createDibsTables();
  return { world: new DibsWorld(tables), stop: tables.stop };
};

export { createDibsWorld, type DibsWorld, TEAM, TOKEN };
