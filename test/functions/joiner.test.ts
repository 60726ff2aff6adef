import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import sinon from "sinon";
import { Deadline } from "#core/deadline";
import { SlackBusy, SlackRefused } from "#core/errors";
import type { Log } from "#core/log";
import { Joiner, joinIn, listFromAny } from "#functions/joiner";

describe("joiner", () => {
  const make = (join = sinon.stub().resolves()) => {
    const log = { info: sinon.stub(), error: sinon.stub() };
    const channels = {
      join,
      listOthers: async function* () {
        yield* ["C0002", "C0003", "C0004"];
      },
    };
    return { joiner: new Joiner(channels, log), channels, join, log };
  };
  const joined = (join: sinon.SinonStub) => join.args.map(([channel]) => channel as string);

  it("joins every public channel that the app is not in", async () => {
    const { joiner, join } = make();
    await joiner.handle();
    expect(joined(join)).to.deep.equal(["C0002", "C0003", "C0004"]);
  });

  it("goes on after a channel that refuses, and logs it", async () => {
    const { joiner, join, log } = make();
    join.onFirstCall().rejects(new SlackRefused("Slack refuses conversations.join: is_archived.", { context: { code: "is_archived" } }));
    await joiner.handle();
    expect(joined(join)).to.deep.equal(["C0002", "C0003", "C0004"]);
    expect(log.error.args.map(([, , context]) => context as object)).to.deep.equal([{ channel: "C0002" }]);
  });

  it("leaves the rest to the next run when Slack is busy, also when it lists them", async () => {
    const { joiner, channels, join } = make();
    join.onSecondCall().rejects(new SlackBusy("Slack asks to wait 30 s before conversations.join.", { retryAfterSeconds: 30 }));
    await joiner.handle();
    expect(joined(join)).to.deep.equal(["C0002", "C0003"]);
    // biome-ignore lint/correctness/useYield: it fails before the first channel.
    channels.listOthers = async function* () {
      throw new SlackBusy("Slack asks to wait 30 s before conversations.list.", { retryAfterSeconds: 30 });
    };
    await joiner.handle();
  });

  it("fails if the app may not join at all", async () => {
    const { joiner, join } = make();
    join.rejects(new SlackRefused("Slack refuses conversations.join: missing_scope.", { context: { code: "missing_scope" } }));
    expect(await rejectionOf(joiner.handle())).to.be.instanceOf(SlackRefused);
    expect(joined(join)).to.deep.equal(["C0002"]);
  });

  it("begins with any installation, so that a run that ends early does not leave out the same ones each hour", async () => {
    const listInstalled = async function* () {
      for (const installation of ["T0001", "E0001", "T0002"]) yield { installation };
    };
    expect(await listFromAny({ listInstalled }, () => 0)).to.deep.equal(["T0001", "E0001", "T0002"]);
    expect(await listFromAny({ listInstalled }, () => 0.99)).to.deep.equal(["T0002", "T0001", "E0001"]);
    expect(await listFromAny({ listInstalled: async function* () {} })).to.deep.equal([]);
  });

  it("names each workspace of an organisation, whose token is good in all but those that have the app no more", async () => {
    const call = sinon.stub().callsFake(async (method: string, { team_id: team }: Record<string, unknown>) => {
      if (team === "T0000") throw new SlackRefused("no", { context: { code: "team_access_not_granted" } });
      return { ok: true, ...(method === "conversations.list" && { channels: [{ id: `C-${team}`, is_member: false }] }) };
    });
    const { log } = make();
    const all = { ...log, debug: sinon.stub(), warn: sinon.stub() } as unknown as Log;
    const joining = joinIn({ call, listTeams: async () => ["T0000", "T0001", "T0002"] }, "E0001", all, new Deadline(1000));
    expect(await joining.catch(error => error as Error)).to.be.instanceOf(SlackRefused);
    const joinedIn = call.args.filter(([method]) => method === "conversations.join").map(([, { channel }]) => channel as string);
    expect(joinedIn).to.deep.equal(["C-T0001", "C-T0002"]);
  });
});
