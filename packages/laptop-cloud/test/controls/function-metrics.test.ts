import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { createControls } from "../../src/controls";
import type { FunctionMetrics } from "../../src/protocol";
import { monitoring } from "../../src/services/monitoring";
import { startFunctions } from "../services/lambda/functions-under-test";

describe("metrics of a function", () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "slack-fanout-test-"));
  });
  after(() => rm(directory, { recursive: true, force: true }));

  const start = () =>
    startFunctions({
      functions: [{ code: "exports.handler = async n => { if (n > 1) throw new Error(); };" }],
      definitions: [monitoring, createControls(() => ({ outputs: {}, secretOutputs: [], config: {} }))],
      directory,
    });
  const read = async (pageUrl: string) => {
    const { minutes } = (await (await fetch(`${pageUrl}/control/function-metrics?function=worker`)).json()) as FunctionMetrics;
    const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
    return {
      minutes: minutes.length,
      invocations: sum(minutes.map(each => each.invocations)),
      errors: sum(minutes.map(each => each.errors)),
      durations: minutes.flatMap(({ p95Ms }) => p95Ms ?? []),
    };
  };

  it("are those of the last hour, also after a restart", async () => {
    let laptop = await start();
    await laptop.invoke(1);
    await laptop.invoke(2);
    const { pageUrl } = laptop.cloud.place;
    await eventually(async () => (await read(pageUrl)).invocations === 2);
    await laptop.stop();
    laptop = await start();
    try {
      const { durations, ...metrics } = await read(laptop.cloud.place.pageUrl);
      expect(metrics).to.deep.equal({ minutes: 60, invocations: 2, errors: 1 });
      expect(durations.length).to.be.within(1, 2);
      expect(Math.min(...durations)).to.be.above(0);
      await laptop.cloud.clock.advanceInSteps(3600);
      expect((await read(laptop.cloud.place.pageUrl)).invocations).to.equal(0);
    } finally {
      await laptop.stop();
    }
  });
});
