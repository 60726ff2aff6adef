import { randomUUID } from "node:crypto";
import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { Deadline } from "#core/deadline";
import { SlackBusy, SlackRefused, ToolBusy } from "#core/errors";
import type { JsonObject } from "#core/json";
import type { Answer, Toolbox } from "#functions/gateway/toolbox";
import { Killed } from "../../dibs-tables";
import { NOW_MS } from "../requests";
import { type GatewayWorld, MortalProcess, THREAD, useGatewayWorld } from "./world";

/** A claim runs out after 40 s. */
const CLAIM_MS = 40_000;

describe("toolbox", () => {
  let world: GatewayWorld;
  let toolbox: Toolbox;
  let task: string;
  useGatewayWorld(made => {
    world = made;
  });
  beforeEach(async () => {
    toolbox = world.createToolbox();
    task = `T0001-C0001-${randomUUID()}`;
    await world.createTask(task);
  });

  const resultOf = async (answer: Promise<Answer>): Promise<JsonObject> => {
    const given = await answer;
    if ("refusal" in given) throw new Error(`refused: ${given.refusal}`);
    return given.result;
  };
  const refusalOf = async (answer: Promise<Answer>): Promise<string> => {
    const given = await answer;
    if ("result" in given) throw new Error(`not refused: ${JSON.stringify(given.result)}`);
    return given.refusal;
  };
  const post = (args: object = {}, box = toolbox) =>
    box.call("post_to_slack", { text: "hello", task, idempotencyKey: "step-0001", ...args });

  it("neither offers nor calls the tools of turn queues if these are off", async () => {
    const box = world.createToolbox({ dibs: "off" });

    expect(toolbox.names.filter(name => !box.names.includes(name))).to.deep.equal(["claim_dibs", "release_dibs"]);
    expect(await refusalOf(box.call("claim_dibs", { resource: "staging", task }))).to.include("Turn queues are off here.");
    expect(await world.audit(task)).to.deep.equal(["claim_dibs refused dibs"]);
  });

  describe("post_to_slack", () => {
    it("posts in the task's thread, counts it and writes a row", async () => {
      expect(await resultOf(post())).to.deep.equal({ channel: "C0001", threadTs: THREAD, ts: "1763805700.000001" });
      expect(world.slack.messages).to.have.length(1);
      expect(world.slack.messages[0]).to.include({ channel: "C0001", threadTs: THREAD, text: "hello" });
      expect(await world.posts(task)).to.equal(1);
      expect(await world.audit(task)).to.deep.equal(["post_to_slack ok"]);
      expect(Object.values(await world.items(task, "audit#"))[0]).to.include({ channel: "C0001" });
      expect(JSON.stringify(await world.items(task, "audit#"))).not.to.include("hello");
    });

    it("answers a repeated call with the first result, and does not count it again", async () => {
      const first = await resultOf(post());
      expect(await resultOf(post({}, world.createToolbox()))).to.deep.equal(first);
      expect(world.slack.messages).to.have.length(1);
      expect(await world.posts(task)).to.equal(1);
      expect(await world.audit(task)).to.have.members(["post_to_slack ok", "post_to_slack repeat"]);
    });

    it("posts twice without a key", async () => {
      await resultOf(post({ idempotencyKey: undefined }));
      await resultOf(post({ idempotencyKey: undefined }));
      expect(world.slack.messages).to.have.length(2);
    });

    it("refuses the key of another call", async () => {
      await resultOf(post());
      expect(await refusalOf(post({ text: "other" }))).to.match(/^key: /);
      expect(await refusalOf(toolbox.call("create_canvas", { title: "a", markdown: "b", task, idempotencyKey: "step-0001" }))).to.match(
        /^key: /,
      );
      expect(world.slack.messages).to.have.length(1);
    });

    it("always posts in the task's thread", async () => {
      await resultOf(post({ channel: "C0001", thread: "1700000000.000001" }));
      expect(world.slack.messages[0]).to.include({ threadTs: THREAD });
    });

    it("posts in a configured channel, in a thread of it or in none", async () => {
      expect(await resultOf(post({ channel: "C0002" }))).to.deep.equal({ channel: "C0002", ts: "1763805700.000001" });
      await resultOf(post({ channel: "C0002", thread: "1700000000.000001", idempotencyKey: "step-0002" }));
      expect(world.slack.messages.map(({ threadTs }) => threadTs)).to.deep.equal([undefined, "1700000000.000001"]);
    });

    it("names the rule that refuses, posts nothing and writes a row", async () => {
      expect(await refusalOf(post({ channel: "C0009" }))).to.match(/^channel: /);
      expect(await refusalOf(post({ channel: "C0002", thread: "yesterday" }))).to.match(/^thread: /);
      expect(await refusalOf(post({ text: "x".repeat(40_001) }))).to.match(/^length: /);
      expect(await refusalOf(post({ text: " " }))).to.match(/^length: /);
      expect(await refusalOf(post({ task: "T0001-nobody" }))).to.match(/^task: /);
      expect(await refusalOf(post({ colour: "red" }))).to.match(/^arguments: .*colour/);
      expect(await refusalOf(toolbox.call("post_to_slack", { text: "hello", channel: "C0001" }))).to.match(/^channel: /);
      expect(world.slack.messages).to.have.length(0);
      expect(await world.audit(task)).to.have.members([
        "post_to_slack refused channel",
        "post_to_slack refused thread",
        "post_to_slack refused length",
        "post_to_slack refused length",
      ]);
      expect(await world.audit("T0001-nobody")).to.deep.equal(["post_to_slack refused task"]);
    });

    it("can be repeated after a refusal", async () => {
      await refusalOf(post({ text: "x".repeat(40_001) }));
      await resultOf(post({ idempotencyKey: "step-0002" }));
      world.slack.problems.push(new SlackRefused("Slack refuses chat.postMessage: is_archived."));
      expect(await refusalOf(post({ idempotencyKey: "step-0003" }))).to.equal("slack: Slack refuses chat.postMessage: is_archived.");
      await resultOf(post({ idempotencyKey: "step-0003" }));
      expect(world.slack.messages).to.have.length(2);
    });

    it("refuses a task that has ended", async () => {
      await world.tasks.finish((await world.tasks.read(task))!, { state: "stopped" }, NOW_MS);
      expect(await refusalOf(post())).to.equal("task: the task has ended: it is stopped.");
    });

    it("turns mentions into plain text", async () => {
      await resultOf(post({ text: "<!channel> <@U0002> <#C0001> @here & <https://a.example/?b=1&c=2|see>" }));
      expect(world.slack.messages[0]!.text).to.equal(
        "&lt;!channel&gt; &lt;@U0002&gt; &lt;#C0001&gt; @\u2060here &amp; <https://a.example/?b=1&c=2|see>",
      );
    });

    it("enforces the limits per task and day, and counts a repeated call once", async () => {
      const strict = world.createToolbox({ postsPerTask: 2, postsPerDay: 1_000 });
      for (const key of ["a", "a", "b", "b"]) await resultOf(post({ idempotencyKey: key }, strict));
      expect(await refusalOf(post({ idempotencyKey: "c" }, strict))).to.match(/^task-limit: .*2/);
      expect(await resultOf(post({ idempotencyKey: "a" }, strict))).to.include({ ts: "1763805700.000001" });
      world.nowMs += 86_400_000 * 3;
      const poor = world.createToolbox({ postsPerDay: 1 });
      await resultOf(poor.call("post_to_slack", { text: "one", channel: "C0002" }));
      expect(await refusalOf(post({ idempotencyKey: "d" }, poor))).to.match(/^day-limit: /);
      expect(await world.posts(task)).to.equal(2);
      expect(await refusalOf(post({ idempotencyKey: "e" }, world.createToolbox({ postsPerDay: 0 })))).to.match(/^day-limit: /);
    });

    it("lets only one of many concurrent calls post", async () => {
      const answers = await Promise.allSettled(Array.from({ length: 20 }, () => post({}, world.createToolbox())));
      expect(world.slack.messages).to.have.length(1);
      const refused = answers.flatMap(each => (each.status === "rejected" ? [each.reason] : []));
      for (const reason of refused) expect(reason).to.be.instanceOf(ToolBusy);
      expect(await resultOf(post())).to.include({ ts: "1763805700.000001" });
      expect(await world.posts(task)).to.equal(1);
    });

    it("can be repeated at once if Slack asks to wait, and looks first", async () => {
      world.slack.problems.push(new SlackBusy("Slack asks to wait 7 s.", { retryAfterSeconds: 7 }));
      expect(await rejectionOf(post())).to.be.instanceOf(SlackBusy);
      expect(await world.audit(task)).to.deep.equal(["post_to_slack waiting"]);
      await resultOf(post());
      expect(world.slack.messages).to.have.length(1);
    });

    it("waits until the claim has expired if Slack did not answer, then finds the post", async () => {
      world.slack.problems.push(new SlackBusy("Slack did not answer."));
      expect(await rejectionOf(post())).to.be.instanceOf(ToolBusy);
      expect(await rejectionOf(post())).to.include({ name: "ToolBusy", status: "being-done-already" });
      world.nowMs += CLAIM_MS;
      await resultOf(post());
      expect(world.slack.messages).to.have.length(1);
    });

    it("starts the thread of an /ask task with its card", async () => {
      const ask = `${task}-ask`;
      await world.createAsk(ask);
      const { ts } = await resultOf(toolbox.call("post_to_slack", { text: "hello", task: ask, idempotencyKey: "a" }));
      const [card, message] = world.slack.messages;
      expect(card).to.include({ channel: "C0001", text: "Waiting: count" }).and.not.have.property("threadTs");
      expect(message).to.include({ ts, threadTs: card!.ts });
      expect(await world.tasks.read(ask)).to.include({ threadTs: card!.ts, cardTs: card!.ts });
    });
  });

  describe("update_message", () => {
    it("changes a message of the task, and no other", async () => {
      const { ts } = await resultOf(post());
      expect(await resultOf(toolbox.call("update_message", { ts, text: "<!here> bye", task, idempotencyKey: "u" }))).to.deep.equal({
        channel: "C0001",
        ts,
      });
      expect(world.slack.messages[0]!.text).to.equal("&lt;!here&gt; bye");
      const other = `${task}-other`;
      await world.createTask(other);
      expect(await refusalOf(toolbox.call("update_message", { ts, text: "mine", task: other }))).to.match(
        /^channel: this task has posted no message/,
      );
      expect(await refusalOf(toolbox.call("update_message", { ts: "1.000001", text: "mine", task }))).to.match(
        /^channel: this task has posted no message/,
      );
    });
  });

  describe("update_message, which counts as a post", () => {
    const edit = (ts: unknown, key: string, box: Toolbox) => box.call("update_message", { ts, text: "bye", task, idempotencyKey: key });

    it("needs approval wherever a post does", async () => {
      const { ts } = await resultOf(post({}));
      const careful = world.createToolbox({ approvals: ["post_to_slack"] });
      expect(await resultOf(edit(ts, "u", careful))).to.include({ status: "waiting-for-approval" });
      expect(world.slack.messages[0]!.text).to.equal("hello");
      await world.approvals.decide({ task, key: "u" }, { decision: "approved", by: "U0002" }, world.nowMs, new Deadline(5000));
      await resultOf(edit(ts, "u", careful));
      expect(world.slack.messages[0]!.text).to.equal("bye");
    });

    it("counts as a post, once per key", async () => {
      const box = world.createToolbox({ postsPerTask: 2 });
      const { ts } = await resultOf(post({}, box));
      await resultOf(edit(ts, "u", box));
      await resultOf(edit(ts, "u", box));
      expect(await refusalOf(edit(ts, "v", box))).to.match(/^task-limit: /);
    });
  });

  describe("create_canvas and create_trello_card", () => {
    it("creates a canvas that the channel may read, without mentions", async () => {
      const markdown = "# Hi ![](@U0001) <!channel> @channel";
      const { canvasId } = await resultOf(toolbox.call("create_canvas", { title: "Report", markdown, task, idempotencyKey: "c" }));
      expect(world.slack.canvases.find(({ id }) => id === canvasId)).to.deep.include({
        title: "Report",
        markdown: "# Hi [](@U0001) &lt;!channel> @\u2060channel",
        channels: ["C0001"],
      });
    });

    it("creates a card on the configured list and on no other", async () => {
      const card = await resultOf(toolbox.call("create_trello_card", { name: "Fix it", task, idempotencyKey: "c" }));
      expect(card).to.deep.equal({ cardId: "card1", url: "https://trello.com/c/1" });
      expect(await refusalOf(toolbox.call("create_trello_card", { name: "And this", list: "L2", task, idempotencyKey: "d" }))).to.equal(
        'trello: "L2" is not the list that is configured for agents. Omit the list.',
      );
      expect(world.cards.map(({ list }) => list)).to.deep.equal(["L0001"]);
      world.isTrelloDown = true;
      expect(await rejectionOf(toolbox.call("create_trello_card", { name: "Later", task, idempotencyKey: "e" }))).to.be.instanceOf(
        ToolBusy,
      );
    });
  });

  describe("approval", () => {
    const careful = () => world.createToolbox({ approvals: ["post_to_slack"] });
    const decide = (key: string, decision: "approved" | "declined") =>
      world.approvals.decide({ task, key }, { decision, by: "U0002" }, world.nowMs, new Deadline(5000));

    it("asks once in the task's thread and waits", async () => {
      const waiting = { status: "waiting-for-approval", retryAfterSeconds: 5 };
      expect(await resultOf(post({}, careful()))).to.deep.equal(waiting);
      expect(await resultOf(post({}, careful()))).to.deep.equal(waiting);
      expect(world.slack.messages).to.have.length(1);
      expect(world.slack.messages[0]).to.include({ channel: "C0001", threadTs: THREAD });
      expect(JSON.stringify(world.slack.messages[0]!.blocks)).to.include("agent_approve").and.include("agent_decline");
      expect(await world.posts(task)).to.equal(undefined);
      expect(await world.audit(task)).to.deep.equal(["post_to_slack waiting", "post_to_slack waiting"]);
    });

    it("runs an approved call once", async () => {
      await post({}, careful());
      expect(await decide("step-0001", "approved")).to.include({ state: "approved", by: "U0002", tool: "post_to_slack" });
      const first = await resultOf(post({}, careful()));
      expect(await resultOf(post({}, careful()))).to.deep.equal(first);
      expect(world.slack.messages.map(({ text }) => text)).to.deep.equal(["An agent asks for approval: post_to_slack", "hello"]);
    });

    it("refuses a declined call, and another call with the approved key", async () => {
      await post({}, careful());
      await decide("step-0001", "declined");
      expect(await decide("step-0001", "approved")).to.include({ state: "declined" });
      expect(await refusalOf(post({}, careful()))).to.equal("approval: <@U0002> declined this call.");
      await post({ idempotencyKey: "b" }, careful());
      await decide("b", "approved");
      expect(await refusalOf(post({ idempotencyKey: "b", text: "something else" }, careful()))).to.match(/^key: /);
    });

    it("identifies a call without a key by its arguments, and asks in the first configured channel without a task", async () => {
      const call = { text: "hello", channel: "C0002" };
      await careful().call("post_to_slack", call);
      await careful().call("post_to_slack", call);
      expect(world.slack.messages.map(({ channel }) => channel)).to.deep.equal(["C0002"]);
    });

    it("is requested for dibs too, and one claim follows even without a key", async () => {
      const box = world.createToolbox({ approvals: ["claim_dibs"] });
      const call = { resource: `a${randomUUID().slice(0, 8)}`, task };
      expect(await resultOf(box.call("claim_dibs", call))).to.include({ status: "waiting-for-approval" });
      const [key] = Object.keys(await world.items(task, "approval#"));
      await decide(key!, "approved");
      const first = await resultOf(box.call("claim_dibs", call));
      expect(first).to.include({ status: "holding" });
      expect(await resultOf(box.call("claim_dibs", call))).to.include({ claimId: first["claimId"] });
    });

    for (const [what, end] of [
      ["has ended", async () => world.tasks.finish((await world.tasks.read(task))!, { state: "stopped" }, world.nowMs)],
      ["is asked to stop", () => world.tasks.requestStop(task, "U0001", world.nowMs)],
    ] as const) {
      it(`comes too late for a task that ${what}: nothing is decided, nothing posted`, async () => {
        await post({}, careful());
        await end();
        expect(await decide("step-0001", "approved")).to.include({ state: "asked" });
        await post({}, careful());
        expect(world.slack.messages.map(({ text }) => text)).to.deep.equal(["An agent asks for approval: post_to_slack"]);
      });
    }

    it("can be decided for a call without a task", async () => {
      const call = { text: "hello", channel: "C0002", idempotencyKey: `nobody-${task}` };
      await careful().call("post_to_slack", call);
      expect(
        await world.approvals.decide(
          { task: "gateway", key: call.idempotencyKey },
          { decision: "approved", by: "U0002" },
          world.nowMs,
          new Deadline(5000),
        ),
      ).to.include({
        state: "approved",
      });
      await careful().call("post_to_slack", call);
      expect(world.slack.messages.at(-1)).to.include({ channel: "C0002", text: "hello" });
    });

    it("is unknown if nobody asked", async () => {
      expect(await decide("never", "approved")).to.equal(undefined);
    });
  });

  describe("mentions", () => {
    it("become names in posts and approvals, and a repeated call gets them again", async () => {
      await resultOf(post({ text: "thanks <@U0007>" }));
      expect(world.slack.messages[0]!.text).to.equal("thanks @Bob");
      await resultOf(post({ text: "thanks <@U0007>" }));
      expect(world.slack.messages).to.have.length(1);
      await world.createToolbox({ approvals: ["create_canvas"] }).call("create_canvas", { title: "For <@U0007>", markdown: "x", task });
      expect(JSON.stringify(world.slack.messages[1]!.blocks)).to.include("For @Bob");
    });
  });

  describe("read_words", () => {
    it("reads the leaderboards of all time and of a day", async () => {
      expect(await resultOf(toolbox.call("read_words", { limit: 3, task }))).to.deep.equal({ words: [] });
      expect(await resultOf(toolbox.call("read_words", { day: "2026-11-22", kind: "annotation" }))).to.deep.equal({ words: [] });
      expect(await refusalOf(toolbox.call("read_words", { day: "today" }))).to.match(/^arguments: /);
    });
  });

  describe("claim_dibs and release_dibs", () => {
    it("claims in the requester's name once per key, and releases only its own claims", async () => {
      const resource = `r${randomUUID().slice(0, 8)}`;
      const claim = { resource, for: "2h", reason: "deploy", task, idempotencyKey: "a" };
      const first = await resultOf(toolbox.call("claim_dibs", claim));
      expect(first).to.include({ status: "holding" });
      expect(await resultOf(toolbox.call("claim_dibs", claim))).to.include({ claimId: first["claimId"] });
      const other = `${task}-other`;
      await world.createTask(other);
      const second = await resultOf(toolbox.call("claim_dibs", { resource, task: other, idempotencyKey: "a" }));
      expect(second).to.include({ status: "waiting", position: 1 });
      const stolen = { resource, claimId: first["claimId"], task: other };
      expect(await resultOf(toolbox.call("release_dibs", stolen))).to.deep.equal({ released: false });
      expect(await resultOf(toolbox.call("release_dibs", { resource, task }))).to.deep.equal({ released: true });
      expect(await resultOf(toolbox.call("release_dibs", { resource, task }))).to.deep.equal({ released: false });
      expect(await resultOf(toolbox.call("claim_dibs", { resource, task: other, idempotencyKey: "a" }))).to.include({ status: "holding" });
    });

    it("refuses an invalid name, time or claim id", async () => {
      expect(await refusalOf(toolbox.call("claim_dibs", { resource: "@ann", task }))).to.match(/^dibs: /);
      expect(await refusalOf(toolbox.call("claim_dibs", { resource: "x", for: "soon", task }))).to.match(/^dibs: /);
      expect(await refusalOf(toolbox.call("release_dibs", { resource: "x", claimId: "y", task }))).to.match(/^dibs: /);
      expect(await refusalOf(toolbox.call("release_dibs", { resource: `n${randomUUID()}`, task }))).to.match(/^dibs: there is no/);
    });
  });

  describe("report_progress", () => {
    const report = (args: object = {}, box = toolbox) =>
      box.call("report_progress", { state: "processing", steps: [{ label: "read <words>", state: "processing" }], task, ...args });
    const cardText = () => JSON.stringify(world.slack.messages[0]!.blocks);

    it("posts the card once, then changes it, at most once in three seconds", async () => {
      const { ts } = await resultOf(report());
      expect(world.slack.messages).to.have.length(1);
      expect(world.slack.messages[0]).to.include({ threadTs: THREAD });
      expect(cardText()).to.include("agent_stop").and.include("count &lt;words&gt;");
      world.nowMs += 1000;
      expect(await resultOf(report({ state: "done" }))).to.deep.equal({ retryAfterMs: 2000 });
      world.nowMs += 2000;
      expect(await resultOf(report({ state: "done", note: "all said" }))).to.deep.equal({ ts });
      expect(cardText()).to.include("all said").and.not.include("agent_stop");
      expect(world.slack.messages).to.have.length(1);
    });

    it("shows names instead of mentions, in the request and in each step", async () => {
      const place = { team: "T0001", channel: "C0001", user: "U0001", threadTs: THREAD };
      const id = `${task}-named`;
      const text = "hey <@UBOT01> greet <@U0007> in <#C0007> and <#C0003|dev>, not <@U0009>";
      await world.tasks.accept({ id, ...place, text, createdAtMs: NOW_MS }, NOW_MS);
      await resultOf(report({ task: id, steps: [{ label: "Post: <@U0007>", state: "processing" }], note: "<@U0007> declined this call." }));
      expect(cardText())
        .to.include("hey @fanout greet @Bob in #random and #dev, not &lt;@U0009&gt;")
        .and.include("Post: @Bob")
        .and.include("@Bob declined");
    });

    it("shows the end of an ended task, even if an older report arrives late", async () => {
      await resultOf(report());
      await world.tasks.finish((await world.tasks.read(task))!, { state: "stopped" }, NOW_MS);
      world.nowMs += 3000;
      await resultOf(report());
      expect(cardText()).to.include("Stopped").and.not.include("agent_stop");
    });

    it("continues without a deleted card", async () => {
      const { ts } = await resultOf(report());
      world.nowMs += 3000;
      world.slack.problems.push(new SlackRefused("Slack refuses chat.update.", { context: { code: "message_not_found" } }));
      expect(await resultOf(report())).to.deep.equal({ ts });
      world.nowMs += 3000;
      world.slack.problems.push(new SlackRefused("Slack refuses chat.update.", { context: { code: "is_archived" } }));
      expect(await refusalOf(report())).to.match(/^slack: /);
    });

    it("says when to retry if Slack is busy, and refuses a call without a task", async () => {
      world.slack.problems.push(new SlackBusy("Slack asks to wait 7 s.", { retryAfterSeconds: 7 }));
      expect(await resultOf(report())).to.deep.equal({ retryAfterMs: 7000 });
      expect(await refusalOf(report({ task: undefined }))).to.match(/^task: /);
    });
  });

  describe("a process that dies at any of its calls", () => {
    const settings = { postsPerTask: 1000, postsPerDay: 100_000 };

    /** For every n, kills a process at its n-th call and repeats the request in another process; `check` verifies the result. */
    const killEverywhere = async (
      run: (box: Toolbox, key: string) => Promise<unknown>,
      check: (key: string, kill: string) => Promise<void> | void,
      approvals: string[] = [],
    ) => {
      let deaths = 0;
      for (const when of ["before", "after"] as const) {
        let isAlive = false;
        for (let call = 1; !isAlive; call += 1) {
          const key = `${when}-${call}`;
          const process = new MortalProcess({ call, when });
          isAlive = await run(world.createToolbox({ ...settings, approvals }, process), key).then(
            () => !process.isDead,
            error => {
              if (!(error instanceof Killed)) throw error;
              return false;
            },
          );
          if (!isAlive) {
            deaths += 1;
            world.nowMs += CLAIM_MS;
            await run(world.createToolbox({ ...settings, approvals }), key);
          }
          await check(key, `${when} call ${call}`);
        }
      }
      return deaths;
    };

    it("posts once, and counts once", async () => {
      let posts = 0;
      const deaths = await killEverywhere(
        (box, key) => resultOf(post({ idempotencyKey: key, text: key }, box)),
        async (key, kill) => {
          posts += 1;
          const posted = world.slack.messages.filter(({ text }) => text === key);
          expect(posted, kill).to.have.length(1);
          expect(await world.posts(task), kill).to.equal(posts);
          expect(await resultOf(post({ idempotencyKey: key, text: key })), kill).to.include({ ts: posted[0]!.ts });
        },
      );
      // The task, the claim, the post, the receipt and the row, before and after each.
      expect(deaths).to.equal(10);
    });

    it("shares one canvas", async () => {
      const deaths = await killEverywhere(
        (box, key) => resultOf(box.call("create_canvas", { title: key, markdown: "x", task, idempotencyKey: key })),
        (key, kill) => {
          const shared = world.slack.canvases.filter(({ title, channels }) => title === key && channels.length > 0);
          expect(shared, kill).to.have.length(1);
        },
      );
      expect(deaths).to.equal(14);
    });

    it("makes one card on the board", async () => {
      await killEverywhere(
        (box, key) => resultOf(box.call("create_trello_card", { name: key, task, idempotencyKey: key })),
        (key, kill) => {
          const made = world.cards.filter(({ name }) => name === key);
          expect(made, kill).to.have.length(1);
        },
      );
    });

    it("asks for approval once", async () => {
      let asked = 0;
      await killEverywhere(
        (box, key) => resultOf(post({ idempotencyKey: key, text: key }, box)),
        (_, kill) => {
          asked += 1;
          expect(world.slack.messages, kill).to.have.length(asked);
        },
        ["post_to_slack"],
      );
    });

    it("posts one card of a task", async () => {
      const tasks = new Set<string>();
      await killEverywhere(
        async (box, key) => {
          const ask = `${task}-${key}-ask`;
          tasks.add(ask);
          await world.createAsk(ask);
          const answer = await resultOf(box.call("report_progress", { state: "processing", steps: [], task: ask }));
          expect(answer).to.have.any.keys("ts", "retryAfterMs");
        },
        async (key, kill) => {
          expect(world.slack.messages, kill).to.have.length(tasks.size);
          const { ts } = world.slack.messages.at(-1)!;
          expect(await world.tasks.read(`${task}-${key}-ask`), kill).to.include({ cardTs: ts, threadTs: ts });
        },
      );
    });
  });
});
