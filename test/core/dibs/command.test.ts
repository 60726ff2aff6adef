import { processorMs } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { parseDibsCommand } from "#core/dibs/command";
import { isProblem } from "#core/problem";
import { problemIn } from "../problem";

describe("dibs-command", () => {
  const commands: [text: string, command: object][] = [
    ["", { say: "overview" }],
    [" \u200b ", { say: "overview" }],
    ["help", { say: "help" }],
    ["on staging", { say: "on", name: "staging" }],
    ["ON Staging FOR 6 hours", { say: "on", name: "staging", forSeconds: 21_600 }],
    ["on staging until 17:30 because we test", { say: "on", name: "staging", until: "17:30", reason: "we test" }],
    ["on staging because for fun", { say: "on", name: "staging", reason: "for fun" }],
    [
      "on staging for 1h because of <@U0002|bob> &amp; <https://example.com|this>",
      { say: "on", name: "staging", forSeconds: 3600, reason: "of @bob & this" },
    ],
    ["on `staging`, for 2h", { say: "on", name: "staging", forSeconds: 7200 }],
    ["on “*staging*”", { say: "on", name: "staging" }],
    ["claim staging", { say: "on", name: "staging" }],
    ["on staging 2h", { say: "on", name: "staging", forSeconds: 7200 }],
    ["on staging 17:30", { say: "on", name: "staging", until: "17:30" }],
    ["on staging until 9am tomorrow", { say: "on", name: "staging", until: "9am tomorrow" }],
    ["on staging open", { say: "on", name: "staging", forSeconds: null }],
    ["on for 2h staging", { say: "on", name: "staging", forSeconds: 7200 }],
    ["for 2h on staging", { say: "on", name: "staging", forSeconds: 7200 }],
    ["for 2h on staging because x", { say: "on", name: "staging", forSeconds: 7200, reason: "x" }],
    ["until 9am on monday on staging", { say: "on", name: "staging", until: "9am on monday" }],
    ["on staging because we test for 2 hours", { say: "on", name: "staging", forSeconds: 7200, reason: "we test" }],
    ["on staging because we test until 17:30", { say: "on", name: "staging", until: "17:30", reason: "we test" }],
    ["on staging because we wait for Bob", { say: "on", name: "staging", reason: "we wait for Bob" }],
    ["on staging for 1h because we test for 2 hours", { say: "on", name: "staging", forSeconds: 3600, reason: "we test for 2 hours" }],
    ["next staging for 1h because x", { say: "next", name: "staging", forSeconds: 3600, reason: "x" }],
    ["extend staging for 30m", { say: "extend", name: "staging", byMs: 1_800_000 }],
    ["extend by 1 hour on staging", { say: "extend", name: "staging", byMs: 3_600_000 }],
    ["extend for 1h staging", { say: "extend", name: "staging", byMs: 3_600_000 }],
    ["for 1h extend staging", { say: "extend", name: "staging", byMs: 3_600_000 }],
    ["by 1 hour extend staging", { say: "extend", name: "staging", byMs: 3_600_000 }],
    [`on staging because ${"x".repeat(200)}`, { say: "on", name: "staging", reason: "x".repeat(200) }],
    [`on staging because ${"x".repeat(201)}`, { say: "on", name: "staging", reason: `${"x".repeat(197)}...` }],
    [`next staging because ${"é".repeat(300)}`, { say: "next", name: "staging", reason: `${"é".repeat(197)}...` }],
    ["for 1h on staging because we extend staging", { say: "on", name: "staging", forSeconds: 3600, reason: "we extend staging" }],
    ["kick off staging <@U0002>", { say: "kick", user: "U0002", name: "staging" }],
    ["kick staging <@U0002>", { say: "kick", user: "U0002", name: "staging" }],
    ["on for", { say: "on", name: "for" }],
    ["off", { say: "off" }],
    ["off ALL", { say: "off-all" }],
    ["release staging", { say: "off", name: "staging" }],
    ["list", { say: "list" }],
    ["q", { say: "queues" }],
    ["q staging", { say: "who", name: "staging" }],
    ["queue staging", { say: "who", name: "staging" }],
    ["who staging", { say: "who", name: "staging" }],
    ["extend staging by 1h", { say: "extend", name: "staging", byMs: 3_600_000 }],
    ["extend staging 30m", { say: "extend", name: "staging", byMs: 1_800_000 }],
    ["watch staging", { say: "watch", name: "staging" }],
    ["unwatch staging", { say: "unwatch", name: "staging" }],
    ["bump staging", { say: "bump", name: "staging" }],
    ["next staging because production is down", { say: "next", name: "staging", reason: "production is down" }],
    ["kick <@U0002|bob> off staging", { say: "kick", user: "U0002", name: "staging" }],
    ["add staging", { say: "add", name: "staging" }],
    ["rename staging to stage-1", { say: "rename", name: "staging", to: "stage-1" }],
    ["rename staging stage-1", { say: "rename", name: "staging", to: "stage-1" }],
    ["remove staging", { say: "remove", name: "staging" }],
    ["approve-only on", { say: "approve-only", on: true }],
    ["history staging", { say: "history", name: "staging" }],
    ["token", { say: "token" }],
    ["token list", { say: "tokens" }],
    ["token revoke AB12", { say: "revoke", id: "ab12" }],
  ];
  for (const [text, command] of commands) it(`reads ${JSON.stringify(text)}`, () => expect(parseDibsCommand(text)).to.deep.equal(command));

  const refused: [text: string, sentence: string][] = [
    ["on", "Say which"],
    ["on staging now", '"now"'],
    ["on for 2h", "Say which"],
    ["for 2h", "Say which"],
    ["by 1h staging", "Say what to extend"],
    ["on for soon staging", "Say which"],
    ["on staging for 2h until 17:30", '"2h until 17:30"'],
    ["kick <@U0002> off", "Say whom"],
    ["kick <@U0002> off staging demo", "Say whom"],
    ["on stag\ning", '"ing"'],
    ["on staging for -1 hours", "too short"],
    ["on staging for 400 days", "30 days at most"],
    ["on a/b", '"a/b"'],
    ["on <@U0001>", "can't be a name"],
    ["on all", "is reserved"],
    [`on ${"a".repeat(300)}`, "too long"],
    ["next staging", "Say why"],
    ["extend staging", "by how long"],
    ["kick bob off staging", "Say whom"],
    ["approve-only", "approve-only on"],
    ["token please", "token revoke"],
    ["stauts staging", "/dibs help"],
    ["hlep", "Did you mean `/dibs help`?"],
    ["constructor", "I don't know"],
    ["__proto__ x", "I don't know"],
  ];
  for (const [text, sentence] of refused) {
    it(`refuses ${JSON.stringify(text).slice(0, 40)} with a sentence`, () =>
      expect(problemIn(parseDibsCommand(text))).to.include(sentence));
  }

  it("reads 40,000 characters in linear time", () => {
    const long = `on staging ${"because ".repeat(5000)}`;
    expect(processorMs(() => expect(isProblem(parseDibsCommand(long))).to.equal(false))).to.be.below(2000);
    for (const text of [
      `on ${"a ".repeat(20_000)}`,
      `on staging for ${"1".repeat(40_000)}`,
      `on x ${"<".repeat(40_000)}`,
      `by ${"1h ".repeat(13_000)} extend x because`,
    ])
      expect(processorMs(() => expect(isProblem(parseDibsCommand(text))).to.equal(true))).to.be.below(2000);
  });
});
