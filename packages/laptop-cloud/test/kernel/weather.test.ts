import { expect } from "chai";
import { Weather } from "../../src/kernel/weather";

describe("weather", () => {
  it("changes the named faults only; an empty change switches all faults off", () => {
    const weather = new Weather();

    weather.change({ duplicate: true });
    expect(weather.change({ delayMs: 20 })).to.include({ duplicate: true, delayMs: 20 });
    expect(weather.change({ duplicate: null })).to.include({ duplicate: false, delayMs: 20 });
    expect(weather.change({})).to.deep.equal(new Weather().report);
  });

  it("hits the next n calls", () => {
    const weather = new Weather();
    weather.change({ conflict: 2 });

    expect([1, 2, 3].map(() => weather.strikes("conflict"))).to.deep.equal([true, true, false]);
  });

  it("hits a share of all calls", () => {
    const draws = [0.1, 0.25, 0.9];
    const weather = new Weather({}, () => draws.shift()!);
    weather.change({ throttle: 0.2 });

    expect([1, 2, 3].map(() => weather.strikes("throttle"))).to.deep.equal([true, false, false]);
  });

  it("kills the named call, once", () => {
    const weather = new Weather();
    weather.change({ kill: { function: "webhook", call: 2, when: "after" } });

    expect(weather.takeKill("webhook", 1, "after")).to.equal(false);
    expect(weather.takeKill("events", 2, "after")).to.equal(false);
    expect(weather.takeKill("webhook", 2, "before")).to.equal(false);
    expect(weather.takeKill("webhook", 2, "after")).to.equal(true);
    expect(weather.takeKill("webhook", 2, "after")).to.equal(false);
  });

  it("kills each function of a list, once", () => {
    const weather = new Weather();
    const [first, second] = (["webhook", "events"] as const).map(name => ({ function: name, call: 1, when: "before" as const }));
    weather.change({ kill: [first, second] });

    expect(weather.takeKill("events", 1, "before")).to.equal(true);
    expect(weather.report.kill).to.deep.equal([first]);
    expect(weather.takeKill("webhook", 1, "before")).to.equal(true);
    expect(weather.report.kill).to.equal(null);
  });

  const refused: [what: string, changes: unknown, sentence: string][] = [
    ["a list", [], "The weather is []"],
    ["nothing", null, "The weather is null"],
    ["an unknown key", { dupliacte: true }, 'The weather has no fault "dupliacte". It has duplicate'],
    ["__proto__", JSON.parse('{"__proto__": true}'), 'The weather has no fault "__proto__"'],
    ["a share above 1 that is not a whole number", { duplicate: 1.5 }, "duplicate is 1.5"],
    ["a negative delay", { delayMs: -1 }, "delayMs is -1"],
    [
      "a share of AWS's limits above 1",
      { partitionLimits: 2 },
      "partitionLimits is 2, but must be true, false, or a share of AWS's limits",
    ],
    ["no share of AWS's limits", { partitionLimits: 0 }, "partitionLimits is 0"],
    ["text for a switch", { snsDown: "yes" }, 'snsDown is "yes"'],
    ["a bad value of a plugin's fault", { slackStatus: 42 }, "slackStatus is 42, but must be an HTTP status."],
    ["a kill before the first call", { kill: { function: "webhook", call: 0, when: "before" } }, "kill is"],
    ["an empty list of kills", { kill: [] }, "kill is []"],
    ["a list with a bad kill", { kill: [{ function: "webhook", call: 1, when: "before" }, null] }, "kill is"],
    ["a kill during a call", { kill: { function: "webhook", call: 1, when: "during" } }, "kill is"],
  ];
  for (const [what, changes, sentence] of refused) {
    it(`refuses ${what}, and changes nothing`, () => {
      const slackStatus = { fair: 0, isValid: (value: unknown) => Number(value) >= 200, mustBe: "an HTTP status" };
      const weather = new Weather({ slackStatus });

      expect(() => weather.change(changes)).to.throw(TypeError, sentence);
      expect(weather.report).to.deep.equal({ ...new Weather().report, slackStatus: 0 });
    });
  }
});
