import { expect } from "chai";
import sinon from "sinon";
import { Deadline } from "#core/deadline";
import { hashToken } from "#core/dibs/api-token";
import { SlackBusy } from "#core/errors";
import { createLog } from "#core/log";
import type { SlashAnswer } from "#core/slack/slash-answer";
import { DibsSlashCommand } from "#functions/commands/dibs";
import { People } from "#functions/people";
import type { SlackUser } from "#stores/slack/users";
import { createDibsWorld, type DibsWorld, TEAM } from "../dibs/world";
import { NOW_MS } from "../requests";

const USERS: Record<string, SlackUser> = {
  U0001: { timeZone: "Europe/Helsinki", isAdmin: true, isExternal: false },
  U0002: { timeZone: "America/New_York", isAdmin: false, isExternal: false },
  U0003: { isAdmin: false, isExternal: false },
};

describe("/dibs", () => {
  let world: DibsWorld;
  let stop: () => Promise<void>;
  let users: { read: sinon.SinonStub<[string, string], Promise<SlackUser>> } | undefined;
  let triggers = 0;
  let dibsDefault: number | null;
  beforeEach(async () => {
    sinon.stub(console, "log");
    sinon.stub(console, "error");
    ({ world, stop } = await createDibsWorld());
    dibsDefault = 3600;
    users = { read: sinon.stub<[string, string], Promise<SlackUser>>().callsFake(async (_, user) => USERS[user] ?? USERS["U0003"]!) };
  });
  afterEach(async () => {
    sinon.restore();
    await stop();
  });

  const say = (text: string, user = "U0001", over: Record<string, string> = {}): Promise<SlashAnswer> => {
    triggers += 1;
    const command = new DibsSlashCommand(
      { dibs: world.dibs, tokens: world.tokens, people: new People(users, createLog("test", {})), once: world.once },
      { secret: "secret", dibsDefault },
      () => world.nowMs,
    );
    const form = { team_id: TEAM, user_id: user, command: "/dibs", text, trigger_id: `trigger ${triggers}`, ...over };
    return command.answer(new Map(Object.entries(form)), new Deadline(5000));
  };
  const owners = async (name = "staging") =>
    (await world.dibs.look({ team: TEAM, name }, new Deadline(5000)))?.claims.map(({ owner }) => owner);
  const pass = (minutes: number) => {
    world.nowMs = NOW_MS + minutes * 60_000;
  };
  const labels = ({ blocks = [] }: SlashAnswer) => JSON.stringify(blocks).match(/(?<="plain_text","text":")[^"]*/g) ?? [];

  describe("on", () => {
    it("tells the channel who has it, and until when", async () => {
      const answer = await say("on staging for 6 hours because <b> & co");
      const endSeconds = NOW_MS / 1000 + 6 * 3600;
      expect(answer.response_type).to.equal("in_channel");
      expect(answer.text).to.equal(
        `<@U0001> has dibs on \`staging\` until <!date^${endSeconds}^{time}|16:00 UTC> (up to a minute late): b &amp; co`,
      );
      expect(labels(answer)).to.deep.equal(["Release", "Extend 1 h", "Join"]);
    });

    it("queues the next one, with an estimate", async () => {
      await say("on staging for 2h");
      const answer = await say("on staging", "U0002");
      expect(answer.text).to.equal("<@U0002> is number 1 in line for `staging`, at most about 2 h to wait");
      expect(labels(answer)).to.deep.equal(["Join", "Leave"]);
    });

    it("reads a time of day in the user's time zone", async () => {
      // It is 12:00 in Helsinki and 5:00 in New York.
      expect((await say("on staging until 17:30")).text).to.include("|17:30 Europe/Helsinki>");
      expect((await say("on demo until 17:30", "U0002")).text).to.include("|17:30 America/New_York>");
      const [helsinki, newYork] = await Promise.all(
        ["staging", "demo"].map(async name => (await world.dibs.look({ team: TEAM, name }, new Deadline(5000)))?.claims[0]?.untilMs),
      );
      expect([helsinki, newYork].map(untilMs => new Date(untilMs ?? 0).toISOString())).to.deep.equal([
        "2025-11-22T15:30:00.000Z",
        "2025-11-22T22:30:00.000Z",
      ]);
    });

    it("assumes UTC, and says so, if Slack does not tell the time zone", async () => {
      expect((await say("on staging until 17:30", "U0003")).text)
        .to.include("|17:30 UTC>")
        .and.include("this time is in UTC");
      users?.read.rejects(new SlackBusy("busy"));
      expect((await say("on demo until 17:30")).text).to.include("this time is in UTC");
      users = undefined;
      expect((await say("on other until 17:30")).text).to.include("this time is in UTC");
    });

    it("does nothing for a repeated trigger", async () => {
      const first = await say("on staging", "U0001", { trigger_id: "same" });
      expect(await say("on staging", "U0001", { trigger_id: "same" })).to.deep.equal(first);
      expect(await owners()).to.deep.equal(["U0001"]);
    });

    it("lets a person join only once", async () => {
      await say("on staging");
      const answer = await say("on staging");
      expect([answer.response_type, await owners()]).to.deep.equal(["ephemeral", ["U0001"]]);
      expect(answer.text).to.include("already have a claim");
    });

    it("asks whether a new name is a typing mistake", async () => {
      await say("on staging");
      expect((await say("on stagin", "U0002")).text).to.include("If you meant `staging`");
    });

    it("treats names that differ in case or form as one, shown as it was first written", async () => {
      for (const [first, second] of [
        ["größe", "GRÖSSE"],
        ["staging", "ｓｔａｇｉｎｇ"],
        ["ｐｒｏｄ", "prod"],
        ["ﬁle", "FILE"],
        ["λόγος", "ΛΌΓΟΣ"],
      ] as const) {
        expect((await say(`on ${first}`)).text).to.include(`has dibs on \`${first}\``);
        expect((await say(`on ${second}`, "U0002")).text).to.include(`number 1 in line for \`${first}\``);
        expect((await say(`who ${second}`)).text).to.include(`\`${first}\``);
        expect((await say(`off ${second}`)).text).to.include(`released \`${first}\`. It is <@U0002>'s turn`);
        expect((await say(`history ${first}`)).text).to.include("U0001");
      }
    });

    it("asks whether a name that looks like an existing one is intended", async () => {
      await say("on staging");
      await say("on modern");
      for (const look of ["ѕtаgіng", "ѕтаɡіոɡ", "sτaging", "STАGING"])
        expect((await say(`on ${look}`, "U0002")).text, look).to.include("is new. If you meant `staging`");
      expect((await say("on modem", "U0002")).text).to.include("If you meant `modern`");
    });

    for (const text of ["on staging for 400 days", "on staging until 25:61", "on staging for -1 hours", "on a#b", "onn staging"]) {
      it(`refuses ${text} privately, and stores nothing`, async () => {
        const answer = await say(text);
        expect(answer.response_type).to.equal("ephemeral");
        expect((await say("")).text).to.include("Nobody has claimed anything yet");
      });
    }

    it("escapes what it quotes", async () => {
      expect((await say("<!channel>")).text).not.to.match(/<[!@]/);
      expect((await say("on staging <!here>")).text).not.to.match(/<[!@]/);
    });
  });

  describe("an open turn", () => {
    beforeEach(() => {
      dibsDefault = null;
    });
    const end = async () => (await world.dibs.look({ team: TEAM, name: "staging" }, new Deadline(5000)))?.claims[0]?.expiresAtMs;

    it("lasts until it is released, and says so instead of an end", async () => {
      const claimed = await say("on staging");
      expect(claimed.text).to.equal("<@U0001> has dibs on `staging` until it is released (open)");
      expect(labels(claimed)).to.deep.equal(["Release", "Join"]);
      expect((await say("on staging", "U0002")).text)
        .to.include("is number 1 in line")
        .and.include("with no estimate");
      expect((await say("who staging", "U0003")).text).to.include("`staging`: <@U0001> until it is released (open)");
      pass(60 * 24 * 40);
      expect(await owners()).to.deep.equal(["U0001", "U0002"]);
      await say("off staging");
      expect(world.notices.at(-1)).to.deep.include({ user: "U0002" });
      expect(world.notices.at(-1)?.text).to.include("until it is released (open)");
      expect(world.timers).to.deep.equal([]);
    });

    it("gets an end from extend, which says so", async () => {
      await say("on staging");
      pass(5);
      const answer = await say("extend staging for 30m");
      expect(answer.text).to.match(/until <!date.*09:35.*; it was open before$|until <!date.*10:35.*; it was open before$/);
      expect(world.timers.map(({ atMs }) => atMs)).to.deep.equal([NOW_MS + 35 * 60_000]);
      expect((await say("extend staging by 30m")).text).not.to.include("open");
    });

    it("can be requested whatever the default is", async () => {
      dibsDefault = 3600;
      await say("on staging for open");
      expect(await end()).to.equal(undefined);
      expect((await say("who staging")).text).to.include("open");
    });
  });

  it("lists everything with its holder, and the queues of what is in use", async () => {
    expect((await say("list")).text).to.include("Nobody has claimed anything yet");
    await say("add demo");
    await say("on staging for open because we test");
    await say("on staging", "U0002");
    expect((await say("list", "U0003")).text).to.equal(
      "• `demo` is free\n• `staging`: <@U0001> until it is released (open): we test, 1 waiting",
    );
    expect((await say("q", "U0003")).text).to.equal(
      "`staging`: <@U0001> until it is released (open): we test\n1. <@U0002>, with no estimate, since an open turn comes first",
    );
    expect((await say("q staging", "U0003")).text).to.equal((await say("who staging", "U0003")).text);
  });

  it("tells an admin who is not in the queue", async () => {
    await say("on k1");
    expect((await say("kick <@U0002> off k1")).text).to.equal("<@U0002> is not in the queue for `k1`.");
  });

  describe("a repeated request", () => {
    /** The commands before the request, the request, the commands after it, and the final state. */
    const cases: [name: string, before: string[], request: string, after: string[]][] = [
      ["on after off", [], "on staging", ["off staging"]],
      ["off after on", ["on staging", "add demo"], "off staging", ["on staging"]],
      ["off without a name after on another", ["on staging"], "off", ["on demo"]],
      ["off all after on", ["on staging"], "off all", ["on staging"]],
      ["off of what was not held", ["add staging"], "off staging", ["on staging"]],
      ["add after remove", [], "add staging", ["remove staging"]],
      ["remove after add", ["add staging"], "remove staging", ["add staging"]],
      ["rename after another", ["add staging"], "rename staging to demo", ["rename demo to staging"]],
      ["kick after on", ["on staging"], "kick <@U0001> off staging", ["on staging"]],
      ["next after off", ["on staging", "off staging"], "next staging because x", ["off staging"]],
      ["watch after unwatch", ["on staging"], "watch staging", ["unwatch staging"]],
      ["unwatch after watch", ["on staging", "watch staging"], "unwatch staging", ["watch staging"]],
      ["approve-only after it was ended", [], "approve-only on", ["approve-only off"]],
    ];
    for (const [name, before, request, after] of cases) {
      it(`changes nothing: ${name}`, async () => {
        for (const text of before) await say(text);
        const first = await say(request, "U0001", { trigger_id: "same" });
        for (const text of after) await say(text);
        const read = async () => {
          const queues = await Promise.all(
            ["staging", "demo"].map(each => world.table.get({ team: TEAM, name: each }, new Deadline(5000))),
          );
          const approveOnly = await world.dibs.isApproveOnly(TEAM, new Deadline(5000));
          return [
            approveOnly,
            ...queues.map(queue => queue && [queue.claims, queue.watchers, queue.isRemoved ?? false, queue.renamedTo ?? ""]),
          ];
        };
        const then = await read();
        pass(9);
        expect(await say(request, "U0001", { trigger_id: "same" })).to.deep.equal(first);
        expect(await read()).to.deep.equal(then);
      });
    }

    it("does not restore a revoked token", async () => {
      const { text } = await say("token", "U0001", { trigger_id: "same" });
      const [listed] = await world.tokens.list(TEAM, "U0001", new Deadline(5000));
      await say(`token revoke ${listed?.id}`);
      expect((await say("token", "U0001", { trigger_id: "same" })).text)
        .to.include("has been revoked")
        .and.not.include(text.slice(0, 43));
      expect(await world.tokens.find(hashToken(text.slice(0, 43)), new Deadline(5000))).to.equal(undefined);
    });
  });

  describe("off", () => {
    it("passes the turn on, and tells the next person in a direct message", async () => {
      await say("on staging");
      await say("on staging", "U0002");
      const answer = await say("off staging");
      expect(answer).to.include({ response_type: "in_channel", text: "<@U0001> released `staging`. It is <@U0002>'s turn." });
      expect(world.told).to.deep.equal([["U0002", "Your turn: staging"]]);
      expect(world.timers.map(({ input }) => input)).to.have.length(2);
    });

    it("refuses to release another person's claim, and names the holder", async () => {
      await say("on staging");
      const answer = await say("off staging", "U0002");
      expect(answer.response_type).to.equal("ephemeral");
      expect(answer.text).to.include("You are not in the queue").and.include("<@U0001>");
      expect(await owners()).to.deep.equal(["U0001"]);
    });

    it("without a name, releases the only claim, or asks which of several", async () => {
      expect((await say("off")).text).to.equal("You have no dibs.");
      await say("on staging");
      await say("on demo");
      expect((await say("off")).text).to.include("`demo`, `staging`");
      await say("off demo");
      expect((await say("off")).text).to.include("released `staging`");
    });

    it("all releases everything", async () => {
      await say("on staging");
      await say("on demo", "U0002");
      await say("on demo");
      await say("off all");
      expect([await owners("staging"), await owners("demo")]).to.deep.equal([[], ["U0002"]]);
    });

    it("suggests a similar name", async () => {
      await say("on staging");
      expect((await say("off stagin")).text).to.equal("There is no `stagin`. Did you mean `staging`?");
    });
  });

  it("extend moves the end, once per trigger", async () => {
    await say("on staging for 1h");
    const first = await say("extend staging by 1h", "U0001", { trigger_id: "same" });
    expect(await say("extend staging by 1h", "U0001", { trigger_id: "same" })).to.deep.equal(first);
    expect(first.text).to.include(`<!date^${NOW_MS / 1000 + 7200}^`);
    expect((await say("extend staging by 1h", "U0002")).response_type).to.equal("ephemeral");
  });

  it("the overview shows the user's claims and all queues", async () => {
    await say("on staging for 1h");
    await say("on staging", "U0002");
    await say("on demo", "U0002");
    await say("off demo", "U0002");
    const { text, blocks, response_type } = await say("", "U0002");
    expect(response_type).to.equal("ephemeral");
    expect(text)
      .to.match(/^\*Yours\*\n• <@U0002> is number 1 in line for `staging`/)
      .and.include("*All queues*\n`staging`: <@U0001>");
    expect(text).to.include("Free: `demo`").and.include("/dibs help");
    expect(JSON.stringify(blocks)).to.include("dibs_leave");
  });

  it("who, watch and unwatch answer only the user", async () => {
    expect((await say("who staging")).text).to.equal("There is no `staging`.");
    await say("on staging");
    expect(await say("who staging", "U0002")).to.include({ response_type: "ephemeral" });
    expect((await say("watch staging", "U0002")).text).to.include("You will get a message");
    await say("watch staging", "U0003");
    await say("unwatch staging", "U0003");
    await say("off staging");
    expect(world.told).to.deep.equal([["U0002", "It is free: staging"]]);
    expect((await say("watch staging", "U0002")).text).to.include("free now");
  });

  it("bump and next change the order, and tell the channel", async () => {
    for (const user of ["U0001", "U0002", "U0003"]) await say("on staging", user);
    expect((await say("bump staging")).text).to.equal("<@U0001> lets <@U0002> go first on `staging`.");
    expect(await owners()).to.deep.equal(["U0002", "U0001", "U0003"]);
    expect((await say("next staging because it burns", "U0003")).text).to.equal("<@U0003> goes first in line for `staging`: it burns");
    expect(await owners()).to.deep.equal(["U0002", "U0003", "U0001"]);
    expect(world.told).to.deep.include(["U0001", "Somebody goes ahead of you: staging"]);
  });

  it("next on a free resource claims it", async () => {
    expect((await say("next staging because it burns")).text).to.include("<@U0001> has dibs on `staging`");
    await say("off staging");
    expect((await say("next staging because it burns", "U0002")).text).to.include("<@U0002> has dibs on `staging`");
  });

  it("history shows how claims ended", async () => {
    await say("on staging for 1h because of <x>");
    await say("on staging", "U0002");
    pass(61);
    const { text } = await say("history staging");
    expect(text).to.include("<@U0001> used up the time after 1 h 1 min: of x");
  });

  describe("admins", () => {
    it("can kick somebody, and the next person is told", async () => {
      await say("on staging", "U0002");
      await say("on staging", "U0003");
      expect((await say("kick <@U0002|bob> off staging")).text).to.equal(
        "<@U0001> removed <@U0002> from the queue for `staging`. It is <@U0003>'s turn.",
      );
      expect(world.told).to.have.deep.members([
        ["U0003", "Your turn: staging"],
        ["U0002", "You were removed: staging"],
      ]);
    });

    it("can allow only resources that were added", async () => {
      expect(await say("approve-only on")).to.include({ response_type: "in_channel" });
      expect((await say("on staging", "U0002")).text).to.include("Only an admin may add");
      expect((await say("add staging")).text).to.equal("<@U0001> added `staging`.");
      expect((await say("add staging")).response_type).to.equal("ephemeral");
      expect((await say("on staging", "U0002")).text).to.include("has dibs");
      await say("approve-only off");
      expect((await say("on other", "U0002")).text).to.include("has dibs");
    });

    it("can rename a queue, which is still found by its old name", async () => {
      await say("on staging", "U0002");
      expect((await say("rename staging to stage-1")).text).to.include("to `stage-1`");
      expect((await say("on staging", "U0003")).text).to.include("number 1 in line for `stage-1`");
      expect(await owners("stage-1")).to.deep.equal(["U0002", "U0003"]);
      expect((await say("off staging", "U0002")).text).to.include("released `stage-1`");
      const [timer] = world.timers;
      const { name, leaseId } = timer!.input as { name: string; leaseId: string };
      expect(name).to.equal("staging");
      await world.dibs.release({ team: TEAM, name }, leaseId, new Deadline(5000));
      expect(await owners("stage-1")).to.deep.equal(["U0003"]);
    });

    it("can rename a queue, and its whole history is kept", async () => {
      await say("on staging because one", "U0002");
      await say("off staging", "U0002");
      world.nowMs += 1000;
      await say("rename staging to stage-1");
      await say("on stage-1 because two", "U0003");
      world.nowMs += 1000;
      await say("off stage-1", "U0003");
      await say("rename stage-1 to stage-2");
      // A later queue under an old name has its own history.
      await say("add staging");
      await say("on staging because three", "U0002");
      world.nowMs += 1000;
      await say("off staging", "U0002");
      for (const name of ["stage-1", "stage-2"]) {
        const [, ...lines] = (await say(`history ${name}`)).text.split("\n");
        expect(lines.map(line => line.split(": ").at(-1))).to.deep.equal(["two", "one"]);
      }
    });

    it("can't rename to an existing name, and can't remove a resource in use", async () => {
      await say("on staging");
      await say("on demo");
      expect((await say("rename staging to demo")).text).to.equal("`demo` already exists.");
      expect((await say("remove demo")).text).to.include("a resource that is in use");
    });

    it("can remove a resource; a new one of that name continues the fencing numbers", async () => {
      await say("on staging");
      await say("off staging");
      await say("remove staging");
      expect((await say("")).text)
        .not.to.include("`staging`: ")
        .and.not.include("Free: `staging`");
      await say("on staging");
      const queue = await world.dibs.look({ team: TEAM, name: "staging" }, new Deadline(5000));
      expect(queue?.passed).to.equal(1);
    });

    for (const text of ["kick <@U0001> off staging", "add x", "remove staging", "rename staging to x", "approve-only on"]) {
      it(`alone may ${text}`, async () => {
        await say("on staging");
        expect((await say(text, "U0002")).text).to.equal("Only admins of this workspace may do that.");
        users?.read.rejects(new SlackBusy("busy"));
        expect((await say(text)).text).to.include("Try again");
        users = undefined;
        expect((await say(text)).text).to.include("no bot token");
        expect(await owners()).to.deep.equal(["U0001"]);
      });
    }
  });

  describe("token", () => {
    it("comes first, is shown once, and works", async () => {
      const { text, response_type } = await say("token");
      expect(response_type).to.equal("ephemeral");
      expect(text).to.match(/^sf_[A-Za-z0-9]{40}\n/);
      const [listed] = await world.tokens.list(TEAM, "U0001", new Deadline(5000));
      expect(JSON.stringify(listed)).not.to.include(text.slice(3, 20));
      const { text: list } = await say("token list");
      expect(list).to.include(listed!.id).and.include("never used").and.not.include(text.slice(3, 20));
    });

    it("is the same for the same trigger, and different for another", async () => {
      const [first, second, third] = [
        await say("token", "U0001", { trigger_id: "same" }),
        await say("token", "U0001", { trigger_id: "same" }),
        await say("token"),
      ];
      expect(second.text).to.equal(first.text);
      expect(third.text).not.to.equal(first.text);
      expect(await world.tokens.list(TEAM, "U0001", new Deadline(5000))).to.have.length(2);
    });

    it("can be revoked only by its owner", async () => {
      await say("token");
      const id = (await world.tokens.list(TEAM, "U0001", new Deadline(5000)))[0]!.id;
      expect((await say(`token revoke ${id}`, "U0002")).text).to.include("You have no token");
      expect((await say(`token revoke ${id}`)).text).to.include("has been revoked");
      expect((await say("token list")).text).to.include("You have no token");
    });
  });
});
