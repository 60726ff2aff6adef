import { DynamoDBClient, GetItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { DescribeTasksCommand, ECSClient, ListTasksCommand, UpdateServiceCommand } from "@aws-sdk/client-ecs";
import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient, StartMessageMoveTaskCommand } from "@aws-sdk/client-sqs";
import { eventually } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { type LaptopProcess, postOf } from "../laptop-process";

interface Message {
  ts: string;
  thread_ts?: string;
  user: string;
  text: string;
  blocks?: { type: string; text?: { text: string }; elements?: { action_id: string }[] }[];
}

interface Call {
  atMs: number;
  function: string | null;
  operation: string;
  allowed: boolean;
}

/** After a worker is killed, its message stays hidden and its lease valid for two minutes. */
const heldSeconds = 120;
/** Agents end to end: the pretend Slack, the program's own functions, and the container as a process. */
const describeTasks = (laptop: LaptopProcess) =>
  describe("tasks of agents", () => {
    const say = async (text: string, threadTs?: string): Promise<string> => {
      const response = await fetch(`${laptop.endpoints.slack}/say`, postOf({ user: "U0001", channel: "C0001", text, threadTs }));
      expect(response.status).to.equal(200);
      return ((await response.json()) as { ts: string }).ts;
    };
    const ask = (text: string) => say(`/ask ${text}`);
    const read = async (method: string): Promise<Message[]> => {
      const response = await fetch(`${laptop.endpoints.slack}/api/${method}`, {
        headers: { authorization: "Bearer xoxb-local-bot-token" },
      });
      return ((await response.json()) as { messages: Message[] }).messages;
    };
    const replies = async (ts: string): Promise<Message[]> =>
      (await read(`conversations.replies?channel=C0001&ts=${ts}`)).filter(message => message.ts !== ts);
    const textsOf = async (ts: string) => (await replies(ts)).map(({ text }) => text);
    const isCard = ({ blocks = [] }: Message) => blocks[0]?.text?.text.includes("> <@U0001>") === true;
    const findCard = async (ts: string) => (await replies(ts)).find(isCard);
    const eventuallyCard = (ts: string, contains: string) =>
      eventually(async () => {
        const card = await findCard(ts);
        return card?.blocks?.[0]?.text?.text.includes(contains) ? card : undefined;
      });
    const click = async (ts: string, actionId: string) => {
      const response = await fetch(`${laptop.endpoints.slack}/click`, postOf({ user: "U0002", channel: "C0001", ts, actionId }));
      expect(response.status, await response.text()).to.equal(200);
    };
    const worker = async () => {
      const ecs = new ECSClient(laptop.client);
      const { taskArns } = await ecs.send(new ListTasksCommand({ cluster: "agent" }));
      if (!taskArns?.[0]) return undefined;
      const { tasks } = await ecs.send(new DescribeTasksCommand({ cluster: "agent", tasks: taskArns }));
      return Number(tasks![0]!.containers![0]!.runtimeId);
    };
    const items = async (task: string) => {
      const { Items } = await new DynamoDBClient(laptop.client).send(
        new QueryCommand({
          TableName: laptop.endpoints.outputs["tasksTable"],
          KeyConditionExpression: "task = :task",
          ExpressionAttributeValues: { ":task": { S: task } },
        }),
      );
      return Items!.map(({ item }) => item!.S!);
    };
    const rowOf = async (task: string, item: string) => {
      const Key = { task: { S: task }, item: { S: item } };
      const { Item } = await new DynamoDBClient(laptop.client).send(
        new GetItemCommand({ TableName: laptop.endpoints.outputs["tasksTable"], Key, ConsistentRead: true }),
      );
      return Item;
    };
    const isQueueEmpty = async () => {
      const { Attributes } = await new SQSClient(laptop.client).send(
        new GetQueueAttributesCommand({
          QueueUrl: laptop.endpoints.outputs["agentQueueUrl"],
          AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        }),
      );
      return Object.values(Attributes!).every(count => count === "0");
    };

    it("a mention becomes a card and one answer, in its thread", async () => {
      const ts = await say("<@UBOT01> post hello <!channel>");
      await eventuallyCard(ts, "*Done*");
      const texts = await textsOf(ts);
      expect(texts).to.have.lengthOf(3);
      expect(texts.filter(text => text.includes("hello")).join()).to.not.contain("<!channel>");
      await eventually(isQueueEmpty);
    });

    it("answers a mention that was sent by hand as an event", async () => {
      const ts = "1763805600.000777";
      const response = await laptop.event({ type: "app_mention", text: "<@UBOT01> post hello from afar", ts }, "EvNeverSaid");
      expect(response.status).to.equal(200);
      await eventuallyCard(ts, "*Done*");
      expect((await textsOf(ts)).filter(text => text === "hello from afar")).to.have.lengthOf(1);
      await eventually(isQueueEmpty);
    });

    it("resumes after the last checkpoint when the worker is killed", async () => {
      const ts = await say("<@UBOT01> post before the sleep then sleep 10m then post after the sleep");
      await eventuallyCard(ts, "Sleep");
      const killed = (await eventually(worker))!;
      process.kill(killed, "SIGKILL");
      await eventually(async () => ![undefined, killed].includes(await worker()));
      await laptop.advance(heldSeconds + 5);
      await laptop.advance(600);
      await eventuallyCard(ts, "*Done*");

      const texts = await textsOf(ts);
      for (const text of ["before the sleep", "after the sleep"]) expect(texts.filter(each => each === text)).to.have.lengthOf(1);
      expect(texts, "two posts, one answer, one card").to.have.lengthOf(4);
      await eventually(isQueueEmpty);
    });

    it("holds a task with heartbeats, ten times as long as a message stays hidden", async () => {
      const ts = await say("<@UBOT01> sleep 20m then post good morning");
      await eventuallyCard(ts, "Sleep");
      const fromMs = await laptop.nowMs();
      await laptop.advance(10 * heldSeconds + 60);
      await eventuallyCard(ts, "*Done*");

      const calls = ((await laptop.control("calls")) as Call[]).filter(call => call.function === "agent" && call.atMs >= fromMs);
      const beats = calls.filter(({ operation }) => operation === "ChangeMessageVisibility").map(({ atMs }) => atMs);
      expect(calls.filter(({ allowed }) => !allowed)).to.deep.equal([]);
      expect(beats.length).to.be.above(15);
      // Nobody else received the message in the meantime.
      for (const [index, atMs] of beats.entries()) expect(atMs - (beats[index - 1] ?? fromMs)).to.be.below(heldSeconds * 1000);
    });

    it("continues to work after the clock goes back", async () => {
      await laptop.advance(2 * 86_400);
      // The post records times in the future, which must block nothing later: the channel's turn, Slack's rate limit, and the worker's polls.
      await eventuallyCard(await say("<@UBOT01> post ahead"), "Done");
      await laptop.control("clock", { now: true });
      expect(await laptop.nowMs()).to.be.closeTo(Date.now(), 60_000);

      const ts = await say("<@UBOT01> post back");
      await eventuallyCard(ts, "Done");
      expect(await textsOf(ts)).to.include("back");
    });

    it("runs one task per thread at a time", async () => {
      const ts = await say("<@UBOT01> sleep 5m then post first");
      await eventuallyCard(ts, "Sleep");
      await say("<@UBOT01> post second", ts);
      await eventually(async () => (await replies(ts)).filter(isCard).some(card => card.blocks![0]!.text!.text.includes("*Waiting*")));
      expect(await textsOf(ts)).to.not.include("second");
      await laptop.advance(300);
      await eventually(async () => (await textsOf(ts)).includes("second"));
      const texts = await textsOf(ts);
      expect(texts.indexOf("first")).to.be.below(texts.indexOf("second"));
    });

    describe("is stopped", () => {
      it("by the card's button", async () => {
        const ts = await say("<@UBOT01> sleep 3h then post never");
        const card = await eventuallyCard(ts, "Sleep");
        await click(card.ts, "agent_stop");
        const stopped = await eventuallyCard(ts, "*Stopped*");
        expect(stopped.blocks!.some(({ type }) => type === "actions")).to.equal(false);
        expect(await textsOf(ts)).to.not.include("never");
        await eventually(isQueueEmpty);
      });

      it("by `stop` in the thread, which makes no task", async () => {
        const ts = await say("<@UBOT01> sleep 3h then post never");
        await eventuallyCard(ts, "Sleep");
        await say("<@UBOT01> stop", ts);
        await eventuallyCard(ts, "*Stopped*");
        expect((await replies(ts)).filter(isCard)).to.have.lengthOf(1);
      });

      it("by /ask stop, which stops the user's tasks in this channel", async () => {
        await ask("sleep 3h then post never");
        const isAsked = async (contains: string) =>
          (await read("conversations.history?channel=C0001")).find(isCard)?.blocks?.[0]?.text?.text.includes(contains);
        await eventually(() => isAsked("Sleep"));
        await ask("stop");
        await eventually(() => isAsked("*Stopped*"));
      });
    });

    it("/ask answers in the thread of its card", async () => {
      await ask("post from a command");
      const card = await eventually(async () =>
        (await read("conversations.history?channel=C0001")).find(
          message => isCard(message) && message.blocks![0]!.text!.text.includes("from a command"),
        ),
      );
      await eventually(async () => (await textsOf(card.ts)).includes("from a command"));
    });

    it("makes no task from messages of bots, including our own", async () => {
      const before = await read("conversations.history?channel=C0001");
      for (const [index, bot] of [
        { bot_id: "B0001", user: "UBOT01" },
        { bot_id: "B0002" },
        { subtype: "bot_message", bot_id: "B0003" },
      ].entries()) {
        const event = { type: "app_mention", text: "<@UBOT01> post loop", ts: `1763805700.00000${index}`, ...bot };
        expect((await laptop.event(event, `EvLoop${index}`)).status).to.equal(200);
      }
      // A later task is done, so tasks from those messages would have been done before it.
      const ts = await say("<@UBOT01> post after the bots");
      await eventuallyCard(ts, "*Done*");
      for (const index of [0, 1, 2]) expect(await items(`T0001-C0001-1763805700.00000${index}`)).to.deep.equal([]);
      const after = await read("conversations.history?channel=C0001");
      expect(after.length - before.length).to.equal(1);
    });

    it("waits for a person's approval, even if the worker dies", async () => {
      const ts = await say("<@UBOT01> canvas Plans: buy bread");
      const findWish = async () =>
        (await replies(ts)).find(({ blocks = [] }) => blocks.some(({ elements }) => elements?.[0]?.action_id === "agent_approve"));
      const wish = await eventually(findWish);
      const killed = (await worker())!;
      process.kill(killed, "SIGKILL");
      await click(wish.ts, "agent_approve");
      await eventually(async () => ![undefined, killed].includes(await worker()));
      await laptop.advance(heldSeconds + 5);
      await eventuallyCard(ts, "*Done*");
      const { canvases } = (await (await fetch(`${laptop.endpoints.slack}/canvases?channel=C0001`)).json()) as {
        canvases: { title: string }[];
      };
      expect(canvases.filter(({ title }) => title === "Plans")).to.have.lengthOf(1);
    });

    describe("holds a conversation", () => {
      interface Session {
        threadTs: string;
        status: string;
      }
      interface Stream {
        threadTs: string;
        open: boolean;
        text: string;
        chunks: object[];
      }
      const ask = async (said: object): Promise<string> => {
        const response = await fetch(`${laptop.endpoints.slack}/say`, postOf({ user: "U0001", channel: "D0001", ...said }));
        return ((await response.json()) as { ts: string }).ts;
      };
      const get = async <T>(path: string) => (await (await fetch(`${laptop.endpoints.slack}/${path}`)).json()) as T[];
      const findStream = async (ts: string) => (await get<Stream>("streams")).find(({ threadTs }) => threadTs === ts);
      const eventuallyStatus = (ts: string, status: string) =>
        eventually(async () => (await get<Session>("sessions")).some(session => session.threadTs === ts && session.status === status));
      const saysOf = async (ts: string) => {
        const { messages } = (await (await fetch(`${laptop.endpoints.slack}/messages?channel=D0001`)).json()) as { messages: Message[] };
        return messages.filter(message => message.thread_ts === ts && message.user === "UBOT01").map(({ text }) => text);
      };
      const long = Array.from({ length: 60 }, (_, index) => `word${index}`).join(" ");

      it("a direct message is answered as a stream, and a reply without a mention knows what was said before", async () => {
        const ts = await ask({ text: "say The quick brown fox jumps over the lazy dog." });
        await eventuallyStatus(ts, "active");
        expect(await findStream(ts)).to.deep.include({ open: false, text: "The quick brown fox jumps over the lazy dog." });
        expect((await findStream(ts))!.chunks.length).to.be.above(1);

        await ask({ text: "recall then files", threadTs: ts, files: [{ name: "lunch.png", mimetype: "image/png", base64: "aGVsbG8=" }] });
        await eventually(async () => (await saysOf(ts)).includes("say The quick brown fox jumps over the lazy dog.\nlunch.png: 5 bytes"));
      });

      it("an edited request is recalled as it is now, a deleted one is not, and feedback on an answer is kept", async () => {
        const change = (door: "edit" | "delete", body: object) =>
          fetch(`${laptop.endpoints.slack}/${door}`, postOf({ user: "U0001", channel: "D0001", ...body }));
        const ts = await ask({ text: "say first" });
        await eventually(async () => (await saysOf(ts)).includes("first"));
        const second = await ask({ text: "say second", threadTs: ts });
        await eventually(async () => (await saysOf(ts)).includes("second"));

        await change("edit", { ts, text: "say something else" });
        await change("delete", { ts: second });
        const kept = async (said: string) => (await rowOf(`thread#T0001#D0001#${ts}`, `said#${said}`))?.["version"];
        await eventually(async () => (await kept(ts)) !== undefined && (await kept(second)) !== undefined);
        await ask({ text: "recall", threadTs: ts });
        await eventually(async () => (await saysOf(ts)).includes("say something else"));

        const { messages } = (await (await fetch(`${laptop.endpoints.slack}/messages?channel=D0001`)).json()) as { messages: Message[] };
        const answer = messages.find(({ text, thread_ts: threadTs }) => threadTs === ts && text === "first")!;
        const task = `T0001-D0001-${ts}`;
        const value = JSON.stringify({ task, rating: "good" });
        const press = { user: "U0001", channel: "D0001", ts: answer.ts, actionId: "agent_feedback", value };
        expect((await fetch(`${laptop.endpoints.slack}/click`, postOf(press))).status).to.equal(200);
        await eventually(async () => (await rowOf("feedback#T0001", `${task}#U0001`))?.["rating"]?.S === "good");
      });

      it("an answer stands there once when the worker is killed in the middle of its stream", async () => {
        const ts = await ask({ text: `say ${long}` });
        await eventually(async () => ((await findStream(ts))?.chunks.length ?? 0) > 3);
        const killed = (await worker())!;
        process.kill(killed, "SIGKILL");
        await eventually(async () => ![undefined, killed].includes(await worker()));
        await laptop.advance(heldSeconds + 5);
        await eventually(async () => (await findStream(ts))?.open === false && (await saysOf(ts)).includes(long));
        await eventuallyStatus(ts, "active");
        expect((await saysOf(ts)).filter(text => text.includes("word59"))).to.have.lengthOf(1);
      });

      it("is stopped by Slack's own button", async () => {
        const ts = await ask({ text: "sleep 3h then post never" });
        await eventuallyStatus(ts, "processing");
        await eventually(async () => (await saysOf(ts)).some(text => text.startsWith("Working")));
        const stop = await fetch(`${laptop.endpoints.slack}/stop`, postOf({ user: "U0001", channel: "D0001", threadTs: ts }));
        expect(stop.status, await stop.text()).to.equal(200);
        await eventuallyStatus(ts, "active");
        expect((await saysOf(ts)).map(text => text.slice(0, 7))).to.deep.equal(["Stopped"]);
      });
    });

    it("starts a container by the relay when a task waits and none runs", async () => {
      const ecs = new ECSClient(laptop.client);
      await ecs.send(new UpdateServiceCommand({ cluster: "agent", service: "slack-fanout-local-agent", desiredCount: 0 }));
      await eventually(async () => (await worker()) === undefined);
      const ts = await say("<@UBOT01> post up again");
      // The relay may run meanwhile by itself: then the worker has taken the task.
      await eventually(async () => !(await isQueueEmpty()) || (await findCard(ts)) !== undefined);
      await laptop.rest();

      await laptop.advance(60);

      await eventuallyCard(ts, "*Done*");
      await eventually(isQueueEmpty);
    });

    it("becomes a dead letter after three tries, and a redrive resumes after the last checkpoint", async () => {
      const ts = await say("<@UBOT01> post once only then fail for a drill");
      const sqs = new SQSClient(laptop.client);
      const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: "agent-tasks-dead-letters" }));
      const readDead = async () =>
        (await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["ApproximateNumberOfMessages", "QueueArn"] })))
          .Attributes!;
      // Rarely two: if SNS's answer reaches the door too late, the relay publishes the message again, and both become dead letters.
      const isDead = async () => Number((await readDead())["ApproximateNumberOfMessages"]) > 0;
      const dies = () =>
        eventually(async () => {
          // Thirty seconds between tries.
          await laptop.advance(31);
          return (await isDead()) && (await isQueueEmpty());
        });
      await dies();
      await eventuallyCard(ts, "*Failed*");
      expect((await textsOf(ts)).filter(text => text === "once only")).to.have.lengthOf(1);

      await sqs.send(new StartMessageMoveTaskCommand({ SourceArn: (await readDead())["QueueArn"]! }));
      await eventually(async () => !(await isDead()));
      await dies();
      expect((await textsOf(ts)).filter(text => text === "once only")).to.have.lengthOf(1);
    });
  });

export { describeTasks };
