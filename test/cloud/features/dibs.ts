import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { listKills } from "../kills";
import { type LaptopProcess, postOf } from "../laptop-process";

interface Message {
  ts: string;
  user: string;
  text: string;
  blocks?: { elements?: { action_id: string; text: { text: string } }[] }[];
}

/** Turn queues end to end: the program's own archives, the pretend Slack, and a clock that the test moves. */
const describeDibs = (laptop: LaptopProcess) =>
  describe("dibs on the laptop cloud", () => {
    let token: string;
    before(async () => {
      token = ((await (await laptop.command("/dibs", "token")).json()) as { text: string }).text.slice(0, 43);
      expect(token).to.match(/^sf_[A-Za-z0-9]{40}$/);
    });

    const say = async (user: string, text: string) => {
      const response = await fetch(`${laptop.endpoints.slack}/say`, postOf({ user, channel: "C0001", text }));
      expect(response.status).to.equal(200);
    };
    const slack = async (method: string): Promise<Record<string, unknown>> => {
      const response = await fetch(`${laptop.endpoints.slack}/api/${method}`, {
        headers: { authorization: "Bearer xoxb-local-bot-token" },
      });
      return (await response.json()) as Record<string, unknown>;
    };
    const read = async (channel: string) => (await slack(`conversations.history?channel=${channel}`))["messages"] as Message[];
    /** Direct messages to somebody. */
    const readDirect = async (user: string): Promise<Message[]> => {
      const { channels } = (await slack("conversations.list?types=im")) as { channels: { id: string; user: string }[] };
      const channel = channels.find(each => each.user === user);
      return channel === undefined ? [] : read(channel.id);
    };
    const api = async (method: string, path: string, body?: object, key?: string) => {
      const response = await fetch(`${laptop.endpoints.outputs["apiUrl"]}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...(key === undefined ? {} : { "idempotency-key": key }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      // biome-ignore lint/suspicious/noExplicitAny: JSON of many shapes.
      return { status: response.status, body: (text === "" ? undefined : JSON.parse(text)) as any };
    };
    const holder = async (name: string) => (await api("GET", `/resources/${name}`)).body?.holder?.owner;
    const click = async (user: string, message: Message, label: string) => {
      const button = message.blocks?.flatMap(({ elements = [] }) => elements).find(({ text }) => text.text === label);
      const response = await fetch(
        `${laptop.endpoints.slack}/click`,
        postOf({ user, channel: "C0001", ts: message.ts, actionId: button?.action_id }),
      );
      expect(response.status, await response.text()).to.equal(200);
    };

    /** A name that no earlier try of the test has used. */
    const unused = (name: string) => `${name}-${Date.now()}`;

    it("tells the person, but not the team's mailbox, that the turn has begun", async () => {
      const name = unused("mailed");
      const readMails = async () => (await (await fetch(laptop.endpoints.mail)).json()) as { subject: string; links: string[] }[];
      const invitations = await eventually(async () => {
        const mails = (await readMails()).filter(({ subject }) => subject.includes("Subscription Confirmation"));
        return mails.length >= 2 && mails;
      });
      for (const { links } of invitations) expect((await fetch(links[0]!)).ok).to.equal(true);
      for (const user of ["U0001", "U0002"]) await say(user, `/dibs on ${name}`);
      await eventually(async () => (await api("GET", `/resources/${name}`)).body.queue?.length === 1);
      await say("U0001", `/dibs off ${name}`);
      await eventually(async () => (await readDirect("U0002")).some(({ text }) => text.includes(`Your turn: ${name}`)));
      const sns = new SNSClient(laptop.client);
      await sns.send(new PublishCommand({ TopicArn: laptop.endpoints.outputs["successesTopicArn"], Subject: "For all", Message: "-" }));
      sns.destroy();
      const mails = await eventually(async () => {
        const read = await readMails();
        return read.some(({ subject }) => subject === "For all") && read;
      });
      expect(mails.map(({ subject }) => subject)).not.to.include(`Your turn: ${name}`);
    });

    it("three people and a pipeline take turns", async () => {
      const name = unused("staging");
      await say("U0001", `/dibs on ${name} for 2 hours because we test`);
      await eventually(async () => (await holder(name)) === "U0001");
      await say("U0002", `/dibs on ${name} for 1h`);
      await eventually(async () => (await api("GET", `/resources/${name}`)).body.queue.length === 1);
      const ci = await api("POST", `/resources/${name}/claims`, { owner: "ci 7", for: "30m" });
      expect(ci).to.deep.include({ status: 202 }).and.have.nested.property("body.position", 2);

      // U0003 joins with the button that everybody sees.
      const claimed = await eventually(async () =>
        (await read("C0001")).find(({ text }) => text.startsWith("<@U0001> has dibs") && text.includes(name)),
      );
      await click("U0003", claimed, "Join");
      await eventually(async () => (await api("GET", `/resources/${name}`)).body.queue.length === 3);

      // The holder's time runs out. Nothing else happens.
      await laptop.advance(2 * 3600 + 60);
      await eventually(async () => (await holder(name)) === "U0002");
      await eventually(async () => (await readDirect("U0002")).some(({ text }) => text.includes("It is your turn")));
      await eventually(async () => (await readDirect("U0001")).some(({ text }) => text.includes("is over")));

      await say("U0002", `/dibs off ${name}`);
      await eventually(async () => (await holder(name)) === "ci 7");
      const turn = (await api("GET", `/claims/${ci.body.claimId}?wait=20`)).body;
      expect(turn).to.include({ status: "holding", fencing: 3 });
      expect((await api("DELETE", `/claims/${ci.body.claimId}?leaseId=stale`)).status).to.equal(409);
      expect((await api("DELETE", `/claims/${ci.body.claimId}?leaseId=${turn.leaseId}`)).status).to.equal(204);
      await eventually(async () => (await holder(name)) === "U0003");
    });

    it("the API serves the command, which holds a turn", async () => {
      const { apiUrl } = laptop.endpoints.outputs;
      const response = await fetch(`${apiUrl}/cli`);
      expect([response.status, response.headers.get("content-type")]).to.deep.equal([200, "text/javascript; charset=utf-8"]);
      const file = join(laptop.directory, "slack-fanout.mjs");
      await writeFile(file, await response.text());

      const { stdout } = await promisify(execFile)(
        process.execPath,
        [file, "dibs", "run", "served", "--", "sh", "-c", "echo $DIBS_RESOURCE"],
        {
          env: { ...process.env, SLACK_FANOUT_URL: apiUrl, SLACK_FANOUT_TOKEN: token },
        },
      );

      expect(stdout).to.equal("served\n");
      expect(await holder("served")).to.equal(undefined);
    });

    const readCalls = async () => (await laptop.control("calls")) as { function: string | null; operation: string; allowed: boolean }[];

    it("a timer ends its turn and makes the next turn's timer", async () => {
      /**
       * Lets a turn of one second end. Returns the name of its resource, and the function that ended it: the timer's, or the relay, which sweeps once a
       * minute. That function also makes the next turn's timer.
       */
      const endTurn = async () => {
        const name = unused("timed");
        const known = (await readCalls()).length;
        await api("POST", `/resources/${name}/claims`, { owner: "ci 1", for: "1s" });
        await api("POST", `/resources/${name}/claims`, { owner: "ci 2", for: "1h" });
        // The test must not read the queue in the meantime: that would end the turn, too.
        const made = await eventually(async () =>
          (await readCalls()).slice(known).find(call => call.operation === "CreateSchedule" && call.function !== "dibs-api"),
        );
        return { name, by: made.function };
      };
      let ended = await endTurn();
      while (ended.by === "relay") ended = await endTurn();

      expect(ended.by).to.equal("dibs-release");
      expect((await readCalls()).filter(call => call.function === "dibs-release" && !call.allowed)).to.deep.equal([]);
      expect(await holder(ended.name)).to.equal("ci 2");
    });

    it("a warning comes before the end, with buttons that work", async () => {
      const name = unused("demo");
      await say("U0001", `/dibs on ${name} for 1h`);
      await eventually(async () => (await holder(name)) === "U0001");
      await laptop.advance(51 * 60);
      const warning = await eventually(
        async () => (await readDirect("U0001")).find(({ text }) => text.includes(`Your time on ${name} ends`)),
        30_000,
      );
      const { channels } = (await slack("conversations.list?types=im")) as { channels: { id: string; user: string }[] };
      const channel = channels.find(({ user }) => user === "U0001")!.id;
      const before = (await api("GET", `/resources/${name}`)).body.holder.expiresAt;
      await fetch(`${laptop.endpoints.slack}/click`, postOf({ user: "U0001", channel, ts: warning.ts, actionId: "dibs_extend" }));
      await eventually(
        async () => Date.parse((await api("GET", `/resources/${name}`)).body.holder.expiresAt) === Date.parse(before) + 3_600_000,
      );
    });

    it("a hundred claims at once leave one holder and ninety-nine in order", async () => {
      const name = unused("crowd");
      const answers = await Promise.all(
        Array.from({ length: 100 }, (_, index) => api("POST", `/resources/${name}/claims`, { owner: `ci ${index}` })),
      );
      const { body } = await api("GET", `/resources/${name}`);
      expect(answers.filter(({ status }) => status === 201).map(each => each.body.claimId)).to.deep.equal([body.holder.claimId]);
      const told = answers.filter(({ status }) => status === 202).sort((a, b) => a.body.position - b.body.position);
      expect(told.map(each => each.body.claimId)).to.deep.equal(body.queue.map(({ claimId }: { claimId: string }) => claimId));
      expect(told).to.have.length(99);
    });

    /** Acts once undisturbed, then kills the API at each call that changes something, and repeats the request as clients do. */
    const killAtEach = async (act: (name: string) => Promise<() => Promise<number>>, verify: (name: string) => Promise<void>) => {
      const undisturbed = await act(unused("undisturbed"));
      expect(await undisturbed()).to.be.within(200, 204);
      const calls = (await laptop.control("calls?function=dibs-api")) as { operation: string; invocation: string }[];
      const operations = calls.filter(({ invocation }) => invocation === calls.at(-1)!.invocation).map(({ operation }) => operation);
      const kills = listKills("dibs-api", operations, new Set());
      expect(kills.length, operations.join()).to.be.above(1);
      for (const kill of kills) {
        const name = unused(`${kill.when}-${kill.call}`);
        const request = await act(name);
        await laptop.control("weather", { kill });
        await eventually(async () => [200, 204].includes(await request()));
        expect(await laptop.control("weather")).to.include({ kill: null });
        await verify(name);
      }
    };

    it("a release happens once, and the next person is notified once, even if the API is killed at any of its calls", async () => {
      const dynamodb = new DynamoDBClient(laptop.client);
      const release = async (name: string) => {
        const { claimId, leaseId } = (await api("POST", `/resources/${name}/claims`, { owner: "ci 1" })).body;
        await api("POST", `/resources/${name}/claims`, { owner: "U0003" });
        return async () => (await api("DELETE", `/claims/${claimId}?leaseId=${leaseId}`)).status;
      };
      await killAtEach(release, async name => {
        expect(await holder(name)).to.equal("U0003");
        await laptop.advance(75);
        const isTold = async () => (await readDirect("U0003")).filter(({ text }) => text.includes(`dibs on ${name} `)).length;
        await eventually(async () => (await isTold()) > 0);
        expect(await isTold()).to.equal(1);
        const item = await eventually(async () => {
          const { Item } = await dynamodb.send(
            new GetItemCommand({ TableName: laptop.endpoints.outputs["dibsTable"], Key: { team: { S: "T0001" }, name: { S: name } } }),
          );
          return Object.keys(Item?.["outbox"]?.M ?? {}).length === 0 ? Item : undefined;
        }, 20_000);
        expect(item["passed"]?.N).to.equal("1");
      });
      dynamodb.destroy();
    });

    it("a turn's end changes once, and the old timer ends nothing, even if the API is killed at any of its calls", async () => {
      const change = (name: string, { claimId, leaseId }: { claimId: string; leaseId: string }, to: string, key = name) =>
        api("PATCH", `/claims/${claimId}`, { for: to, leaseId }, key);
      const claims = new Map<string, { claimId: string; leaseId: string }>();
      const move = async (name: string) => {
        const { body } = await api("POST", `/resources/moved-${name}/claims`, { owner: "ci 1", for: "1m" });
        claims.set(name, body);
        return async () => (await change(name, body, "5m")).status;
      };
      await killAtEach(move, async name => {
        const claim = claims.get(name)!;
        expect((await change(name, claim, "open", `${name}-later`)).status).to.equal(200);
        // The first change is repeated, and does not undo the later one.
        expect((await change(name, claim, "5m")).body.expiresAt).to.equal(null);
        await laptop.advance(75);
        expect(await holder(`moved-${name}`)).to.equal("ci 1");
      });
    });
  });

export { describeDibs };
