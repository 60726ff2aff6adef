/** `npm run doctor`: says what is wrong with a stack, and what to do about it. */
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { WebClient } from "@slack/web-api";
import { formatColumns } from "./checklist";
import { defineScript, runScript } from "./command-line";
import { Background } from "./doctor/background";
import { Doors } from "./doctor/doors";
import { type Finding, type Look, runLooks } from "./doctor/finding";
import { SlackApp } from "./doctor/slack-app";
import { readSecrets, SlackSender } from "./slack-sender";
import { type OperatedStack, readStack } from "./stack-outputs";

const listLooks = (stack: OperatedStack): Look[] => {
  const { outputs, client, page } = stack;
  const config = stack.readConfig();
  const secrets = readSecrets(config);
  const sender = new SlackSender(stack, secrets, { team: "", channel: "", user: "" });
  const token = config["slackBotToken"];
  const slack = token === undefined ? undefined : new WebClient(token, { slackApiUrl: stack.slackApiUrl, retryConfig: { retries: 1 } });
  return [
    ...new Doors(outputs, sender, secrets).looks(),
    ...new SlackApp(slack, outputs).looks(),
    ...new Background({
      outputs,
      config,
      page,
      sns: new SNSClient(client),
      sqs: new SQSClient(client),
      cloudwatch: new CloudWatchClient(client),
      lambda: new LambdaClient(client),
    }).looks(),
  ];
};

const format = (findings: readonly Finding[]): string =>
  formatColumns(findings.map(({ about, state, seen, todo }) => [about, state, todo === undefined ? seen : `${seen} ${todo}`]));

const script = defineScript({
  name: "doctor",
  usage: "[--stack STACK] [--json]",
  help: `Checks a stack from outside: routes, signature, clock, Slack's token and scopes, e-mail subscriptions, dead letters, alarms, quotas and
permissions. Says what to do about each problem. It changes nothing.

  --stack STACK  the stack; "local" (default) is the running laptop cloud`,
  options: { stack: { type: "string", default: "local" } },
  run: async ({ options, report }) => {
    const findings = await runLooks(listLooks(readStack(options.stack)), report);
    const problems = findings.filter(({ state }) => state === "problem").length;
    return {
      text: format(findings),
      json: { findings },
      problem: problems === 0 ? undefined : `${problems} ${problems === 1 ? "problem" : "problems"}.`,
    };
  },
});

if (require.main === module) void runScript(script);

export { script };
