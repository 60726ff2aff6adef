import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebClient } from "@slack/web-api";
import { createControls } from "@slack-fanout/laptop-cloud/controls";
import { ecs } from "@slack-fanout/laptop-cloud/services/ecs";
import { iam } from "@slack-fanout/laptop-cloud/services/iam";
import { logs } from "@slack-fanout/laptop-cloud/services/logs";
import { sqs } from "@slack-fanout/laptop-cloud/services/sqs";
import { eventually, startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { createSlack } from "@slack-fanout/pretend-slack/service";
import { expect } from "chai";
import type { Browser, Page } from "playwright-core";
import { type Doors, startDoors } from "../../packages/pretend-slack/test/doors";
import { buildProgram, secrets } from "../../packages/pretend-slack/test/workspace";
import { startBrowser } from "./browser";
import { ourPage } from "./our-page";

const account = "000000000000";
const queueArn = `arn:aws:sqs:us-east-1:${account}:jobs`;
const repositoryUrl = `${account}.dkr.ecr.us-east-1.amazonaws.com/worker`;
const agentToken = "a-token-of-the-agent";

/** Logs a line, and runs until it is stopped. */
const code = `console.log("ready to work"); setInterval(() => {}, 1000);`;

const declare = (folder: string) => [
  {
    type: "aws:iam/role:Role",
    name: "worker-task",
    inputs: {
      assumeRolePolicy: JSON.stringify({
        Statement: [{ Effect: "Allow", Principal: { Service: "ecs-tasks.amazonaws.com" }, Action: "sts:AssumeRole" }],
      }),
      inlinePolicies: [
        { name: "own", policy: JSON.stringify({ Statement: [{ Effect: "Allow", Action: ["sqs:ReceiveMessage"], Resource: queueArn }] }) },
      ],
    },
  },
  { type: "aws:sqs/queue:Queue", name: "jobs", inputs: {} },
  { type: "aws:ecs/cluster:Cluster", name: "main", inputs: {} },
  { type: "awsx:ecr:Image", name: "worker", inputs: { repositoryUrl, context: { path: folder } } },
  {
    type: "awsx:ecs:FargateService",
    name: "worker",
    inputs: {
      cluster: `arn:aws:ecs:us-east-1:${account}:cluster/main`,
      desiredCount: 1,
      taskDefinitionArgs: {
        taskRole: { roleArn: `arn:aws:iam::${account}:role/worker-task` },
        container: {
          name: "worker",
          image: `${repositoryUrl}:worker`,
          command: ["node", "worker.js"],
          memory: 512,
          environment: [
            { name: "QUEUE", value: "jobs" },
            { name: "MCP_TOKEN", value: agentToken },
          ],
        },
      },
    },
  },
];

describe("page of a program with containers", () => {
  let browser: Browser;
  let doors: Doors;
  let directory: string;
  let laptop: Awaited<ReturnType<typeof startLaptop>>;
  let page: Page;
  const errors: string[] = [];

  before(async function () {
    browser = await startBrowser(this);
    page = await browser.newPage({ viewport: { width: 1280, height: 800 }, reducedMotion: "reduce" });
    page.on("pageerror", error => errors.push(error.message));
    page.on("console", message => {
      if (message.type() === "error") errors.push(message.text());
    });
  });

  after(async () => {
    await browser?.close();
  });

  beforeEach(async () => {
    doors = await startDoors();
    directory = await mkdtemp(join(tmpdir(), "slack-fanout-test-"));
    const folder = join(directory, "image");
    await mkdir(folder);
    await writeFile(join(folder, "worker.js"), code);
    const program = () => buildProgram(doors.url);
    laptop = await startLaptop({
      definitions: [iam, logs, sqs, ecs, createSlack(program), createControls(program), ourPage],
      resources: declare(folder),
      directory,
    });
    laptop.cloud.inventory.ofType("awsx:ecs:FargateService")[0]!.secrets.push("taskDefinitionArgs.container.environment.1.value");
    errors.length = 0;
    await page.goto(laptop.cloud.place.pageUrl);
    await page.getByText("live", { exact: true }).waitFor();
  });

  afterEach(async () => {
    await page.goto("about:blank");
    await laptop.stop();
    await doors.stop();
    await rm(directory, { recursive: true });
    expect(errors, "errors in the browser").to.deep.equal([]);
  });

  const processOf = (row: number) =>
    page.getByRole("region", { name: "Tasks of worker" }).locator("tbody tr").nth(row).locator("td").nth(1).textContent();

  it("shows a service's tasks as they stop and start, and their logs", async () => {
    await page.getByRole("button", { name: "worker, container, 1 running" }).click();
    await page.getByText("1 task runs.").waitFor();
    const first = Number(await processOf(0));
    expect(process.kill(first, 0)).to.equal(true);
    await page.getByRole("tab", { name: "Logs" }).click();
    await page.getByText("ready to work").waitFor();

    await page.getByRole("tab", { name: "Tasks" }).click();
    process.kill(first, "SIGKILL");
    await page.getByText("exit code 137, Essential container in task exited").waitFor();
    // The service may wait before it replaces a task that stopped early.
    await page.getByRole("button", { name: "+1 min", exact: true }).click();
    await page.getByRole("button", { name: "worker, container, 1 running, 1 error" }).waitFor();
    await page.getByText("1 task runs.").waitFor();
    expect(Number(await processOf(0))).to.not.equal(first);
  });

  it("shows its environment without secrets, and its unused grants", async () => {
    await page.getByRole("button", { name: /^worker, container/ }).click();
    await page.getByRole("tab", { name: "Environment" }).click();
    await page.getByRole("row", { name: "QUEUE jobs" }).waitFor();
    await page.getByRole("row", { name: "MCP_TOKEN [secret]" }).waitFor();
    await page.getByText("node worker.js, memory 512").waitFor();
    expect(await page.content()).to.not.contain(agentToken);
    await page.getByRole("tab", { name: "Role" }).click();
    await page.getByText("Role worker-task: 1 grants, 1 not used since the start.").waitFor();
    await page.getByRole("row", { name: "sqs:ReceiveMessage jobs granted but unused" }).waitFor();
  });

  it("renders a card of blocks, and updates it in place", async () => {
    const client = new WebClient(secrets.bot, { slackApiUrl: `${laptop.cloud.place.pageUrl}/slack/api/` });
    const stop = {
      type: "button",
      action_id: "agent_stop",
      text: { type: "plain_text", text: "Stop" },
      style: "danger",
      value: "1",
    } as const;
    const docs = { type: "button", action_id: "docs", text: { type: "plain_text", text: "Docs" }, url: "https://example.com/" } as const;
    const blocks = (state: string) => [
      { type: "header", text: { type: "plain_text", text: "*A task* :white_check_mark:" } } as const,
      { type: "section", text: { type: "mrkdwn", text: `:arrow_forward: *${state}* for <@U0001>\n&gt; what was asked` } } as const,
      { type: "divider" } as const,
      {
        type: "context",
        elements: [
          { type: "mrkdwn", text: "step `2`" },
          { type: "plain_text", text: "of *3*" },
        ],
      } as const,
      { type: "actions", elements: state === "Working" ? [stop, docs] : [docs] } as const,
    ];
    const { ts } = await client.chat.postMessage({ channel: "C0001", text: "a card", blocks: blocks("Working") });
    const card = page.locator(`li[data-row="${ts}"]`);
    await card.getByRole("heading", { name: "*A task* ✔" }).waitFor();
    await card.locator("b", { hasText: "Working" }).waitFor();
    await card.locator("blockquote", { hasText: "what was asked" }).waitFor();
    await card.locator("code", { hasText: "2" }).waitFor();
    await card.getByText("of *3*").waitFor();
    expect(await card.getByRole("link", { name: "Docs" }).getAttribute("href")).to.equal("https://example.com/");
    await card.getByRole("button", { name: "Stop" }).click();
    const pressed = await eventually(() => doors.at("/interactions")[0]);
    expect(new URLSearchParams(pressed.body).get("payload")).to.contain('"action_id":"agent_stop"');

    await client.chat.update({ channel: "C0001", ts: ts!, text: "a card", blocks: blocks("Done") });
    await card.locator("b", { hasText: "Done" }).waitFor();
    expect(await card.getByRole("button", { name: "Stop" }).count()).to.equal(0);
    expect(await page.locator("li[data-row]").count()).to.equal(1);
  });
});
