import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  SFNClient,
  type SFNClientConfig,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { eventually, startKillableCloud } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { functionArn, machineArn, startMachine } from "./machine";
import { rejection } from "./rejection";

const task = (name: string, more: object) => ({ Type: "Task", Resource: functionArn(name), ...more });

describe("states durability", () => {
  let directory: string;
  let calls: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "slack-fanout-states-"));
    calls = join(directory, "calls");
  });

  afterEach(() => rm(directory, { recursive: true, force: true }));

  const called = () => readFileSync(calls, "utf8").trim().split("\n").sort();

  const startKillable = async (definition: object, hanging: "hang" | "answer") => {
    const args = [directory, JSON.stringify(definition), calls, hanging];
    const { started, kill } = await startKillableCloud<SFNClientConfig>(join(__dirname, "killable-cloud.ts"), { args });
    const client = new SFNClient({ ...started, maxAttempts: 1 });
    return {
      client,
      kill: async () => {
        client.destroy();
        await kill();
      },
    };
  };

  /** Runs until `second` hangs, kills the cloud, and runs a second one to the execution's end. */
  const crossKill = async (definition: object, input: object) => {
    const { client: before, kill: killFirst } = await startKillable(definition, "hang");
    const started = { stateMachineArn: machineArn, name: "payroll", input: JSON.stringify(input) };
    const { executionArn } = await before.send(new StartExecutionCommand(started));
    await eventually(() => called().some(call => call.startsWith("second")));
    await killFirst();

    const { client: after, kill: killSecond } = await startKillable(definition, "answer");
    const ended = await eventually(async () => {
      const execution = await after.send(new DescribeExecutionCommand({ executionArn }));
      return execution.status === "RUNNING" ? undefined : execution;
    }, 30_000);
    const { events } = await after.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }));
    const again = await rejection(after.send(new StartExecutionCommand(started)));
    await killSecond();
    return { ended: ended!, events: events!, again };
  };

  it("repeats the interrupted task, but no finished ones", async () => {
    const { ended, events, again } = await crossKill(
      {
        StartAt: "First",
        States: {
          First: task("first", { Next: "Second" }),
          Second: task("second", { Next: "Third" }),
          Third: task("third", { End: true }),
        },
      },
      { file: "march" },
    );

    expect(ended).to.include({ status: "SUCCEEDED", output: '{"file":"march"}' });
    expect(called()).to.deep.equal([
      'first {"file":"march"}',
      'second {"file":"march"}',
      'second {"file":"march"}',
      'third {"file":"march"}',
    ]);
    expect(events.map(({ id }) => id)).to.deep.equal(events.map((_, index) => index + 1));
    expect(events.filter(({ type }) => type === "TaskStateEntered")).to.have.length(3);
    expect(events.at(-1)!.type).to.equal("ExecutionSucceeded");
    // The name is taken, also after a restart.
    expect(again.name).to.equal("ExecutionAlreadyExists");
  });

  it("continues inside a Map state without repeating finished iterations", async () => {
    const each = {
      StartAt: "Which",
      States: {
        Which: { Type: "Choice", Choices: [{ Variable: "$.n", NumericEquals: 2, Next: "Second" }], Default: "First" },
        First: task("first", { End: true }),
        Second: task("second", { End: true }),
      },
    };
    const { ended } = await crossKill(
      {
        StartAt: "Rows",
        States: {
          Rows: { Type: "Map", ItemsPath: "$.rows", MaxConcurrency: 1, ItemProcessor: each, Next: "Third" },
          Third: task("third", { End: true }),
        },
      },
      { rows: [{ n: 0 }, { n: 1 }, { n: 2 }, { n: 3 }] },
    );

    expect(ended.status).to.equal("SUCCEEDED");
    expect(JSON.parse(ended.output!)).to.deep.equal([{ n: 0 }, { n: 1 }, { n: 2 }, { n: 3 }]);
    expect(called().filter(call => call.startsWith("first"))).to.deep.equal(['first {"n":0}', 'first {"n":1}', 'first {"n":3}']);
    expect(called().filter(call => call.startsWith("second"))).to.have.length(2);
  });

  it("keeps the end time of a wait after a clean restart", async () => {
    const definition = { StartAt: "Wait", States: { Wait: { Type: "Wait", Seconds: 1000, End: true } } };
    const first = await startMachine(definition, { directory });
    const arn = await first.start();
    await eventually(() => first.cloud.clock.nextMs() !== undefined);
    first.cloud.clock.advance(600);
    await first.stop();

    const second = await startMachine(definition, { directory });
    try {
      await eventually(() => second.cloud.clock.nextMs() !== undefined);
      expect(second.cloud.clock.nextMs()! - second.cloud.clock.nowMs()).to.be.within(300_000, 400_000);
      second.cloud.clock.advance(400);
      expect((await second.finish(arn))!.status).to.equal("SUCCEEDED");
      expect((await second.history(arn)).map(({ type }) => type)).to.deep.equal([
        "ExecutionStarted",
        "WaitStateEntered",
        "WaitStateExited",
        "ExecutionSucceeded",
      ]);
    } finally {
      await second.stop();
    }
  });
});
