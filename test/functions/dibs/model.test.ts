import { expect } from "chai";
import * as fc from "fast-check";
import sinon from "sinon";
import { Deadline } from "#core/deadline";
import type { Move } from "#core/dibs/moves";
import { findTurn, type Queue } from "#core/dibs/queue";
import { buildHash } from "#core/ids";
import { createLog } from "#core/log";
import type { Notice } from "#core/notice/notice";
import { type ClaimRequest, Dibs } from "#functions/dibs/dibs";
import { DibsTable } from "#stores/dibs/dibs-table";
import { DibsHistoryTable } from "#stores/dibs/history-table";
import type { Timer } from "#stores/dibs/schedules";
import { createDibsTables, type Kill, MortalProcess } from "../../dibs-tables";

const TEAM = "T0001";
const START_MS = 1_763_805_600_000;
const patience = () => new Deadline(20_000);

/** A model of the queue as its users see it, written independently of the rules in `core/dibs`. */
interface Model {
  nowMs: number;
  /** The first entry holds the turn. */
  /** `turnMs` and `endsMs` are null for an open turn. */
  line: { owner: string; turnMs: number | null; endsMs?: number | null | undefined; aliveMs?: number; deadAfterMs?: number; key: string }[];
  /** Turns so far. */
  turns: number;
  /** Turns that began because another one ended. */
  passedOn: number;
  ended: number;
  requests: number;
}

const startFirst = (model: Model, isPassedOn: boolean): void => {
  const [first] = model.line;
  if (first === undefined) return;
  first.endsMs = first.turnMs === null ? null : model.nowMs + first.turnMs;
  if (isPassedOn) model.passedOn += 1;
};

const leave = (model: Model, index: number): void => {
  model.line.splice(index, 1);
  model.ended += 1;
  if (index > 0) return;
  model.turns += 1;
  startFirst(model, true);
};

const passTime = (model: Model): void => {
  for (let index = model.line.length - 1; index >= 0; index -= 1) {
    const { aliveMs = 0, deadAfterMs } = model.line[index]!;
    if (deadAfterMs !== undefined && aliveMs + deadAfterMs <= model.nowMs) leave(model, index);
  }
  if ((model.line[0]?.endsMs ?? Number.POSITIVE_INFINITY) <= model.nowMs) leave(model, 0);
};

/** The program, as processes that share nothing but the tables. */
class Real {
  nowMs = START_MS;
  ids = 0;
  readonly notices = new Map<string, Notice>();
  readonly timers = new Map<string, Timer>();
  readonly leases: string[] = [];

  constructor(
    private readonly tables: Awaited<ReturnType<typeof createDibsTables>>,
    readonly name: string,
  ) {}

  start(kill?: Kill): { dibs: Dibs; process: MortalProcess } {
    const process = new MortalProcess(kill);
    const client = process.wrap(this.tables.client);
    const dibs = new Dibs({
      queues: new DibsTable(client, this.tables.names.dibs),
      history: new DibsHistoryTable(client, this.tables.names.history),
      schedules: { create: timer => process.call("CreateSchedule", async () => void this.timers.set(timer.name, timer)) },
      notices: { publish: notice => process.call("Publish", async () => void this.notices.set(notice.id, notice)) },
      log: createLog("test", {}),
      nowMs: () => this.nowMs,
      newId: () => this.newId(),
      sleep: async () => {},
    });
    return { dibs, process };
  }

  /** Does some work in a process that is killed at a call, then repeats the same request in a new process. */
  async run(kill: Kill | undefined, work: (dibs: Dibs) => Promise<unknown>): Promise<void> {
    if (kill !== undefined) await work(this.start(kill).dibs).catch(error => expect(error).to.have.property("name", "Killed"));
    await work(this.start().dibs);
  }

  /** Unique ids of equal length. */
  newId(): string {
    this.ids += 1;
    return `${this.name}${String(this.ids).padStart(8, "0")}`;
  }

  key() {
    return { team: TEAM, name: this.name };
  }

  /** The queue as it is, without touching it. */
  async read(): Promise<Queue | undefined> {
    return new DibsTable(this.tables.client, this.tables.names.dibs).get(this.key(), patience());
  }

  async countHistory(): Promise<number> {
    const table = new DibsHistoryTable(this.tables.client, this.tables.names.history);
    return (await table.list(this.key(), { limit: 1000 }, patience())).length;
  }

  /** Runs the sweep until it finds nothing more to do. */
  async sweepAll(): Promise<void> {
    const { dibs } = this.start();
    for (let rounds = 0; rounds < 4; rounds += 1) await dibs.sweep(this.key(), patience());
  }
}

type Step = fc.AsyncCommand<Model, Real>;

const compare = async (model: Model, real: Real): Promise<void> => {
  const queue = await real.read();
  expect(queue?.claims.map(({ owner }) => owner) ?? []).to.deep.equal(model.line.map(({ owner }) => owner));
  const turn = queue && findTurn(queue);
  expect(turn?.expiresAtMs).to.equal(model.line[0]?.endsMs);
  if (turn === undefined) return;
  expect(turn.fencing).to.equal(model.turns + 1);
  if (!real.leases.includes(turn.claim.leaseId)) real.leases.push(turn.claim.leaseId);
};

const buildStep = (name: string, run: (model: Model, real: Real) => Promise<void>): Step => ({
  check: () => true,
  run: async (model, real) => {
    await run(model, real);
    await compare(model, real);
  },
  toString: () => name,
});

const nextRequest = (model: Model, real: Real): string => {
  model.requests += 1;
  return `${real.name}#${model.requests}`;
};

const request = (real: Real, key: string, owner: string, over: Partial<ClaimRequest> = {}): ClaimRequest => ({
  ...real.key(),
  id: buildHash(key),
  owner,
  isPersonal: true,
  maker: owner,
  forSeconds: 600,
  ...over,
});

const claimStep = (owner: string, minutes: number | null, deadAfterSeconds: number | undefined, kill: Kill | undefined): Step =>
  buildStep(
    `claim by ${owner} for ${minutes ?? "open"} min${deadAfterSeconds ? `, dead after ${deadAfterSeconds} s` : ""}, ${tellKill(kill)}`,
    async (model, real) => {
      const key = nextRequest(model, real);
      const asked = request(real, key, owner, { forSeconds: minutes === null ? null : minutes * 60, deadAfterSeconds });
      await real.run(kill, dibs => dibs.claim(asked, false, patience()));
      if (model.line.some(each => each.owner === owner)) {
        // Refused without reading the time.
        return;
      }
      model.line.push({
        owner,
        turnMs: minutes === null ? null : minutes * 60_000,
        aliveMs: model.nowMs,
        deadAfterMs: deadAfterSeconds && deadAfterSeconds * 1000,
        key,
      });
      if (model.line.length === 1) startFirst(model, false);
      passTime(model);
    },
  );

const burstStep = (count: number): Step =>
  buildStep(`${count} claims at once`, async (model, real) => {
    const keys = Array.from({ length: count }, () => nextRequest(model, real));
    const answers = await Promise.all(
      keys.map(key => real.start().dibs.claim(request(real, key, `ci ${key}`, { isPersonal: false }), false, patience())),
    );
    // The queue may be in any order, but it must match the positions in the answers.
    const order = keys.map((key, index) => {
      const answer = answers[index]!;
      if (answer.is !== "in") throw new Error(`refused: ${answer.is}`);
      return { key, place: answer.queue.claims.findIndex(({ owner }) => owner === `ci ${key}`) };
    });
    for (const { key } of order.sort((a, b) => a.place - b.place)) {
      model.line.push({ owner: `ci ${key}`, turnMs: 600_000, key });
      if (model.line.length === 1) startFirst(model, false);
      passTime(model);
    }
  });

const moveStep = (name: string, kill: Kill | undefined, build: (model: Model) => Move, apply: (model: Model) => void): Step =>
  buildStep(`${name}, ${tellKill(kill)}`, async (model, real) => {
    const requestKey = nextRequest(model, real);
    const asked = build(model);
    await real.run(kill, dibs => dibs.move(real.key(), asked, patience(), { requestKey }));
    passTime(model);
    apply(model);
  });

const releaseStep = (owner: string, kill: Kill | undefined): Step =>
  moveStep(
    `release by ${owner}`,
    kill,
    () => ({ do: "release", whose: { owner } }),
    model => {
      const index = model.line.findIndex(each => each.owner === owner);
      if (index >= 0) leave(model, index);
    },
  );

const extendStep = (owner: string, kill: Kill | undefined): Step =>
  moveStep(
    `extend by ${owner}`,
    kill,
    () => ({ do: "extend", owner, byMs: 60_000 }),
    model => {
      const [first] = model.line;
      if (first?.owner === owner) first.endsMs = (first.endsMs ?? model.nowMs) + 60_000;
    },
  );

/** Only the current lease can set the end of a turn; the lease of an earlier turn changes nothing. */
const limitStep = (minutes: number | null, isStale: boolean, kill: Kill | undefined): Step =>
  buildStep(`${isStale ? "old" : "present"} lease ends in ${minutes ?? "open"} min, ${tellKill(kill)}`, async (model, real) => {
    const requestKey = nextRequest(model, real);
    const [claim] = (await real.read())?.claims ?? [];
    if (claim === undefined) return;
    passTime(model);
    // The lease that was read may have expired by now, because only the move checks the time.
    const isPresent = !isStale && model.line[0]?.key !== undefined && buildHash(model.line[0].key) === claim.id;
    const leaseId = isStale ? "old" : claim.leaseId;
    const forSeconds = minutes === null ? null : minutes * 60;
    await real.run(kill, dibs =>
      dibs.move(real.key(), { do: "limit", claimId: claim.id, leaseId, forSeconds }, patience(), { requestKey }),
    );
    if (isPresent) {
      model.line[0]!.endsMs = minutes === null ? null : model.nowMs + minutes * 60_000;
      model.line[0]!.turnMs = minutes === null ? null : minutes * 60_000;
    }
  });

const bumpStep = (owner: string, kill: Kill | undefined): Step =>
  moveStep(
    `bump by ${owner}`,
    kill,
    () => ({ do: "bump", owner }),
    model => {
      const index = model.line.findIndex(each => each.owner === owner);
      const [claim, next] = [model.line[index], model.line[index + 1]];
      if (claim === undefined || next === undefined) return;
      model.line.splice(index, 2, next, claim);
      if (index > 0) return;
      claim.turnMs = claim.endsMs == null ? null : claim.endsMs - model.nowMs;
      claim.endsMs = undefined;
      model.turns += 1;
      startFirst(model, true);
    },
  );

const kickStep = (owner: string, kill: Kill | undefined): Step =>
  moveStep(
    `kick ${owner}`,
    kill,
    () => ({ do: "kick", owner, by: "U0009" }),
    model => {
      const index = model.line.findIndex(each => each.owner === owner);
      if (index >= 0) leave(model, index);
    },
  );

const advanceStep = (seconds: number): Step =>
  buildStep(`${seconds} s pass`, async (model, real) => {
    model.nowMs += seconds * 1000;
    real.nowMs = model.nowMs;
  });

const sweepStep = (kill: Kill | undefined): Step =>
  buildStep(`sweep, ${tellKill(kill)}`, async (model, real) => {
    await real.run(kill, dibs => dibs.sweep(real.key(), patience()));
    passTime(model);
  });

const lateTimersStep = (): Step =>
  buildStep("every old timer fires again", async (model, real) => {
    const [current] = (await real.read())?.claims ?? [];
    for (const lease of real.leases.filter(each => each !== current?.leaseId)) {
      await real.start().dibs.release(real.key(), lease, patience());
    }
    // The model does not change, because old timers end nothing.
    expect(model.line.length).to.equal((await real.read())?.claims.length ?? 0);
  });

const beatStep = (index: number): Step =>
  buildStep(`heartbeat of number ${index}`, async (model, real) => {
    const claim = model.line[index];
    if (claim === undefined) return;
    const status = await real.start().dibs.recordHeartbeat({ ...real.key(), id: buildHash(claim.key) }, patience());
    claim.aliveMs = model.nowMs;
    passTime(model);
    expect(status?.is === "holding" || status?.is === "waiting").to.equal(model.line.includes(claim));
  });

const tellKill = (kill: Kill | undefined): string => (kill === undefined ? "undisturbed" : `killed ${kill.when} call ${kill.call}`);

const owners = fc.constantFrom("U0001", "U0002", "U0003", "U0004");
const kills = fc.option(fc.record({ call: fc.integer({ min: 1, max: 6 }), when: fc.constantFrom("before" as const, "after" as const) }), {
  nil: undefined,
});
const steps: fc.Arbitrary<Step>[] = [
  fc
    .tuple(
      owners,
      fc.option(fc.integer({ min: 1, max: 60 }), { freq: 3 }),
      fc.option(fc.integer({ min: 30, max: 900 }), { nil: undefined }),
      kills,
    )
    .map(args => claimStep(...args)),
  fc.tuple(owners, kills).map(args => releaseStep(...args)),
  fc.tuple(owners, kills).map(args => extendStep(...args)),
  fc.tuple(fc.option(fc.integer({ min: 1, max: 60 }), { freq: 3 }), fc.boolean(), kills).map(args => limitStep(...args)),
  fc.tuple(owners, kills).map(args => bumpStep(...args)),
  fc.tuple(owners, kills).map(args => kickStep(...args)),
  fc.integer({ min: 1, max: 5 }).map(burstStep),
  fc.integer({ min: 1, max: 1800 }).map(advanceStep),
  kills.map(sweepStep),
  fc.integer({ min: 0, max: 3 }).map(beatStep),
  fc.constant(lateTimersStep()),
];

describe("dibs, against a model", () => {
  let tables: Awaited<ReturnType<typeof createDibsTables>>;
  let runs = 0;
  before(async () => {
    tables = await createDibsTables();
  });
  after(() => tables.stop());
  beforeEach(() => {
    sinon.stub(console, "error");
    sinon.stub(console, "log");
  });
  afterEach(() => sinon.restore());

  it("a queue is linearizable under concurrency, repetition, and death at any call", async () => {
    await fc.assert(
      fc.asyncProperty(fc.commands(steps, { maxCommands: 40, size: "max" }), async commands => {
        runs += 1;
        const real = new Real(tables, `q${runs}x`);
        const model: Model = { nowMs: START_MS, line: [], turns: 0, passedOn: 0, ended: 0, requests: 0 };
        await fc.asyncModelRun(() => ({ model, real }), commands);

        await real.sweepAll();
        passTime(model);
        expect(Object.keys((await real.read())?.outbox ?? {})).to.deep.equal([]);
        expect(await real.countHistory()).to.equal(model.ended);
        // People are notified once of every turn that is passed on to them; pipelines poll.
        const told = [...real.notices.values()].filter(({ title }) => title.startsWith("Your turn"));
        expect(told.length).to.be.at.most(model.passedOn);
        expect(new Set(real.leases).size).to.equal(real.leases.length);
      }),
      { numRuns: 20 },
    );
  });
});
