import { expect } from "chai";
import {
  buildClaimed,
  buildHistory,
  buildMoved,
  buildOverview,
  buildProblem,
  buildTokenAnswer,
  buildTokens,
  buildWho,
  type Reader,
} from "#core/dibs/answer";
import { describeToken } from "#core/dibs/api-token";
import { type Move, move } from "#core/dibs/moves";
import type { Queue } from "#core/dibs/queue";
import type { SlashAnswer } from "#core/slack/slash-answer";
import { at, claimOf, queueOf } from "./queues";

const reader: Reader = { user: "U0001", nowMs: at().nowMs };

const actionsOf = ({ blocks = [] }: SlashAnswer): string[] =>
  (blocks as { elements?: { action_id: string }[] }[]).flatMap(({ elements = [] }) => elements.map(({ action_id }) => action_id));

describe("dibs-answer", () => {
  const two = () => queueOf(claimOf("U0001", { reason: "<!channel> & me" }), claimOf("U0002"));
  const moved = (queue: Queue, asked: Move) => {
    const after = move(queue, at(), asked);
    return buildMoved(after.queue, after.outcome, reader);
  };

  it("announces a turn with its end in the reader's time, without mentions in its reason", () => {
    const queue = two();
    const answer = buildClaimed(queue, queue.claims[0]!, reader);
    expect(answer.response_type).to.equal("in_channel");
    expect(answer.text).to.equal(
      "<@U0001> has dibs on `staging` until <!date^1763809200^{time}|11:00 UTC> (up to a minute late): &lt;!channel&gt; &amp; me",
    );
    expect(actionsOf(answer)).to.deep.equal(["dibs_release", "dibs_extend", "dibs_join"]);
  });

  it("announces a position with its estimate, and a similar name", () => {
    const queue = two();
    const answer = buildClaimed(queue, queue.claims[1]!, { ...reader, user: "U0002" }, "stage-1");
    expect(answer.text).to.include("<@U0002> is number 1 in line for `staging`, at most about 1 h to wait");
    expect(answer.text).to.include("If you meant `stage-1`, type `/dibs off staging`");
    expect(actionsOf(answer)).to.deep.equal(["dibs_join", "dibs_leave"]);
  });

  for (const [user, actions] of [
    ["U0001", ["dibs_release", "dibs_extend"]],
    ["U0002", ["dibs_leave"]],
    ["U0003", ["dibs_join"]],
  ] as const) {
    it(`offers ${actions} to ${user}, and only to them`, () => {
      const answer = buildWho(two(), { ...reader, user });
      expect(answer.response_type).to.equal("ephemeral");
      expect(actionsOf(answer)).to.deep.equal(actions);
    });
  }

  it("announces changes to the channel, and refusals to the user only", () => {
    expect(moved(two(), { do: "release", whose: { owner: "U0001" } })).to.include({
      response_type: "in_channel",
      text: "<@U0001> released `staging`. It is <@U0002>'s turn.",
    });
    expect(moved(two(), { do: "bump", owner: "U0002" })).to.include({
      response_type: "ephemeral",
      text: "Nobody is behind you in the queue for `staging`.",
    });
    expect(moved(two(), { do: "release", whose: { owner: "U0009" } }).text).to.match(/^You are not in the queue for `staging`\.\n/);
  });

  it("shows the user's claims, then all queues, then free resources, within Slack's limits", () => {
    const free = Array.from({ length: 60 }, (_, index) => ({ ...queueOf(), name: `free-${index}` }));
    const used = Array.from({ length: 30 }, (_, index) => ({ ...two(), name: `used-${index}` }));
    const { text, blocks } = buildOverview([...used, ...free], reader);
    expect(text).to.match(/^\*Yours\*\n• <@U0001> has dibs on `used-0`/);
    expect(text.length).to.be.at.most(12_000);
    expect(blocks!.length).to.be.at.most(50);
    expect(JSON.stringify(blocks)).to.include("Free: `free-0`").and.to.include("In use: `used-10`");
  });

  it("shows how to begin if there are no queues", () => {
    expect(buildOverview([], reader).text)
      .to.include("You have no dibs.")
      .and.to.include("Nobody has claimed anything yet.")
      .and.to.include("`/dibs on");
  });

  it("lists earlier holders, how their turns ended, and how long they lasted", () => {
    const claim = claimOf("U0001");
    const ended = { claim, how: "kicked" as const, endedAtMs: at(30).nowMs, sinceMs: at().nowMs, by: "U0002" };
    expect(buildHistory("staging", [ended], reader).text).to.match(/: <@U0001> was removed after 30 min by <@U0002>$/);
    expect(buildHistory("staging", [], reader).text).to.equal("Nobody has held `staging` yet.");
  });

  it("puts a new token first, and lists tokens without it", () => {
    const token = `sf_${"a".repeat(40)}`;
    const known = describeToken(token, "T0001", "U0001", at().nowMs);
    expect(buildTokenAnswer(token, known, reader).text.split("\n")[0]).to.equal(token);
    const { text } = buildTokens([known], reader);
    expect(text).to.include(known.id).and.to.include("never used").and.not.to.include(token);
  });

  it("shows a problem as plain text", () => {
    expect(buildProblem("I can't read <!here>.")).to.deep.equal({ response_type: "ephemeral", text: "I can't read &lt;!here&gt;." });
  });
});
