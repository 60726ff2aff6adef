import { expect } from "chai";
import { runWholeProgram } from "./program";
import { RULES } from "./rules";

/** Settings that change different things, in one run, because each run takes a second of the processor. */
const features = '["documents","payroll","dibs","onboarding"]';
const EXTRAS = { messageArchiveDays: "30", multiplier: "0", joinChannels: "true", digestChannel: "C0002", agent: "off", features };
const UNPUBLISHED = { publish: "false", features, messageArchiveDays: "30" };
const BARE = { features: "[]", triggersFrom: "events" };
const MANY = { features, workspaces: "many", messageArchiveDays: "400", eraseAfterDays: "5", tracing: "xray" };

interface Widget {
  x: number;
  y: number;
  width: number;
  height: number;
  properties: { title: string; region: string; metrics: [namespace: string, metricName: string, ...(string | object)[]][] };
}

describe("index", () => {
  const commandsOf = (outputs: Record<string, unknown>) =>
    (outputs["slackManifest"] as { features: { slash_commands: { command: string }[] } }).features.slash_commands.map(
      ({ command }) => command,
    );

  it("has an agent, its outputs, and /ask in the manifest, if one is configured", async () => {
    const { inventory, outputs } = await runWholeProgram();

    expect(outputs).to.include.keys("mcpUrl", "agentQueueUrl", "tasksTable");
    expect(outputs["mcpUrl"]).to.equal(`${outputs["url"]}/mcp`);
    expect(outputs["subscribers"]).to.include.keys("stopper", "agent");
    expect(commandsOf(outputs)).to.deep.equal(["/words", "/archive", "/dibs", "/ask"]);
    expect(inventory.ofType("awsx:ecs:FargateService").map(({ name }) => name)).to.deep.equal(["agent"]);
  });

  it("has the address of each door that answers Slack as an output", async () => {
    const { outputs } = await runWholeProgram();

    for (const door of ["webhook", "events", "commands", "interactions"])
      expect(outputs[`${door}Url`]).to.equal(`${outputs["url"]}/${door}`);
    expect(outputs).to.not.have.any.keys("dibsApiUrl", "gatewayUrl");
  });

  it("registers everything that has dead letters for redrive", async () => {
    const { inventory, outputs } = await runWholeProgram();
    const deadLetters = inventory.ofType("aws:sqs/queue:Queue").filter(({ name }) => name.endsWith("-dead-letters"));
    const redrivables = outputs["redrivables"] as Record<string, { deadLettersUrl: string }>;

    expect(Object.values(redrivables).map(({ deadLettersUrl }) => deadLettersUrl)).to.have.members(
      deadLetters.map(queue => queue.outputs["url"]),
    );
    expect(redrivables).to.include.keys("multiplier", "agent", "notifier", "relay", "dibs", "payroll-start");
  });

  it("archives messages only if told for how long, and only where there are any", async () => {
    const { inventory, outputs } = await runWholeProgram(EXTRAS);
    expect(outputs).to.deep.include({ messageArchiveBucket: "message-archive", messageArchiveDays: 30 });
    expect(outputs["redrivables"]).to.include.keys("message-archive");
    expect(inventory.ofType("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream")).to.have.lengthOf(1);

    for (const { outputs: without } of [await runWholeProgram(), await runWholeProgram(UNPUBLISHED)])
      expect(without).not.to.have.any.keys("messageArchiveBucket", "messageArchiveDays");
  });

  it("archives messages of many workspaces under a key for each, and what was not encrypted for a few days only", async () => {
    const { inventory, outputs } = await runWholeProgram(MANY);
    expect(outputs["messageArchiveKeyArn"]).to.match(/^arn:aws:kms:/);
    const [stream] = inventory.ofType("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream");
    const encryption = inventory.ofType("aws:lambda/function:Function").find(({ name }) => name === "message-archive-encryption")!;
    expect(stream!.inputs["extendedS3Configuration"].processingConfiguration).to.deep.equal({
      enabled: true,
      processors: [
        { type: "Lambda", parameters: [{ parameterName: "LambdaArn", parameterValue: `${encryption.outputs["arn"]}:$LATEST` }] },
      ],
    });
    const lifecycle = inventory.ofType("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration");
    const rules: { filter: object; expiration?: object }[] = lifecycle.find(({ name }) => name === "message-archive")!.inputs["rules"];
    expect(rules.map(({ filter, expiration }) => ({ filter, expiration }))).to.deep.include.members([
      { filter: {}, expiration: { days: 400 } },
      { filter: { prefix: "errors/" }, expiration: { days: 5 } },
    ]);

    const { inventory: one } = await runWholeProgram(EXTRAS);
    const names = one.resources.map(({ name }) => name).filter(name => name.includes("encryption"));
    expect([names, one.ofType("aws:kms/key:Key")]).to.deep.equal([[], []]);
  });

  it("has none of them if the agent is off", async () => {
    const { inventory, outputs } = await runWholeProgram(EXTRAS);

    expect(outputs).to.include.keys("webhookUrl").and.not.have.any.keys("mcpUrl", "agentQueueUrl", "tasksTable");
    expect(commandsOf(outputs)).to.deep.equal(["/words", "/archive", "/dibs"]);
    const functions = inventory.ofType("aws:lambda/function:Function").map(({ name }) => name);
    expect(functions).to.include("webhook");
    expect(functions.filter(name => ["gateway", "stopper"].includes(name))).to.deep.equal([]);
    const policies = inventory.ofType("aws:iam/rolePolicy:RolePolicy").map(({ inputs }) => String(inputs["policy"]));
    expect(policies.filter(policy => policy.includes("agent-tasks"))).to.deep.equal([]);
  });

  it("has no multiplier if it would add nothing", async () => {
    const { inventory, outputs } = await runWholeProgram(EXTRAS);

    expect(inventory.resources.filter(({ name }) => name.includes("multiplier"))).to.deep.equal([]);
    expect(outputs["subscribers"]).to.include.keys("leaderboard").and.not.have.property("multiplier");
  });

  it("has no webhook if triggers come from events, and lets the events door read what it answers with", async () => {
    const { inventory, outputs } = await runWholeProgram(BARE);

    expect(outputs).to.include.keys("eventsUrl").and.not.have.property("webhookUrl");
    expect(inventory.resources.filter(({ name }) => name.startsWith("webhook"))).to.deep.equal([]);
    const policies = inventory.ofType("aws:iam/rolePolicy:RolePolicy").filter(({ name }) => name.startsWith("events"));
    const policy = policies.map(({ inputs }) => String(inputs["policy"])).join();
    expect(policy).to.include("table/words/index/by-level").and.to.include("table/boards/index/by-level");
    const { inventory: usual } = await runWholeProgram();
    const usualPolicy = usual.ofType("aws:iam/rolePolicy:RolePolicy").find(({ name }) => name.startsWith("events"));
    expect(String(usualPolicy?.inputs["policy"])).not.to.include("by-level");
    expect(usual.resources.filter(({ name }) => name === "notifier-messages")).to.deep.equal([]);
  });

  describe("for many workspaces", () => {
    const OURS = /^(installations|installation-tokens|install|install-callback|token-refresher)$/;
    const listNames = ({ inventory }: Awaited<ReturnType<typeof runWholeProgram>>) => [
      ...new Set(inventory.resources.map(({ name }) => name).filter(name => OURS.test(name))),
    ];

    it("has an install door, installations and a key; for one, it has none of them", async () => {
      const { inventory, outputs, ...rest } = await runWholeProgram(MANY);
      expect(listNames({ inventory, outputs, ...rest })).to.have.members([
        "installations",
        "installation-tokens",
        "install",
        "install-callback",
      ]);
      expect(outputs["installUrl"]).to.equal(`${outputs["url"]}/install`);
      expect(outputs).not.to.have.any.keys("webhookUrl", "teamId");
      const routes = inventory.ofType("aws:apigatewayv2/route:Route").map(({ inputs }) => inputs["routeKey"]);
      expect(routes).to.include.members(["GET /install", "GET /install/callback"]).and.not.include("POST /webhook");
      const variables = inventory.ofType("aws:lambda/function:Function").map(({ inputs }) => inputs["environment"].variables);
      expect(JSON.stringify(variables)).not.to.include("ACCESS_TOKEN");

      const one = await runWholeProgram();
      expect(listNames(one)).to.deep.equal([]);
      expect(one.outputs).not.to.have.any.keys("installUrl", "installationsTable");
    });

    it("limits the agents' tasks of each workspace, and posts for many at once", async () => {
      const read = async (changes: Record<string, string>) => {
        const { inventory } = await runWholeProgram(changes);
        const inputs = JSON.stringify(inventory.resources.map(resource => resource.inputs));
        const mapping = inventory.ofType("aws:lambda/eventSourceMapping:EventSourceMapping").find(({ name }) => name === "notifier");
        const limit = /"name":"TASKS_PER_TEAM","value":"(\d+)"/.exec(inputs)?.[1];
        return [limit, mapping?.inputs["scalingConfig"].maximumConcurrency];
      };
      expect(await read(MANY)).to.deep.equal(["4", 20]);
      expect(await read({})).to.deep.equal([undefined, 2]);
    });
  });

  it("traces every function and pipeline with tracing: xray", async () => {
    const isTraced = ({ type, inputs }: (typeof all)[number]) =>
      type.startsWith("aws:lambda/function:") ? inputs["tracingConfig"]?.mode === "Active" : inputs["tracingConfiguration"]?.enabled;
    const { inventory } = await runWholeProgram(MANY);
    const all = inventory.resources.filter(({ type }) => /^aws:(lambda\/function|sfn\/stateMachine):/.test(type));
    expect(all.filter(each => !isTraced(each)).map(({ name }) => name)).to.deep.equal([]);
    const roles = inventory.ofType("aws:iam/rolePolicy:RolePolicy");
    expect(RULES["has no wildcard in a policy, except the named ones"](roles)).to.deep.equal([]);
  });

  it("joins channels only if the setting says so", async () => {
    const joiners = async (changes: Record<string, string>) => {
      const { inventory, outputs } = await runWholeProgram(changes);
      const { scopes } = (outputs["slackManifest"] as { oauth_config: { scopes: { bot: string[] } } }).oauth_config;
      const names = inventory.ofType("aws:lambda/function:Function").map(({ name }) => name);
      return [names.includes("joiner"), scopes.bot.includes("channels:join")];
    };

    expect(await joiners({})).to.deep.equal([false, false]);
    expect(await joiners(EXTRAS)).to.deep.equal([true, true]);
  });

  it("has a digest on Mondays at nine, if a channel is set", async () => {
    const { inventory } = await runWholeProgram(EXTRAS);
    const schedule = inventory.ofType("aws:scheduler/schedule:Schedule").find(({ name }) => name === "digest");
    expect(schedule?.inputs).to.include({ scheduleExpression: "cron(0 9 ? * MON *)" });

    const without = await runWholeProgram();
    expect(without.inventory.resources.filter(({ name }) => name.includes("digest"))).to.deep.equal([]);
  });

  it("only counts if nothing is published", async () => {
    const { inventory, outputs } = await runWholeProgram(UNPUBLISHED);

    expect(outputs).to.include.keys("webhookUrl", "payrollStateMachineArn", "apiUrl").and.not.have.property("messagesTopicArn");
    expect(outputs).to.not.have.any.keys("archiveBucket", "onboardingStateMachineArn", "agentQueueUrl");
    expect(outputs["subscribers"]).to.deep.equal({});
    expect(commandsOf(outputs)).to.deep.equal(["/words", "/dibs"]);
    const off = /^(messages|multiplier|leaderboard|logger|archiver|documents|onboarding|agent)/;
    expect(inventory.resources.filter(({ name }) => off.test(name)).map(({ name }) => name)).to.deep.equal([]);
    expect(inventory.ofType("aws:sns/topic:Topic").map(({ name }) => name)).to.have.members(["successes", "errors"]);
  });

  it("has onboarding only if the stack asks for it", async () => {
    const { outputs: usual } = await runWholeProgram();
    const { outputs } = await runWholeProgram(EXTRAS);

    expect(usual).not.to.have.any.keys("accountsTable", "onboardingStateMachineArn");
    expect(usual["subscribers"]).not.to.have.any.keys("onboarding-directory", "onboarding-helpdesk");
    expect(outputs).to.include.keys("accountsTable", "onboardingStateMachineArn");
    expect(outputs["subscribers"]).to.include.keys("onboarding-directory", "onboarding-helpdesk");
  });

  it("creates nothing for features that are off, except the doors that say so", async () => {
    const { inventory, outputs } = await runWholeProgram(BARE);

    expect(outputs).to.include.keys("eventsUrl", "mcpUrl").and.not.have.any.keys("apiUrl", "dibsTable", "archiveBucket", "filesTable");
    expect(outputs).not.to.have.any.keys("documentsStateMachineArn", "rawDataBucket", "paystubsBucket", "payrollStateMachineArn");
    expect(outputs["subscribers"]).not.to.include.keys("archiver");
    expect(commandsOf(outputs)).to.deep.equal(["/words", "/ask"]);
    const left = inventory.resources
      .filter(({ name }) => /^(documents|payroll|dibs|archiver|onboarding)/.test(name))
      .map(({ name }) => name);
    expect(left.filter(name => !name.startsWith("dibs-api"))).to.deep.equal([]);
    const api = inventory.ofType("aws:iam/rolePolicy:RolePolicy").find(({ name }) => name.startsWith("dibs-api"));
    expect(String(api?.inputs["policy"])).not.to.include("dynamodb");
  });

  it("has no domain of its own on the laptop, which refuses it by name", async () => {
    const error = await runWholeProgram({ domain: "slack.example.com", domainZone: "Z1" }).catch(error => error as Error);

    expect((error as Error).message).to.match(/^"api-domain" is a aws:\S+, which the laptop cloud does not imitate\.$/);
  });

  describe("dashboard", () => {
    let widgets: Widget[];
    let names: unknown[];

    before(async () => {
      const { inventory } = await runWholeProgram();
      const [dashboard] = inventory.ofType("aws:cloudwatch/dashboard:Dashboard");
      widgets = JSON.parse(dashboard!.inputs["dashboardBody"]).widgets;
      names = inventory.resources.flatMap(({ outputs }) => [outputs["name"], outputs["id"]]);
    });

    const metricsOf = (title: string) => widgets.find(({ properties }) => properties.title === title)?.properties.metrics ?? [];

    it("shows the acks of every door, and the lag of every subscriber", () => {
      expect(metricsOf("Acks, milliseconds")).to.deep.include([
        "slack-fanout",
        "AckMs",
        "service",
        "webhook",
        { stat: "p99", label: "webhook p99" },
      ]);
      const labels = metricsOf("Lag by subscriber, milliseconds").map(metric => (metric.at(-1) as { label: string }).label);
      expect(labels).to.include.members(["multiplier Maximum", "leaderboard Maximum", "logger Maximum", "archiver Maximum"]);
    });

    it("names only resources that the stack has", () => {
      const dimensions = widgets.flatMap(({ properties }) => properties.metrics.map(metric => metric[3]));
      expect(dimensions).to.have.length.greaterThan(20);
      for (const value of dimensions) expect(names).to.include(value);
      for (const { properties } of widgets) expect(properties.region).to.equal("us-east-1");
    });

    it("lays the graphs out in CloudWatch's 24 columns, none over another", () => {
      const cells = widgets.map(({ x, y }) => `${x} ${y}`);
      expect(new Set(cells).size).to.equal(cells.length);
      for (const { x, width } of widgets) expect(x + width).to.be.at.most(24);
    });
  });
});
