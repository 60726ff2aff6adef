import { gunzipSync } from "node:zlib";
import { DeleteItemCommand, DynamoDBClient, GetItemCommand, ScanCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { DecryptCommand, DisableKeyCommand, EnableKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { LambdaClient, ListEventSourceMappingsCommand, UpdateEventSourceMappingCommand } from "@aws-sdk/client-lambda";
import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { GetQueueAttributesCommand, GetQueueUrlCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { expect } from "chai";
import { Deadline } from "#core/deadline";
import type { TeamSettings } from "#core/slack/team-settings";
import type { Installation } from "#stores/slack/installations-table";
import { TeamSettingsTable } from "#stores/slack/team-settings";
import { buildTeamSettings } from "../team-settings";
import { LaptopProcess, postOf, untilTaken } from "./laptop-process";

const STATE_SECONDS = 600;
/** Tokens are refreshed two hours before they expire, every quarter of an hour. */
const AHEAD_SECONDS = 7200;
const REFRESH_SECONDS = 900;
/** Messages of a loud workspace: more than a batch, and what the poll under way may take. */
const FLOOD = 14;

/** Texts, and what Firehose could not transform, in the archive of messages. */
const PLAIN = /word\d|"Message"|^errors/m;

type Speaker = readonly [user: string, channel: string, bot: string];

/** What a browser got for the last page. */
interface Page {
  status: number;
  type: string | null;
  html: string;
  /** Where it redirects to. */
  location: string;
}

/** A browser with its cookies, which follows no redirect by itself. */
class Browser {
  #cookie = "";

  async visit(url: string): Promise<Page> {
    const response = await fetch(url, { redirect: "manual", headers: this.#cookie === "" ? {} : { cookie: this.#cookie } });
    for (const each of response.headers.getSetCookie()) this.#cookie = each.split(";")[0]!;
    const { status, headers } = response;
    return { status, type: headers.get("content-type"), html: await response.text(), location: headers.get("location") ?? "" };
  }
}

describe("many workspaces, on the laptop cloud", () => {
  let laptop: LaptopProcess;
  let dynamodb: DynamoDBClient;
  let said = 0;

  before(async () => {
    const settings = ["features=dibs", "agent=off", "workspaces=many", "tokenRotation=true", "messageArchiveDays=90"];
    laptop = await (await LaptopProcess.create()).start(...settings.flatMap(setting => ["--config", setting]));
    dynamodb = new DynamoDBClient(laptop.client);
  });

  afterEach(() => laptop.control("weather", {}));

  after(() => laptop.remove());

  const newWord = () => {
    said += 1;
    return `word${said}`;
  };

  const act = async (action: string, body: object) => {
    const response = await fetch(`${laptop.endpoints.slack}/${action}`, postOf(body));
    return (await response.json()) as { ok: boolean; ts: string };
  };

  const rowOf = async (installation: string): Promise<Installation | undefined> => {
    const { Item } = await dynamodb.send(
      new GetItemCommand({ TableName: "installations", Key: { installation: { S: installation } }, ConsistentRead: true }),
    );
    return Item && (unmarshall(Item) as Installation);
  };

  /** Begins an installation; returns the address of the consent page. */
  const begin = async (browser: Browser): Promise<URL> => {
    const { status, location } = await browser.visit(laptop.endpoints.outputs["installUrl"]);
    expect(status).to.equal(302);
    return new URL(location);
  };

  /** Allows what a consent page asks for, in a workspace; returns the address of the callback. */
  const allow = async (browser: Browser, consent: URL, choice: Record<string, string> = { team: "T0002" }): Promise<URL> => {
    for (const [name, value] of Object.entries({ ...choice, approve: "1" })) consent.searchParams.set(name, value);
    return new URL((await browser.visit(consent.href)).location);
  };

  const install = async (choice?: Record<string, string>): Promise<Page> => {
    const browser = new Browser();
    return browser.visit((await allow(browser, await begin(browser), choice)).href);
  };

  const uninstall = async (team: string) => {
    await act("uninstall", { team });
    await laptop.settles(async () => expect(await rowOf(team)).to.include({ status: "uninstalled" }));
    // Slack sends an event twice if the door fails, and then a new installation of the same second would be forgotten, too.
    await laptop.rest();
    await laptop.advance(1);
  };

  /** Says a word and waits until the bot of the workspace has answered. */
  const untilAnswered = async ([user, channel, bot]: Speaker, { word = newWord(), trigger = "awsadvent" } = {}) => {
    await act("say", { user, channel, text: `${trigger} ${word}` });
    return laptop.settles(async () => {
      const response = await fetch(`${laptop.endpoints.slack}/messages?channel=${channel}&limit=500`);
      const { messages } = (await response.json()) as { messages: { user?: string; text: string }[] };
      return messages.find(message => message.user === bot && message.text.includes(`\`${word}\` = 1`));
    });
  };
  const countWaiting = async (QueueUrl: string): Promise<number> => {
    const AttributeNames = ["ApproximateNumberOfMessages" as const];
    const { Attributes } = await new SQSClient(laptop.client).send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }));
    return Number(Attributes?.["ApproximateNumberOfMessages"]);
  };

  /** The counts of words, by their keys. */
  const countsOf = async (words: readonly string[]): Promise<Record<string, number>> => {
    const { Items = [] } = await dynamodb.send(new ScanCommand({ TableName: laptop.endpoints.outputs["wordsTable"] }));
    const rows = Items.map(item => unmarshall(item) as { word: string; count: number });
    const wanted = rows.filter(({ word }) => words.some(each => word.endsWith(`#${each}`)));
    return Object.fromEntries(wanted.map(({ word, count }) => [word, count]));
  };

  const IN_FIRST = ["U0001", "C0001", "UBOT01"] as const;
  const IN_SECOND = ["U1001", "C1001", "UBOT02"] as const;

  it("installs the first workspace at its start, through the door", async () => {
    await laptop.settles(async () => expect(await rowOf("T0001")).to.include({ status: "installed", bot_user: "UBOT01", app: "A0001" }));
    await untilAnswered(IN_FIRST);
    expect(laptop.endpoints.outputs).not.to.have.any.keys("webhookUrl", "teamId");
  });

  it("stores nothing of a workspace that has not installed the app, and says so to its commands", async () => {
    await uninstall("T0001");
    const response = await laptop.command("/words", "");
    expect(((await response.json()) as { text: string }).text).to.equal(
      `The app is not installed in this workspace. It can be installed at ${laptop.endpoints.outputs["installUrl"]}.`,
    );
    const eventId = `Ev${newWord()}`;
    expect((await laptop.event({ text: "awsadvent unheard", ts: "1763805600.000200" }, eventId)).status).to.equal(200);
    const { Items = [] } = await dynamodb.send(new ScanCommand({ TableName: laptop.endpoints.outputs["seenTable"] }));
    expect(JSON.stringify(Items)).not.to.include(eventId).and.not.to.include("unheard");
    expect((await install({ team: "T0001" })).status).to.equal(200);
    const row = await rowOf("T0001");
    expect(row).to.include({ status: "installed" }).and.not.have.property("erase_at");
  });

  describe("an installation that can't be finished", () => {
    const callback = async (change: (url: URL, browser: Browser) => Promise<unknown> | unknown): Promise<Page> => {
      const browser = new Browser();
      const url = await allow(browser, await begin(browser));
      await change(url, browser);
      return browser.visit(url.href);
    };
    const cases: Record<string, () => Promise<Page>> = {
      "without a state": () => callback(url => url.searchParams.delete("state")),
      "with a forged state": () => callback(url => url.searchParams.set("state", `1${url.searchParams.get("state")}`)),
      "with a state that is too old": () => callback(() => laptop.advance(STATE_SECONDS + 1)),
      "with the cookie of another installation": () => callback((_, browser) => begin(browser)),
      "in another browser": async () => {
        const browser = new Browser();
        return new Browser().visit((await allow(browser, await begin(browser))).href);
      },
      "that Slack's page cancelled": () =>
        callback(url => {
          url.searchParams.delete("code");
          url.searchParams.set("error", "access_denied");
        }),
      "with a code that Slack refuses": () => callback(url => url.searchParams.set("code", "1.2")),
      "without all scopes": async () => {
        // Slack adds scopes to those of an installation.
        await uninstall("T0002");
        const browser = new Browser();
        const consent = await begin(browser);
        consent.searchParams.set("scope", "chat:write");
        return browser.visit((await allow(browser, consent)).href);
      },
    };
    for (const [name, attempt] of Object.entries(cases)) {
      it(`gets a page that says where to start again: ${name}`, async () => {
        const { installed_at: before } = (await rowOf("T0002")) ?? {};
        const { status, type, html } = await attempt();
        expect([status, type]).to.deep.equal([400, "text/html; charset=utf-8"]);
        expect(html).to.include(`<a href="${laptop.endpoints.outputs["installUrl"]}">Start again here</a>`).and.not.include("<script");
        expect((await rowOf("T0002"))?.installed_at).to.equal(before);
      });
    }
  });

  it("installs another workspace, whose own bot answers there", async () => {
    const browser = new Browser();
    const url = await allow(browser, await begin(browser));
    const { status, html } = await browser.visit(url.href);
    expect(status).to.equal(200);
    expect(html).to.include("installed");
    expect((await browser.visit(url.href)).status, "a state is used once").to.equal(400);
    await untilAnswered(IN_SECOND);
    await untilAnswered(IN_FIRST);
  });

  it("finds a reply that Slack never sent, with the token of its workspace", async () => {
    const reply = { user: "U1001", channel: "C1001", text: newWord() };
    const { ts: threadTs } = await act("say", reply);
    const { ts } = await act("say", { ...reply, threadTs });
    const marker = { TableName: laptop.endpoints.outputs["seenTable"], Key: { event_id: { S: `T0002-C1001-${ts}-events` } } };
    await laptop.settles(async () => {
      const { Item } = await dynamodb.send(new GetItemCommand(marker));
      return Item !== undefined && Item["pending"] === undefined;
    });
    // As if Slack had never sent it.
    await dynamodb.send(new DeleteItemCommand(marker));

    const range = ["--channel", "C1001", "--from", new Date(Number(threadTs) * 1000).toISOString(), "--json"];
    const { stdout, stderr } = await laptop.operate("gaps", ...range, "--team", "T0002");
    expect(stderr).to.equal("");
    expect(JSON.parse(stdout).missing).to.deep.equal([{ ts, user: "U1001" }]);
    expect((await laptop.operate("gaps", ...range)).stderr).to.include('--team is "", but must be a workspace\'s id');
  });

  describe("a door that dies", () => {
    // The state, two tokens, the installation.
    const kills = [{ call: 1, when: "before" }, ...[1, 2, 3, 4].map(call => ({ call, when: "after" }))];
    for (const { call, when } of kills) {
      it(`${when} its call ${call}: starting again ends installed`, async () => {
        await laptop.control("weather", { kill: { function: "install", call, when } });
        expect((await install()).status).to.be.at.least(500);
        expect((await install()).status).to.equal(200);
        expect(await rowOf("T0002")).to.include({ status: "installed" });
      });
    }
  });

  describe("a token that expires", () => {
    /** Installs the app, with a token that expires in two hours. Waiting for that for ten hours would mean 600 runs of the relay. */
    const installToRefresh = async (): Promise<Installation> => {
      await install();
      const soon = Math.floor((await laptop.nowMs()) / 1000) + AHEAD_SECONDS;
      await dynamodb.send(
        new UpdateItemCommand({
          TableName: "installations",
          Key: { installation: { S: "T0002" } },
          UpdateExpression: "SET token_expires_at = :soon",
          ExpressionAttributeValues: { ":soon": { N: String(soon) } },
        }),
      );
      await laptop.rest();
      return (await rowOf("T0002"))!;
    };
    /** Lets time pass until the token is refreshed. */
    const untilRefreshed = (before: Installation) =>
      laptop.settles(async () => {
        const { token, token_expires_at: expiresAt } = (await rowOf("T0002"))!;
        expect(token).not.to.equal(before.token);
        expect(expiresAt).to.be.above(before.token_expires_at!);
        return true;
      });

    it("is refreshed two hours before", async () => {
      const before = await installToRefresh();
      await laptop.advance(REFRESH_SECONDS);
      await untilRefreshed(before);
      await untilAnswered(IN_SECOND);
    });

    // The query, the lease, the decryption, Slack, two encryptions, the row.
    it("is refreshed by the next run if a run dies before it asks Slack", async () => {
      const before = await installToRefresh();
      await laptop.control("weather", { kill: { function: "token-refresher", call: 3, when: "after" } });
      await laptop.advance(REFRESH_SECONDS);
      await laptop.rest();
      await laptop.advance(REFRESH_SECONDS);
      await untilRefreshed(before);
    });

    it("makes its installer install again if a run dies after Slack has answered", async () => {
      await installToRefresh();
      await laptop.control("weather", { kill: { function: "token-refresher", call: 4, when: "after" } });
      await laptop.advance(REFRESH_SECONDS);
      await laptop.rest();
      await laptop.advance(REFRESH_SECONDS);
      await laptop.settles(async () => expect(await rowOf("T0002")).to.include({ status: "reinstall" }));
      await laptop.settles(async () => {
        const response = await fetch(`${laptop.endpoints.slack}/messages?channel=D1001`);
        const { messages } = (await response.json()) as { messages: { text: string }[] };
        return messages.some(({ text }) => text.includes("The app must be installed again"));
      });
      await install();
      await untilAnswered(IN_SECOND);
    });
  });

  it("forgets the token even if the events door dies before it does", async () => {
    await install();
    await laptop.control("weather", { kill: { function: "events", call: 1, when: "before" } });
    await uninstall("T0002");
    await install();
  });

  it("stores no token in plain text", async () => {
    await install();
    const kms = new KMSClient(laptop.client);
    const canaries: string[] = [];
    for (const team of ["T0001", "T0002"]) {
      const { installation, token, refresh_token: refreshToken } = (await rowOf(team))!;
      for (const ciphertext of [token!, refreshToken!]) {
        const blob = Buffer.from(ciphertext, "base64");
        const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob: blob, EncryptionContext: { installation } }));
        canaries.push(Buffer.from(Plaintext!).toString());
      }
    }
    expect(canaries).to.have.length(4);
    const places = [laptop.output, JSON.stringify(await laptop.control("calls")), JSON.stringify(await laptop.control("inventory"))];
    for (const output of ["installationsTable", "seenTable"]) {
      const { Items } = await dynamodb.send(new ScanCommand({ TableName: laptop.endpoints.outputs[output] }));
      places.push(JSON.stringify(Items));
    }
    for (const canary of canaries) for (const place of places) expect(place.includes(canary)).to.equal(false);
  });

  it("forgets the token of a workspace that removes the app, and not for another's token", async () => {
    await install();
    const { installed_at: installedAt = 0 } = (await rowOf("T0002"))!;
    await laptop.event({ type: "tokens_revoked", tokens: { oauth: ["U0001"], bot: ["UBOT99"] } }, `Ev${newWord()}`);
    await uninstall("T0002");
    const row = (await rowOf("T0002"))!;
    expect(row).not.to.have.any.keys("token", "refresh_token");
    expect(row.erase_at).to.be.within(installedAt + 30 * 86_400, installedAt + 31 * 86_400);
    expect(await rowOf("T0001")).to.include({ status: "installed" });
    await install();
    expect(await rowOf("T0002"))
      .to.include({ status: "installed" })
      .and.not.have.property("erase_at");
    await untilAnswered(IN_SECOND);
  });

  it("counts the same word in each workspace by itself", async () => {
    await install();
    const word = newWord();
    await untilAnswered(IN_FIRST, { word });
    await untilAnswered(IN_SECOND, { word });
  });

  it("has settings for each workspace, which apply within a minute", async () => {
    await install();
    const settings = new TeamSettingsTable(dynamodb, { installationsTable: "installations", teamDefaults: buildTeamSettings() });
    const choose = async (chosen: Partial<TeamSettings>) => {
      const { version } = await settings.read("T0002");
      await settings.write("T0002", buildTeamSettings(chosen), version, new Deadline(10_000));
      await laptop.advance(61);
    };
    await choose({ triggerWords: ["robot"] });
    await untilAnswered(IN_SECOND, { trigger: "robot" });
    await untilAnswered(IN_FIRST);
    await choose({});
    await untilAnswered(IN_SECOND);
  });

  describe("an organisation", () => {
    it("has the app in its workspaces", async () => {
      await uninstall("T0002");
      expect((await install({ enterprise: "E0001" })).status).to.equal(200);
      await untilAnswered(IN_SECOND);
      expect(await rowOf("T0002")).to.include({ organisation: "E0001" });
      expect(await rowOf("E0001")).to.include({ status: "installed" });
    });
  });

  it("takes workspaces in turn: one message of a quiet workspace is in the first batch after a flood of another", async () => {
    for (const team of ["T0001", "T0002"]) if ((await rowOf(team))?.status !== "installed") await install({ team });
    const [lambda, sqs] = [new LambdaClient(laptop.client), new SQSClient(laptop.client)];
    const { EventSourceMappings: [mapping] = [] } = await lambda.send(new ListEventSourceMappingsCommand({ FunctionName: "multiplier" }));
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: "multiplier" }));
    const enable = (Enabled: boolean) => lambda.send(new UpdateEventSourceMappingCommand({ UUID: mapping!.UUID, Enabled }));
    const quiet = newWord();
    const loud = Array.from({ length: FLOOD }, newWord);
    await enable(false);
    try {
      // One after the other. At once, they would start several processes of each function.
      for (const [index, word] of loud.entries())
        await untilTaken(() => laptop.event({ text: `awsadvent ${word}`, ts: `${1763805600 + index}.000300` }, `Ev${word}`));
      // More than a batch.
      await laptop.settles(async () => (await countWaiting(QueueUrl!)) > 10);
      await act("say", { user: "U1001", channel: "C1001", text: `awsadvent ${quiet}` });
      // Another subscriber has handled it, so it is in this queue, too.
      await laptop.settles(async () => {
        const { Items = [] } = await dynamodb.send(new ScanCommand({ TableName: laptop.endpoints.outputs["boardsTable"] }));
        return Items.some(({ token }) => token?.S === quiet);
      });
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 0 }));
      expect(Messages.some(({ Body }) => Body!.includes(quiet))).to.equal(true);
    } finally {
      await enable(true);
    }
    const counted = Object.fromEntries([...loud.map(word => `T0001#${word}`), `T0002#${quiet}`].map(key => [key, 11]));
    await laptop.settles(async () => expect(await countsOf([...loud, quiet])).to.deep.equal(counted));
  });

  it("passes npm run smoke for a workspace that has the app, and refuses one that has not", async () => {
    if ((await rowOf("T0001"))?.status !== "installed") await install({ team: "T0001" });
    const { stdout } = await laptop.operate("smoke", "--team", "T0001", "--json");
    const { checks } = JSON.parse(stdout) as { checks: { name: string; outcome: string }[] };
    expect(checks.filter(({ outcome }) => outcome === "passed").map(({ name }) => name)).to.include.members([
      "event",
      "leaderboard",
      "turn",
    ]);
    const { stderr } = await laptop.operate("smoke", "--team", "T0404");
    expect(stderr).to.include('--team is "T0404", but must be a workspace that has the app: this stack serves many.');
  });

  describe("the Home", () => {
    interface View {
      id: string;
      callback_id: string;
      errors?: Record<string, string>;
      blocks: object[];
    }
    const look = async (path: string): Promise<View | null> => {
      const response = await fetch(`${laptop.endpoints.slack}/${path}?user=U0001`);
      return ((await response.json()) as { view: View | null }).view;
    };
    const shows = (...texts: string[]) =>
      laptop.settles(async () => {
        const view = await look("home");
        for (const text of texts) expect(JSON.stringify(view?.blocks)).to.include(text);
        return view!;
      });
    /** Opens a modal from the Home; returns it. */
    const open = async (home: View, actionId: string): Promise<View> => {
      await act("click", { user: "U0001", viewId: home.id, actionId });
      return laptop.settles(async () => {
        const view = await look("views");
        expect(view).to.include({ callback_id: actionId });
        return view!;
      });
    };
    before(async () => {
      if ((await rowOf("T0001"))?.status !== "installed") await install({ team: "T0001" });
    });

    const submit = (view: View, values: Record<string, string>) => {
      const entered = Object.fromEntries(Object.entries(values).map(([field, value]) => [field, { value }]));
      return act("submit", { user: "U0001", viewId: view.id, values: entered });
    };

    it("claims and releases a resource, and says under the field what is wrong", async () => {
      await act("open-home", { user: "U0001" });
      const claim = await open(await shows("Words of the week", "home_settings"), "home_claim");
      await submit(claim, { name: "two words" });
      await laptop.settles(async () => expect((await look("views"))?.errors).to.have.all.keys("name"));
      await submit(claim, { name: "staging", reason: "a try" });
      const home = await shows("has dibs on `staging`", "dibs_release");
      expect(await look("views")).to.equal(null);
      await act("click", { user: "U0001", viewId: home.id, actionId: "dibs_release" });
      await shows("released `staging`. It is free.");
    });

    for (const { user, ...kill } of [
      { user: "U0002", call: 1, when: "before" },
      { user: "U0003", call: 5, when: "after" },
    ])
      it(`is published by the next try if its function dies ${kill.when} its call ${kill.call}`, async () => {
        await laptop.control("weather", { kill: { function: "home", ...kill } });
        await act("open-home", { user });
        await laptop.settles(async () => {
          const response = await fetch(`${laptop.endpoints.slack}/home?user=${user}`);
          expect(await response.text()).to.include("Words of the week");
          return true;
        }, 1000);
      });

    it("changes the settings of this workspace, and of no other", async () => {
      await install();
      await act("open-home", { user: "U0001" });
      const settings = await open(await shows("home_settings"), "home_settings");
      await submit(settings, { triggerWords: "robot awsadvent" });
      await shows("The settings are changed.");
      // Doors follow within a minute.
      await laptop.advance(61);
      const word = newWord();
      await act("say", { user: "U1001", channel: "C1001", text: `robot ${word}` });
      await untilAnswered(IN_SECOND);
      await act("say", { user: "U0001", channel: "C0001", text: `robot ${word}` });
      const response = () => laptop.command("/words", word);
      await laptop.settles(async () => expect(((await (await response()).json()) as { text: string }).text).to.include("all time"));
      const { Items = [] } = await dynamodb.send(new ScanCommand({ TableName: laptop.endpoints.outputs["wordsTable"] }));
      const words = Items.map(item => item["word"]?.S).filter(each => each?.endsWith(`#${word}`));
      expect(words).to.deep.equal([`T0001#${word}`]);
    });
  });

  it("shows the pages that Slack's review asks for", async () => {
    for (const page of ["privacy", "terms", "support"]) {
      const { status, html } = await new Browser().visit(`${laptop.endpoints.outputs["url"]}/${page}`);
      expect([status, html.includes("<h1>")], page).to.deep.equal([200, true]);
    }
  });

  /** The archive of messages as text. */
  const readArchive = async (): Promise<string> => {
    const s3 = new S3Client({ ...laptop.client, forcePathStyle: true });
    const Bucket = laptop.endpoints.outputs["messageArchiveBucket"];
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
    const texts = Contents.map(async ({ Key }) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      return `${Key}\n${gunzipSync(await Body!.transformToByteArray())}`;
    });
    return (await Promise.all(texts)).join("\n");
  };

  /** Waits until the archive of messages has what was said: a minute later it is encrypted, five minutes later written. */
  const untilArchived = async (isThere: (text: string) => boolean): Promise<string> => {
    await laptop.rest();
    await laptop.advance(61);
    await laptop.advance(301);
    return laptop.settles(async () => {
      const text = await readArchive();
      return isThere(text) ? text : undefined;
    });
  };

  it("keeps messages as dead letters while they can't be encrypted, and archives them when they are redriven", async () => {
    await install();
    await untilArchived(() => true);
    const kms = new KMSClient(laptop.client);
    const key = { KeyId: laptop.endpoints.outputs["messageArchiveKeyArn"] };
    const { QueueUrl } = await new SQSClient(laptop.client).send(new GetQueueUrlCommand({ QueueName: "message-archive-dead-letters" }));
    await kms.send(new DisableKeyCommand(key));
    const { ts } = await act("say", { user: "U1001", channel: "C1001", text: newWord() });
    try {
      await laptop.settles(async () => (await countWaiting(QueueUrl!)) > 0);
    } finally {
      await kms.send(new EnableKeyCommand(key));
    }
    expect((await laptop.operate("redrive", "message-archive")).stdout).to.match(/^[1-9]\d* dead letters? of message-archive redriven\.$/);
    expect(await untilArchived(text => text.includes(`"id":"T0002-C1001-${ts}-events"`))).not.to.match(PLAIN);
  });

  // Last: it moves the time by a month.
  describe("leaving", () => {
    it("erases the data of a workspace that left a month ago, and of no other, also in the archive of messages", async () => {
      // Whatever state the tests before, or a first try, have left.
      for (const team of ["T0001", "T0002"]) if ((await rowOf(team))?.status !== "installed") await install({ team });
      const from = await laptop.nowMs();
      const [first, second] = [newWord(), newWord()];
      await untilAnswered(IN_FIRST, { word: first });
      await untilAnswered(IN_SECOND, { word: second });
      await laptop.control("weather", { kill: { function: "message-archive-encryption", call: 1, when: "after" } });
      const archived = await untilArchived(text => ["T0001", "T0002"].every(team => text.includes(`"id":"${team}-`)));
      expect(archived).not.to.match(PLAIN);
      const range = ["--from", new Date(from).toISOString(), "--to", new Date(await laptop.nowMs()).toISOString()];
      const countWords = async (team: string) => {
        const { Items = [] } = await dynamodb.send(new ScanCommand({ TableName: laptop.endpoints.outputs["wordsTable"] }));
        return Items.filter(item => item["word"]?.S?.startsWith(`${team}#`)).length;
      };
      const before = await countWords("T0002");
      await uninstall("T0001");
      await laptop.advance(31 * 86_400);
      await laptop.settles(async () => expect(await rowOf("T0001")).to.equal(undefined));
      expect([await countWords("T0001"), await countWords("T0002")]).to.deep.equal([0, before]);
      const { stdout } = await laptop.operate("team", "list", "--json");
      const { installations } = JSON.parse(stdout) as { installations: { installation: string }[] };
      expect(installations.map(({ installation }) => installation))
        .to.include("T0002")
        .and.not.include("T0001");

      const logged = () => laptop.output.match(/"source":"logger"[^\n]*"T0002-C1001-/g)?.length ?? 0;
      const loggedBefore = logged();
      const expected = /^[1-9]\d* messages? (?:would be )?published again for logger\.\n[1-9]\d* messages? of erased workspaces skipped: /;
      expect((await laptop.operate("replay", "logger", ...range, "--dry-run")).stdout).to.match(expected);
      const replayed = await laptop.operate("replay", "logger", ...range);
      expect([replayed.stderr, replayed.exitCode]).to.deep.equal(["", 0]);
      expect(replayed.stdout).to.match(expected);
      await laptop.settles(() => logged() > loggedBefore);
      await install({ team: "T0001" });
      expect((await laptop.operate("replay", "logger", ...range, "--dry-run")).stdout, "it has another key").to.match(expected);
    });
  });
});
